import { assertPasswordAllowed } from '../credentials/password-policy.ts';
import type { AppClientStore } from '../app-clients/app-client-store.ts';
import type { RequestContext } from '../access/request-context.ts';
import { assertForeignIdentity } from '../credential-limits/own-issuer.ts';
import { Failure, summarizeIssues } from '../kernel/failure.ts';
import { getInvitationStatus } from '../invitations/invitation.ts';
import type { InvitationSettings } from '../invitations/invite.ts';
import { reinvite } from '../invitations/reinvite.ts';
import { buildIdempotencyRecord, type IdempotentRequest, replayResponse } from './idempotency.ts';
import type { Keyring } from '../kernel/keyring.ts';
import { assertAffordableHash } from '../credentials/hash-cost.ts';
import { hashPassword, type HashingCost } from '../credentials/hash-password.ts';
import type { Policy } from '../access/policy.ts';
import { collectPermissions } from '../roles/role.ts';
import type { TenantStore, TenantWithRoles } from '../tenants/tenant.ts';
import { assertStrongHash } from '../credentials/hash-strength.ts';
import { buildCreationRecord, buildUser } from './new-user.ts';
import type { CreateUserInput, User, UserStore } from './user.ts';
import { assertAppClient } from '../app-clients/assert-app-client.ts';
import { collectPersonalWords } from '../credentials/personal-words.ts';

interface CreateOptions {
  readonly idempotency?: IdempotentRequest | undefined;
  readonly reinvitesExpired?: boolean | undefined;
  /** Reads tenant, roles and the rights of the caller strongly, for grants. */
  readonly readCurrentContext: () => Promise<RequestContext>;
}

export interface CreateUserDependencies extends InvitationSettings {
  readonly policy: Policy;
  readonly appClients: Pick<AppClientStore, 'find' | 'get'>;
  readonly users: UserStore;
  readonly tenants: TenantStore;
  readonly minimumPasswordLength: number;
  readonly hashingCost: HashingCost;
  readonly keyring: Keyring;
  readonly ownIssuer: { readonly issuer: string };
}

/**
 * Creates a user in the tenant of the call. Throws `forbidden`, `invalid_roles`, `invalid_app_client`,
 * `password_rejected`, `user_exists`, `idempotency_mismatch`, `too_many_requests` or `unavailable`; after any but the last nothing has been
 * written. Where the same `repeatable` request has been answered before, that answer comes back and nothing else happens.
 * Where it `invitesAgain`, an address whose invitation has expired is invited anew, and the user it has is returned.
 * A user without roles and credentials is created in one request to the database, every other one in two.
 */
export async function createUser(
  input: CreateUserInput,
  { idempotency, reinvitesExpired, readCurrentContext }: CreateOptions,
  cachedContext: RequestContext,
  deps: CreateUserDependencies,
): Promise<{ readonly user: User } | { readonly replay: string }> {
  const { password, passwordHash, acceptWeakPasswordHash, ...draft } = input;
  const context = givesRights(input) ? await readCurrentContext() : cachedContext;
  const { tenant } = context;
  // Before anything else, so that a caller without the right learns nothing about what exists.
  authorizeCreate(draft, context, deps.policy);

  assertForeignIdentity(draft.identity, deps.ownIssuer);
  assertRoles(draft.roles, tenant);
  if (draft.appClientId !== undefined)
    await assertAppClient(draft.appClientId, tenant.tenantId, deps);
  if (password !== undefined)
    await assertPasswordAllowed(password, {
      minimumLength: deps.minimumPasswordLength,
      personalWords: collectPersonalWords(draft, tenant),
    });
  if (passwordHash !== undefined) {
    assertAffordableHash(passwordHash, 'passwordHash');
    if (!acceptWeakPasswordHash) assertStrongHash(passwordHash, 'passwordHash');
  }

  const user = buildUser({ password, passwordHash, ...draft }, context, deps);
  const idempotencyRecord =
    idempotency &&
    (await buildIdempotencyRecord(idempotency, user, context, deps.keyring, deps.now()));
  const creating = deps.users.create(user, {
    creation: { ...buildCreationRecord(context), idempotencyId: idempotencyRecord?.id },
    uniqueness: tenant.uniqueness,
    passwordHash:
      password === undefined ? passwordHash : await hashPassword(password, deps.hashingCost),
    idempotencyRecord,
    deadline: context.deadline,
  });
  const existing = await creating.catch(async (error: unknown) => {
    if (!reinvitesExpired || !isEmailTaken(error)) throw error;
    const currentContext = await readCurrentContext();
    authorizeCreate(draft, currentContext, deps.policy);
    const invited = await reinviteExpired(draft.email, currentContext, deps);
    if (!invited) throw error;
    return { invited };
  });
  if (existing && 'invited' in existing) return { user: existing.invited };
  return existing && idempotencyRecord
    ? { replay: replayResponse(existing, idempotencyRecord.fingerprint, user) }
    : { user };
}

/** True if the new user gets roles or a credential. That is permanent, so it is decided on current data. */
const givesRights = ({ roles, password, passwordHash, identity }: CreateUserInput): boolean =>
  roles.length > 0 ||
  password !== undefined ||
  passwordHash !== undefined ||
  identity !== undefined;

function authorizeCreate(
  { roles }: Pick<CreateUserInput, 'roles'>,
  context: RequestContext,
  policy: Policy,
): void {
  policy.authorize(context, 'createUser', {
    grantedPermissions: collectPermissions(roles, context.tenant.roles),
    assignsRoles: roles.length > 0,
  });
}

const isEmailTaken = (error: unknown): boolean =>
  error instanceof Failure && error.code === 'user_exists' && error.details.field === 'email';

/** Within this time a request may be the one before, whose answer was lost. Milliseconds. */
const retryWindowMs = 60_000;

/** Invites the user with this address again, if there is one whose invitation has expired; or has just done so, at the same caller's request. */
async function reinviteExpired(
  email: string,
  context: RequestContext,
  deps: CreateUserDependencies,
): Promise<User | undefined> {
  const user = await deps.users.get(context.tenant.tenantId, { email }, false);
  const invitation = user?.status === 'invite_pending' ? user.invitation : undefined;
  if (!user || !invitation) return undefined;
  const now = deps.now();
  const status = getInvitationStatus(invitation, now);
  if (status === 'expired') return reinvite({ userId: user.userId }, undefined, context, deps);
  const isRepeated =
    invitation.version > 1 &&
    invitation.invitedBy === context.principal.subject &&
    now.getTime() - Date.parse(invitation.invitedAt) < retryWindowMs;
  return status === 'pending' && isRepeated ? user : undefined;
}

/**
 * Throws `invalid_roles` unless each of these is a role of the tenant, or one of `assigned`: clients send back what they have read,
 * deleted roles included.
 */
export function assertRoles(
  slugs: readonly string[],
  { roles }: TenantWithRoles,
  assigned: readonly string[] = [],
): void {
  const isKnown = (slug: string) => roles.has(slug) || assigned.includes(slug);
  const issues = slugs.flatMap((slug, index) =>
    isKnown(slug) ? [] : [{ path: `roles.${index}`, message: 'must be a role of this tenant' }],
  );
  if (issues.length > 0)
    throw new Failure('invalid_roles', summarizeIssues(issues), {
      details: { field: 'roles', issues },
    });
}
