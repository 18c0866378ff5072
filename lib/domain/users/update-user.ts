import { isDeepStrictEqual } from 'node:util';
import type { AppClientStore } from '../app-clients/app-client-store.ts';
import type { RequestContext } from '../access/request-context.ts';
import { canonicalizeEmail, canonicalizeUserName, isSameAddress } from '../kernel/canonical.ts';
import {
  buildCredentialLimit,
  type CredentialLimits,
  replaceLimits,
} from '../credential-limits/credential-limit.ts';
import { assertForeignIdentity } from '../credential-limits/own-issuer.ts';
import { assertRecentSignIn } from '../credential-limits/recent-sign-in.ts';
import type { IfMatch } from '../access/change-entity.ts';
import { Failure, invalidInput } from '../kernel/failure.ts';
import type { HashingCost } from '../credentials/hash-password.ts';
import type { Policy } from '../access/policy.ts';
import { type Permission, collectPermissions } from '../roles/role.ts';
import { assertMayChangeCredentials, isOwner, ownerProtected } from '../tenants/ownership.ts';
import type { TenantStore } from '../tenants/tenant.ts';
import { type ChangeDependencies, type UserChanges, changeUser } from './change-user.ts';
import { getInvitationStatus } from '../invitations/invitation.ts';
import {
  needsInvitationMail,
  toInviter,
  buildInvitation,
  type InvitationSettings,
} from '../invitations/invite.ts';
import { assertRoles } from './create-user.ts';
import { assertAppClient } from '../app-clients/assert-app-client.ts';
import { applyMergePatch } from '../kernel/json-merge-patch.ts';
import {
  findCallerAccount,
  identityIsLimited,
  type CallerAccount,
  ownsCredentials,
  representsHolder,
  toCallerAccount,
} from './find-caller-user.ts';
import type { UpdateUserInput, User, UserRef } from './user.ts';
import { hashNewPassword } from '../credentials/hash-new-password.ts';

export interface UpdateUserDependencies extends ChangeDependencies, InvitationSettings {
  readonly policy: Policy;
  readonly tenants: TenantStore;
  readonly appClients: Pick<AppClientStore, 'find' | 'get'>;
  readonly minimumPasswordLength: number;
  readonly hashingCost: HashingCost;
  readonly ownIssuer: { readonly issuer: string };
}

interface UpdateOptions {
  readonly ifMatch: IfMatch;
  readonly requiresIfMatchForRoles?: boolean | undefined;
  readonly allowsSelfUpdate?: boolean | undefined;
  /** True to replace metadata instead of merging into it. */
  readonly replacesMetadata?: boolean | undefined;
  /** True if a user who has roles must keep one. */
  readonly requiresRole?: boolean | undefined;
}

/**
 * Changes what a patch names. Throws what creating throws, `precondition_failed` for another version than `ifMatch` tells,
 * `precondition_required` where roles change without it and `rolesNeedMatch`, `owner_protected` where it would take something from the
 * tenant's owner, and `forbidden` where it would let somebody else sign in as them. `allowSelf` lets callers change themselves.
 */
export async function updateUser(
  reference: UserRef | undefined,
  patch: UpdateUserInput,
  {
    ifMatch,
    requiresIfMatchForRoles: rolesNeedMatch,
    allowsSelfUpdate: allowSelf,
    replacesMetadata,
    requiresRole: keepsRole,
  }: UpdateOptions,
  context: RequestContext,
  deps: UpdateUserDependencies,
): Promise<User> {
  const { tenant } = context;
  const own = allowSelf ? await findCallerAccount(context, deps) : undefined;
  const self = own !== undefined && refersTo(reference, own.user) && isSelf(own, patch, context);
  deps.policy.authorize(context, 'updateUser', {
    grantedPermissions: collectPermissions(patch.roles ?? [], tenant.roles),
    assignsRoles: patch.roles !== undefined,
    self,
    setsPassword: patch.password !== undefined,
    administratorsSetPasswords: tenant.administratorsSetPasswords === true,
  });
  if (rolesNeedMatch && patch.roles && !ifMatch) {
    throw new Failure(
      'precondition_required',
      'A change of roles requires If-Match with the ETag of the user',
    );
  }
  assertForeignIdentity(patch.identity, deps.ownIssuer);

  const change = async (user: User): Promise<UserChanges> => {
    const { password, avatar, roles, metadata, tutorialStatus, ...plain } = patch;
    assertRoles(roles ?? [], tenant, user.roles);
    if (keepsRole && roles?.length === 0 && user.roles.length > 0)
      throw invalidInput({ path: 'roles', message: 'must have at least 1 item' });
    if (plain.appClientId != null && plain.appClientId !== user.appClientId) {
      await assertAppClient(plain.appClientId, tenant.tenantId, deps);
    }
    if (roles !== undefined) await assertOwnerKeepsRoles(user, roles, context, deps);
    const account = toCallerAccount(user, context);
    // Both may have changed since the decision.
    if (self && !(account && isSelf(account, patch, context))) throw identityIsLimited();
    if (changesCredentials(user, patch)) await assertMayChangeCredentials(user, context, deps);
    if (account && changesSignInData(user, patch)) assertRecentSignIn(context, deps.now());
    const fields = {
      ...Object.fromEntries(
        Object.entries(plain).flatMap(([name, value]) =>
          value === undefined ? [] : [[name, value ?? undefined]],
        ),
      ),
      ...(roles !== undefined && { roles: [...new Set(roles)] }),
      ...(metadata !== undefined && {
        metadata: replacesMetadata
          ? (metadata ?? undefined)
          : applyMergePatch('metadata', user.metadata, metadata),
      }),
      ...(tutorialStatus !== undefined && {
        tutorialStatus: applyMergePatch('tutorialStatus', user.tutorialStatus, tutorialStatus),
      }),
      ...(patch.email !== undefined &&
        !isSameAddress(patch.email, user.email) && {
          emailVerified: false,
          emailVerifiedBy: undefined,
        }),
      credentialLimits: limitCredentials(user, patch, account, context, deps.now()),
    };
    if (password === undefined)
      return {
        fields: { ...fields, ...(await getReinvitationFields(user, patch, context, deps)) },
        avatar,
      };
    const passwordHash = await hashNewPassword(
      { password, user: { ...user, ...fields }, tenant },
      deps,
    );
    return {
      fields: { ...fields, ...getActivationFields(user, context, deps.now()) },
      avatar,
      passwordHash,
    };
  };
  return changeUser({ action: 'update', ref: reference, ifMatch, self, change }, context, deps);
}

/** Who has a password waits for none, and nobody else can choose one by the link that was sent. */
const getActivationFields = (
  { status, invitation }: User,
  { principal }: RequestContext,
  now: Date,
): Partial<User> =>
  status !== 'invite_pending'
    ? {}
    : {
        status: 'active',
        ...(invitation && {
          invitation: {
            ...invitation,
            revocation: { at: now.toISOString(), by: principal.subject },
          },
        }),
      };

/**
 * Invites a new address again, because the link went to the previous one. A copied link ends as well, even if the previous address
 * returns, and no other is sent. The caller who changes the roles becomes the inviter, except of an owner, whom only a system
 * administrator invites.
 */
async function getReinvitationFields(
  user: User,
  { email, roles = user.roles }: UpdateUserInput,
  context: RequestContext,
  deps: UpdateUserDependencies,
): Promise<Partial<User>> {
  const { invitation } = user;
  if (!invitation || user.status !== 'invite_pending') return {};
  const changesRoles = new Set(roles).symmetricDifference(new Set(user.roles)).size > 0;
  const becomesInviter =
    changesRoles &&
    (context.principal.systemAdministrator || !(await isOwner(user, context, deps)));
  const inviter = becomesInviter
    ? { ...toInviter(context), grantedAt: deps.now().toISOString() }
    : invitation.inviter;
  const emailChanged = email !== undefined && !isSameAddress(email, user.email);
  if (!emailChanged || getInvitationStatus(invitation, deps.now()) !== 'pending')
    return { invitation: { ...invitation, inviter } };
  const nextInvitation = needsInvitationMail(user)
    ? buildInvitation(context, deps, { earlier: invitation })
    : { ...invitation, version: invitation.version + 1 };
  return {
    invitation: {
      ...nextInvitation,
      inviter: { ...inviter, grantedAt: inviter.grantedAt ?? invitation.invitedAt },
    },
  };
}

/** Limits of the credentials that a patch sets. The account holder passes on the limit of the credential in use. */
function limitCredentials(
  user: User,
  patch: UpdateUserInput,
  account: CallerAccount | undefined,
  context: RequestContext,
  now: Date,
): CredentialLimits | undefined {
  const limit =
    account && ownsCredentials(account) ? account.limit : buildCredentialLimit(context, now);
  const { password, email = user.email, identity = user.identity ?? null } = patch;
  // Until the invitation is accepted, the mailbox defines the account holder.
  const isPending = user.status === 'invite_pending' && password === undefined;
  return replaceLimits(user.credentialLimits, {
    ...(password !== undefined && { password: limit }),
    ...(email !== user.email && { email: isPending ? undefined : limit }),
    ...(!isDeepStrictEqual(identity, user.identity ?? null) && {
      identity: identity === null ? undefined : limit,
    }),
  });
}

/** True if the caller may make this change as the account holder. */
const isSelf = (
  account: CallerAccount,
  patch: UpdateUserInput,
  context: RequestContext,
): boolean =>
  changesSignInData(account.user, patch)
    ? ownsCredentials(account)
    : representsHolder(account, context);

/** True if a patch changes what the account holder signs in with. */
const changesSignInData = (user: User, patch: UpdateUserInput): boolean =>
  changesCredentials(user, patch) ||
  (patch.userName !== undefined && (patch.userName ?? undefined) !== user.userName);

/** Naming what there is changes nothing: clients send back what they have read. */
const changesCredentials = (
  user: User,
  { email = user.email, identity = user.identity ?? null, password }: UpdateUserInput,
): boolean =>
  password !== undefined ||
  email !== user.email ||
  !isDeepStrictEqual(identity, user.identity ?? null);

function refersTo(reference: UserRef | undefined, own: User | undefined): boolean {
  if (!reference || !own || own.status === 'inactive') return false;
  if ('userId' in reference) return reference.userId === own.userId;
  if ('email' in reference)
    return canonicalizeEmail(reference.email) === canonicalizeEmail(own.email);
  if ('address' in reference) {
    return [canonicalizeEmail(own.email), canonicalizeUserName(own.userName ?? '')].includes(
      canonicalizeEmail(reference.address),
    );
  }
  return (
    'userName' in reference &&
    canonicalizeUserName(reference.userName) === canonicalizeUserName(own.userName ?? '')
  );
}

async function assertOwnerKeepsRoles(
  user: User,
  roles: readonly string[],
  context: RequestContext,
  deps: Pick<UpdateUserDependencies, 'tenants'>,
): Promise<void> {
  const [current, next] = [user.roles, roles].map((slugs) =>
    collectPermissions(slugs, context.tenant.roles),
  ) as [Permission[], Permission[]];
  if (
    current.every((permission) => next.includes(permission)) ||
    !(await isOwner(user, context, deps))
  )
    return;
  throw ownerProtected({ field: 'roles' });
}
