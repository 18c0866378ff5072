import { findMissing } from '../access/permissions.ts';
import type { Policy } from '../access/policy.ts';
import type { RequestContext } from '../access/request-context.ts';
import type { AppClientStore } from '../app-clients/app-client-store.ts';
import { assertAppClient } from '../app-clients/assert-app-client.ts';
import type { LockDependencies } from '../connections/managed-lock.ts';
import { acceptHash } from '../credentials/hash-import/accept-hash.ts';
import { hashPassword, type HashingCost } from '../credentials/hash-password.ts';
import { assertPasswordAllowed, getMinimumLength } from '../credentials/password-policy.ts';
import { collectPersonalWords } from '../credentials/personal-words.ts';
import type { InvitationSettings } from '../invitations/invite.ts';
import { Failure, invalidInput } from '../kernel/failure.ts';
import type { Keyring } from '../kernel/keyring.ts';
import type { Timestamp } from '../kernel/time.ts';
import { assertRoles } from '../roles/assert-roles.ts';
import { collectPermissions } from '../roles/role.ts';
import type { TenantStore } from '../tenants/tenant-store.ts';
import type { TenantWithRoles } from '../tenants/tenant.ts';
import { buildIdempotencyRecord, type IdempotentRequest, replayResponse } from './idempotency.ts';
import { buildCreationRecord, buildUser, type NewUserInput } from './new-user.ts';
import type { UserStore } from './user-store.ts';
import { assertForeignIdentity, type CreateUserInput, type User } from './user.ts';

export interface CreateUserRequest {
  readonly input: CreateUserInput;
  readonly idempotency?: IdempotentRequest | undefined;
  /** Reads tenant, roles and the caller's permissions with strong consistency. */
  readonly readCurrentContext: () => Promise<RequestContext>;
}

/** The created user, or the response to an earlier request with the same idempotency key. */
export type CreateUserResult = { readonly user: User } | { readonly replay: string };

export interface CreateUserDependencies extends InvitationSettings, LockDependencies {
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
 * Creates a user. Throws `forbidden`, `invalid_roles`, `invalid_app_client`, `password_rejected`,
 * `user_exists`, `idempotency_mismatch`, `too_many_requests` or `unavailable`. Only `unavailable`
 * leaves the outcome unknown. A user without roles and credentials costs one database request, any
 * other user two, also if the role is the tenant's default.
 */
export async function createUser(
  { idempotency, readCurrentContext, ...request }: CreateUserRequest,
  cachedContext: RequestContext,
  deps: CreateUserDependencies,
): Promise<CreateUserResult> {
  const cachedInput = withRoles(request.input, cachedContext.tenant);
  const context = grantsAccess(cachedInput) ? await readCurrentContext() : cachedContext;
  const input = withRoles(request.input, context.tenant);
  const { tenant } = context;
  // First, so a caller without the permission learns nothing about existing data.
  authorizeCreate(request.input, context, deps.policy);
  const requestedAt = deps.now();
  assertPast(input.createdAt, requestedAt);
  const { acceptWeakPasswordHash, ...newUser } = input;
  const { password } = newUser;
  await assertValid(newUser, tenant, deps);
  const acceptsWeak = acceptWeakPasswordHash === true;
  const passwordHash =
    newUser.passwordHash === undefined
      ? undefined
      : await acceptHash(newUser.passwordHash, { acceptsWeak });

  const user = buildUser(newUser, context, deps);
  const idempotencyRecord =
    idempotency && (await buildIdempotencyRecord({ request: idempotency, user }, context, deps));
  const existing = await deps.users.create(user, {
    creation: {
      ...buildCreationRecord(context),
      requestedAt: input.createdAt === undefined ? undefined : requestedAt.toISOString(),
      idempotencyId: idempotencyRecord?.id,
    },
    uniqueness: tenant.uniqueness,
    passwordHash:
      password === undefined ? passwordHash : await hashPassword(password, deps.hashingCost),
    idempotencyRecord,
    deadline: context.deadline,
  });
  if (!existing || !idempotencyRecord || !idempotency) return { user };
  const { fingerprint } = idempotencyRecord;
  return { replay: replayResponse(existing, { ...idempotency, fingerprint }, user) };
}

/**
 * True if the new user gets roles, a credential or a verified email. Such a decision is permanent
 * and needs current data.
 */
const grantsAccess = ({
  roles,
  password,
  passwordHash,
  identity,
  emailVerified,
}: NewUserInput): boolean =>
  roles.length > 0 ||
  emailVerified === true ||
  password !== undefined ||
  passwordHash !== undefined ||
  identity !== undefined;

/**
 * Gives a new user without a list of roles the default role of the tenant. A deleted default role
 * has no effect.
 */
function withRoles<Input extends Pick<CreateUserInput, 'roles'>>(
  { roles, ...input }: Input,
  tenant: TenantWithRoles,
) {
  const { defaultRole } = tenant;
  const defaultRoles =
    defaultRole !== undefined && tenant.roles.has(defaultRole) ? [defaultRole] : [];
  return { ...input, roles: roles ?? defaultRoles };
}

/** Throws `forbidden` unless the policies permit creating a user like this. */
export function authorizeCreate(
  input: Pick<CreateUserInput, 'roles' | 'emailVerified'>,
  context: RequestContext,
  policy: Policy,
): void {
  const { roles, emailVerified = false } = withRoles(input, context.tenant);
  const grantedPermissions = collectPermissions(roles, context.tenant.roles);
  const getsDefaultRole = input.roles === undefined && roles.length > 0;
  try {
    policy.authorize(context, 'createUser', {
      grantedPermissions,
      assignsRoles: roles.length > 0,
      verifiesEmail: emailVerified,
    });
  } catch (error) {
    const exceedsCaller = findMissing(grantedPermissions, context.principal.permissions).length > 0;
    throw getsDefaultRole && exceedsCaller ? addDefaultRoleNotice(error) : error;
  }
}

/** Adds the reason to the denial of a role that the request does not name. */
function addDefaultRoleNotice(error: unknown): unknown {
  if (!(error instanceof Failure) || error.code !== 'forbidden') return error;
  const notice =
    'The request names no roles, so the user would get the default role of the tenant. Send an empty list for a user without roles.';
  return new Failure(error.code, error.message, {
    details: error.details,
    missingPermissions: error.missingPermissions,
    notices: [...error.notices, notice],
  });
}

/** Throws `invalid_input` for a creation time in the future. */
function assertPast(createdAt: Timestamp | undefined, now: Date): void {
  if (createdAt !== undefined && Date.parse(createdAt) > now.getTime())
    throw invalidInput({ path: 'createdTime', message: 'cannot be in the future' });
}

async function assertValid(
  input: NewUserInput,
  tenant: TenantWithRoles,
  deps: CreateUserDependencies,
): Promise<void> {
  const { roles, identity, appClientId, password } = input;
  assertForeignIdentity(identity, deps.ownIssuer);
  assertRoles(roles, tenant);
  if (appClientId !== undefined) await assertAppClient(appClientId, tenant.tenantId, deps);
  if (password !== undefined) {
    await assertPasswordAllowed(password, {
      minimumLength: getMinimumLength(tenant, deps.minimumPasswordLength),
      personalWords: collectPersonalWords(input, tenant),
    });
  }
}
