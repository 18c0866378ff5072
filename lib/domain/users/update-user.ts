import { assertAcceptable } from '../acceptable-password.ts';
import type { AppClientStore } from '../app-clients.ts';
import type { Call } from '../call.ts';
import { canonicalEmail, canonicalUserName } from '../canonical.ts';
import { Failure, invalid } from '../failure.ts';
import { hashPassword, type HashingCost } from '../passwords.ts';
import type { Policy } from '../policy.ts';
import { permissionsOf } from '../roles.ts';
import { type ChangeDependencies, type Changes, changeUser } from './change-user.ts';
import { awaitsMail, guarantorOf, type InvitationSettings, invitationBy, statusOf } from '../invitations/invitation.ts';
import { assertAppClient, assertRoles, wordsAround } from './create-user.ts';
import { freeFormExcess } from './free-form.ts';
import { ownUser } from './own-user.ts';
import type { JsonObject, Patch, User, UserReference } from './user.ts';

interface Dependencies extends ChangeDependencies, InvitationSettings {
  readonly policy: Policy;
  readonly appClients: Pick<AppClientStore, 'find'>;
  readonly minimumPasswordLength: number;
  readonly hashingCost: HashingCost;
}

/** Which version the caller means to change (`If-Match`); undefined for whichever there is. */
export type IfMatch = ((version: number) => boolean) | undefined;

/**
 * Changes what a patch names. Throws what creating throws, `precondition_failed` for another version than `ifMatch` tells,
 * `precondition_required` where roles change without it and `rolesNeedMatch`, and `conflict` where it would take something
 * from the tenant's owner. `allowSelf` lets callers change themselves.
 */
export async function updateUser(
  reference: UserReference | undefined,
  patch: Patch,
  { ifMatch, rolesNeedMatch, allowSelf }: { ifMatch: IfMatch; rolesNeedMatch: boolean | undefined; allowSelf: boolean | undefined },
  call: Call,
  deps: Dependencies,
): Promise<User> {
  const { tenant } = call;
  const self = allowSelf === true && isNamedBy(reference, await ownUser(call, deps));
  deps.policy.authorize(call, 'updateUser', { grantedPermissions: permissionsOf(patch.roles ?? [], tenant.roles), self });
  if (rolesNeedMatch && patch.roles && !ifMatch) {
    throw new Failure('precondition_required', 'A change of roles has to say which version it means: If-Match with the ETag');
  }
  assertRoles(patch.roles ?? [], tenant);
  if (patch.appClientId != null) await assertAppClient(patch.appClientId, tenant.tenantId, deps);

  const change = async (user: User): Promise<Changes> => {
    const { password, avatar, roles, metadata, tutorialStatus, ...plain } = patch;
    if (roles !== undefined) assertOwnerKeeps(user, roles, call);
    const fields = {
      ...Object.fromEntries(Object.entries(plain).flatMap(([name, value]) => (value === undefined ? [] : [[name, value ?? undefined]]))),
      ...(roles !== undefined && { roles: [...new Set(roles)] }),
      ...(metadata !== undefined && { metadata: merged('metadata', user.metadata, metadata) }),
      ...(tutorialStatus !== undefined && { tutorialStatus: merged('tutorialStatus', user.tutorialStatus, tutorialStatus) }),
      ...(patch.email !== undefined && canonicalEmail(patch.email) !== canonicalEmail(user.email) && { emailVerified: false }),
    };
    if (password === undefined) return { fields: { ...fields, ...reinvited(user, patch, call, deps) }, avatar };
    const passwordHash = await newHash(password, { ...user, ...fields }, call, deps);
    return { fields: { ...fields, ...activated(user, call, deps.now()) }, avatar, passwordHash };
  };
  return changeUser({ action: 'update', reference, ifMatch, self, change }, call, deps);
}

/** A hash for a user's new password, or the reason why not. */
export async function newHash(
  password: string,
  user: Pick<User, 'email' | 'userName' | 'authProvider'>,
  call: Call,
  { minimumPasswordLength, hashingCost }: Pick<Dependencies, 'minimumPasswordLength' | 'hashingCost'>,
  field = 'password',
): Promise<string> {
  if (user.authProvider !== 'local') throw invalid({ path: field, message: 'must be left out for oidc and saml users' });
  await assertAcceptable(password, minimumPasswordLength, wordsAround(user, call), field);
  return hashPassword(password, hashingCost);
}

/** Who has a password waits for none, and nobody else can choose one by the link that was sent. */
const activated = ({ status, invitation }: User, { principal }: Call, now: Date): Partial<User> =>
  status !== 'invite_pending'
    ? {}
    : {
        status: 'active',
        ...(invitation && { invitation: { ...invitation, revoked: { time: now.toISOString(), by: principal.subject } } }),
      };

/** Another address is invited anew, since the link went to the old one; whoever gives the roles answers for them. */
function reinvited(user: User, { email, roles }: Patch, call: Call, deps: Dependencies): Partial<User> {
  const { invitation } = user;
  if (!invitation || user.status !== 'invite_pending') return {};
  const isMoved = email !== undefined && canonicalEmail(email) !== canonicalEmail(user.email);
  if (isMoved && awaitsMail(user) && statusOf(invitation, deps.now()) === 'pending') {
    const { guarantor, ...anew } = invitationBy(call, deps, { earlier: invitation });
    return { invitation: { ...anew, guarantor: roles === undefined ? invitation.guarantor : guarantor } };
  }
  return roles === undefined ? {} : { invitation: { ...invitation, guarantor: guarantorOf(call) } };
}

function isNamedBy(reference: UserReference | undefined, own: User | undefined): boolean {
  if (!reference || !own || own.status === 'inactive') return false;
  if ('userId' in reference) return reference.userId === own.userId;
  if ('email' in reference) return canonicalEmail(reference.email) === canonicalEmail(own.email);
  return 'userName' in reference && canonicalUserName(reference.userName) === canonicalUserName(own.userName ?? '');
}

function assertOwnerKeeps(user: User, roles: readonly string[], { tenant }: Call): void {
  const kept = permissionsOf(roles, tenant.roles);
  if (user.userId !== tenant.ownerUserId || permissionsOf(user.roles, tenant.roles).every((permission) => kept.includes(permission)))
    return;
  throw new Failure('conflict', 'The owner of the tenant keeps their rights until the ownership has moved', {
    details: { field: 'roles' },
  });
}

/** RFC 7396 §2; what is left of an object that went is none. */
function merged(field: string, target: unknown, patch: JsonObject | null): JsonObject | undefined {
  if (patch === null) return undefined;
  const isObject = (value: unknown): value is JsonObject => typeof value === 'object' && value !== null && !Array.isArray(value);
  const merge = (old: unknown, next: unknown): unknown => {
    if (!isObject(next)) return next;
    const result = new Map(Object.entries(isObject(old) ? old : {}));
    for (const [name, value] of Object.entries(next)) {
      if (value === null) result.delete(name);
      else result.set(name, merge(result.get(name), value));
    }
    return Object.fromEntries(result);
  };
  const result = merge(target, patch) as JsonObject;
  const message = freeFormExcess(result);
  if (message !== undefined) throw invalid({ path: field, message });
  return result;
}
