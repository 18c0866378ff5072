import { isDeepStrictEqual } from 'node:util';
import type { Policy } from '../access/policy.ts';
import type { RequestContext } from '../access/request-context.ts';
import type { AppClientStore } from '../app-clients/app-client-store.ts';
import { assertAppClient } from '../app-clients/assert-app-client.ts';
import {
  buildCredentialLimit,
  type CredentialLimits,
  replaceLimits,
} from '../credential-limits/credential-limit.ts';
import { assertRecentSignIn } from '../credential-limits/recent-sign-in.ts';
import { hashNewPassword } from '../credentials/hash-new-password.ts';
import type { HashingCost } from '../credentials/hash-password.ts';
import type { InvitationSettings } from '../invitations/invite.ts';
import { isSameAddress } from '../kernel/canonical.ts';
import { Failure, invalidInput } from '../kernel/failure.ts';
import type { Slug } from '../kernel/ids.ts';
import { applyMergePatch, toChangedFields } from '../kernel/json-merge-patch.ts';
import { assertRoles } from '../roles/assert-roles.ts';
import { collectPermissions } from '../roles/role.ts';
import { assertMayChangeCredentials, isOwner, ownerProtected } from '../tenants/ownership.ts';
import type { TenantStore } from '../tenants/tenant-store.ts';
import type { UserChanges } from './build-user-change.ts';
import {
  type CallerAccount,
  changesCredentials,
  changesSignInData,
  findCallerAccount,
  identityIsLimited,
  mayUpdateAsHolder,
  ownsCredentials,
  refersTo,
  toCallerAccount,
} from './caller-account.ts';
import { type ChangeDependencies, changeUser, type UserTarget } from './change-user.ts';
import { getActivationFields, getReinvitationFields } from './invitation-fields.ts';
import {
  assertForeignIdentity,
  isAwaitingAcceptance,
  type UpdateUserInput,
  type User,
  type UserWithGroups,
} from './user.ts';

export interface UpdateUserDependencies extends ChangeDependencies, InvitationSettings {
  readonly policy: Policy;
  readonly tenants: TenantStore;
  readonly appClients: Pick<AppClientStore, 'find' | 'get'>;
  readonly minimumPasswordLength: number;
  readonly hashingCost: HashingCost;
  readonly ownIssuer: { readonly issuer: string };
}

interface UserUpdate extends UserTarget {
  readonly input: UpdateUserInput;
  /** True if a change of roles requires `If-Match`. */
  readonly requiresIfMatchForRoles?: boolean | undefined;
  /** True if callers can update their own account without `users:update`. */
  readonly allowsSelf?: boolean | undefined;
  /** True to replace metadata instead of merging into it. */
  readonly replacesMetadata?: boolean | undefined;
  /** True if a user who has roles must keep at least one. */
  readonly requiresRole?: boolean | undefined;
}

/**
 * Updates a user. Throws `forbidden`, `not_found`, `invalid_input`, `invalid_roles`,
 * `invalid_app_client`, `password_rejected`, `user_exists`, `owner_protected`,
 * `precondition_failed`, `precondition_required`, `insufficient_user_authentication`,
 * `too_many_requests` or `unavailable`.
 */
export async function updateUser(
  update: UserUpdate,
  context: RequestContext,
  deps: UpdateUserDependencies,
): Promise<User> {
  const { ref, ifMatch, input } = update;
  const { tenant } = context;
  const account = update.allowsSelf ? await findCallerAccount(context, deps) : undefined;
  const self =
    account !== undefined &&
    refersTo(ref, account.user) &&
    mayUpdateAsHolder(account, input, context);
  const verifiesEmail = await needsVerifyPermission(update, context, deps);
  deps.policy.authorize(context, 'updateUser', {
    grantedPermissions: collectPermissions(input.roles ?? [], tenant.roles),
    assignsRoles: input.roles !== undefined,
    verifiesEmail,
    self,
    setsPassword: input.password !== undefined,
    administratorsSetPasswords: tenant.administratorsSetPasswords === true,
  });
  if (update.requiresIfMatchForRoles && input.roles && !ifMatch) {
    throw new Failure(
      'precondition_required',
      'A change of roles requires If-Match with the ETag of the user',
    );
  }
  assertForeignIdentity(input.identity, deps.ownIssuer);
  const change = async (user: UserWithGroups): Promise<UserChanges> => {
    // The account may have changed after the policy decision.
    if (!verifiesEmail && changesVerification(user, input)) throw verificationForbidden();
    assertNames(user, input);
    await assertPermitted({ user, self, update }, context, deps);
    return buildChanges({ user, update }, context, deps);
  };
  return changeUser({ action: 'update', ref, ifMatch, self, change }, context, deps);
}

/**
 * True if the decision depends on `users:verify`. Clients send back unchanged values, so the user
 * is read for a caller who could change the rest.
 */
async function needsVerifyPermission(
  { ref, input: { emailVerified, ...input } }: UserUpdate,
  { principal, tenant }: RequestContext,
  { users }: UpdateUserDependencies,
): Promise<boolean> {
  if (emailVerified === undefined) return false;
  const { permissions, systemAdministrator } = principal;
  const isUndecided =
    permissions.includes('users:update') &&
    !permissions.includes('users:verify') &&
    !systemAdministrator;
  if (!isUndecided) return true;
  const user = ref && (await users.get(tenant.tenantId, ref, false));
  return user !== undefined && changesVerification(user, { emailVerified, ...input });
}

/** Email and verification after an update. A new email is unverified. */
function getVerification(
  user: User,
  { email = user.email, emailVerified }: UpdateUserInput,
): Pick<User, 'emailVerified' | 'emailVerifiedBy'> {
  const current = isSameAddress(email, user.email)
    ? { emailVerified: user.emailVerified, emailVerifiedBy: user.emailVerifiedBy }
    : { emailVerified: false, emailVerifiedBy: undefined };
  if (emailVerified === undefined || emailVerified === current.emailVerified) return current;
  return { emailVerified, emailVerifiedBy: emailVerified ? 'administrator' : undefined };
}

/** True if an update marks the email as verified or unverified, apart from a new email. */
const changesVerification = (user: User, { emailVerified, ...input }: UpdateUserInput): boolean =>
  emailVerified !== undefined && getVerification(user, input).emailVerified !== emailVerified;

const verificationForbidden = (): Failure =>
  new Failure('forbidden', 'You are not allowed to do this', {
    notices: [
      'Marking an email as verified or unverified requires the permission users:verify in this tenant.',
    ],
    missingPermissions: ['users:verify'],
  });

/** Throws `invalid_input` for names that only a response can have, or for a user without names. */
function assertNames(
  user: User,
  { currentValues = [], email = user.email, userName }: UpdateUserInput,
): void {
  const emails = user.email === undefined ? [null, user.userName] : [];
  for (const { path, value, message } of currentValues) {
    const values = path === 'email' ? emails : [user.userName];
    if (!values.includes(value ?? null)) throw invalidInput({ path, message });
  }
  if (userName === null && email === undefined)
    throw invalidInput({ path: 'userName', message: 'is required for a user without an email' });
}

interface UpdateCheck {
  readonly user: UserWithGroups;
  readonly self: boolean;
  readonly update: UserUpdate;
}

async function assertPermitted(
  { user, self, update: { input, requiresRole } }: UpdateCheck,
  context: RequestContext,
  deps: UpdateUserDependencies,
): Promise<void> {
  const { roles, appClientId } = input;
  assertRoles(roles ?? [], context.tenant, user.roles);
  if (requiresRole && roles?.length === 0 && user.roles.length > 0)
    throw invalidInput({ path: 'roles', message: 'must have at least 1 item' });
  if (appClientId != null && appClientId !== user.appClientId)
    await assertAppClient(appClientId, context.tenant.tenantId, deps);
  if (roles !== undefined) await assertOwnerKeepsRoles({ user, roles }, context, deps);
  const account = toCallerAccount(user, context);
  // The account may have changed after the policy decision.
  if (self && !(account && mayUpdateAsHolder(account, input, context))) throw identityIsLimited();
  if (changesCredentials(user, input)) await assertMayChangeCredentials(user, context, deps);
  if (account && changesSignInData(user, input)) assertRecentSignIn(context, deps.now());
}

async function buildChanges(
  { user, update: { input, replacesMetadata } }: Omit<UpdateCheck, 'self'>,
  context: RequestContext,
  deps: UpdateUserDependencies,
): Promise<UserChanges> {
  const {
    password,
    avatar,
    roles,
    metadata,
    profileMetadata,
    tutorialStatus,
    emailVerified: _emailVerified,
    currentValues: _currentValues,
    ...plain
  } = input;
  const account = toCallerAccount(user, context);
  const fields: Partial<User> = {
    ...toChangedFields(plain),
    ...(roles !== undefined && { roles: [...new Set(roles)] }),
    ...(metadata !== undefined && {
      metadata: replacesMetadata
        ? (metadata ?? undefined)
        : applyMergePatch({ field: 'metadata', target: user.metadata, patch: metadata }),
    }),
    ...(profileMetadata !== undefined && {
      profileMetadata: applyMergePatch({
        field: 'profileMetadata',
        target: user.profileMetadata,
        patch: profileMetadata,
      }),
    }),
    ...(tutorialStatus !== undefined && {
      tutorialStatus: applyMergePatch({
        field: 'tutorialStatus',
        target: user.tutorialStatus,
        patch: tutorialStatus,
      }),
    }),
    ...getVerification(user, input),
    credentialLimits: limitCredentials({ user, input, account }, context, deps.now()),
  };
  if (password === undefined) {
    const reinvitation = await getReinvitationFields({ user, input }, context, deps);
    return { fields: { ...fields, ...reinvitation }, avatar };
  }
  const { tenant } = context;
  const passwordHash = await hashNewPassword(
    { password, user: { ...user, ...fields }, tenant },
    deps,
  );
  const activation = getActivationFields(user, context, deps.now());
  return { fields: { ...fields, ...activation }, avatar, passwordHash };
}

interface CredentialUpdate {
  readonly user: User;
  readonly input: UpdateUserInput;
  readonly account: CallerAccount<User> | undefined;
}

/**
 * Limits the credentials that an update sets. Account holders pass on the limit of the credential
 * in use.
 */
function limitCredentials(
  { user, input, account }: CredentialUpdate,
  context: RequestContext,
  now: Date,
): CredentialLimits | undefined {
  const limit =
    account && ownsCredentials(account) ? account.limit : buildCredentialLimit(context, now);
  const { password, email = user.email, identity = user.identity ?? null } = input;
  // Until the invitation is accepted, the mailbox defines the account holder.
  const isPending = isAwaitingAcceptance(user) && password === undefined;
  return replaceLimits(user.credentialLimits, {
    ...(password !== undefined && { password: limit }),
    ...(email !== user.email && { email: isPending ? undefined : limit }),
    ...(!isDeepStrictEqual(identity, user.identity ?? null) && {
      identity: identity === null ? undefined : limit,
    }),
  });
}

/** Throws `owner_protected` if the owner would lose a permission. */
export async function assertOwnerKeepsRoles(
  { user, roles }: { readonly user: User; readonly roles: readonly Slug[] },
  context: RequestContext,
  deps: Pick<UpdateUserDependencies, 'tenants'>,
): Promise<void> {
  const current = collectPermissions(user.roles, context.tenant.roles);
  const next = collectPermissions(roles, context.tenant.roles);
  if (current.every((permission) => next.includes(permission))) return;
  if (await isOwner(user, context, deps)) throw ownerProtected({ field: 'roles' });
}
