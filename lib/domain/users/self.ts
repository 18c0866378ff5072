import type { Policy } from '../access/policy.ts';
import type { RequestContext } from '../access/request-context.ts';
import type { IfMatch } from '../kernel/entity.ts';
import { Failure, invalidInput } from '../kernel/failure.ts';
import type { Uuid } from '../kernel/ids.ts';
import { applyMergePatch, toChangedFields } from '../kernel/json-merge-patch.ts';
import {
  assertRepresentsHolder,
  type CallerAccount,
  findCallerAccount,
  toCallerAccount,
} from './caller-account.ts';
import { type ChangeDependencies, changeUser, userNotFound } from './change-user.ts';
import { profileNotFound } from './get-user.ts';
import type { UserStore } from './user-store.ts';
import type { UpdateUserInput, User, UserWithGroups } from './user.ts';

/** Fields that users can change in their own account. */
export type UpdateSelfInput = Pick<
  UpdateUserInput,
  | 'name'
  | 'firstName'
  | 'lastName'
  | 'locale'
  | 'timeZone'
  | 'avatar'
  | 'picture'
  | 'profileMetadata'
>;

interface Dependencies {
  readonly policy: Policy;
  readonly users: Pick<UserStore, 'getWithGroups'>;
}

/** Gets the caller's user. Throws `not_found`, `account_suspended` or `forbidden`. */
export async function getCallerUser(context: RequestContext, deps: Dependencies): Promise<User> {
  return (await getCallerAccount(context, deps)).user;
}

/** Gets the caller's account. Throws `not_found`, `account_suspended` or `forbidden`. */
export async function getCallerAccount(
  context: RequestContext,
  deps: Dependencies,
  withAvatar = true,
): Promise<CallerAccount> {
  deps.policy.authorize(context, 'useOwnAccount', {});
  return assertIsHolder(await findCallerAccount(context, deps, withAvatar), context);
}

/**
 * Converts a user to the caller's account. Throws like `getCallerAccount`, because the user may have
 * changed after the caller was authenticated.
 */
export const getOwnAccount = (user: UserWithGroups, context: RequestContext): CallerAccount =>
  assertIsHolder(toCallerAccount(user, context), context);

function assertIsHolder(
  account: CallerAccount | undefined,
  context: RequestContext,
): CallerAccount {
  if (!account) throw userNotFound();
  if (account.user.status === 'inactive')
    throw new Failure('account_suspended', 'This account is suspended');
  assertRepresentsHolder(account, context);
  return account;
}

interface SelfUpdate {
  /** Fields to change, or the function that derives them from the current user. */
  readonly input: UpdateSelfInput | ((user: User) => UpdateSelfInput);
  /** Profile that the request names. Any other than the caller's is not found. */
  readonly target?: { readonly profileId: Uuid | undefined } | undefined;
  /** True to replace the metadata of the profile instead of merging into it. */
  readonly replacesMetadata?: boolean | undefined;
  readonly ifMatch: IfMatch;
  /**
   * Reads tenant, roles and the caller's permissions with strong consistency, to compare the limit
   * of an identity.
   */
  readonly readCurrentContext: () => Promise<RequestContext>;
}

/**
 * Updates the caller's account. Throws `invalid_input` for a name that the identity provider
 * manages, `precondition_failed`, `too_many_requests`, and the failures of `getCallerAccount`.
 */
export async function updateSelf(
  { input, target, replacesMetadata, ifMatch, readCurrentContext }: SelfUpdate,
  cachedContext: RequestContext,
  deps: ChangeDependencies & Dependencies,
): Promise<User> {
  const cached = await getCallerAccount(cachedContext, deps);
  if (target && target.profileId !== cached.user.profileId) throw profileNotFound();
  const needsCurrent = cached.isMatchedByIdentity && cached.limit !== undefined;
  const context = needsCurrent ? await readCurrentContext() : cachedContext;
  const { userId } = needsCurrent ? await getCallerUser(context, deps) : cached.user;
  const change = (user: UserWithGroups) => {
    getOwnAccount(user, context);
    const { avatar, profileMetadata, ...changes } =
      typeof input === 'function' ? input(user) : input;
    assertNotManaged(user, changes);
    const fields: Partial<User> = {
      ...toChangedFields(changes),
      ...(profileMetadata !== undefined && {
        profileMetadata: replacesMetadata
          ? (profileMetadata ?? undefined)
          : applyMergePatch({
              field: 'profileMetadata',
              target: user.profileMetadata,
              patch: profileMetadata,
            }),
      }),
    };
    return { fields, avatar };
  };
  return changeUser(
    { action: 'updateOwn', ref: { userId }, ifMatch, self: true, change },
    context,
    deps,
  );
}

/** Throws `invalid_input` for fields that the user's identity provider manages. */
function assertNotManaged({ authProvider }: User, input: UpdateSelfInput): void {
  if (authProvider === 'local') return;
  const managedFields = (['firstName', 'lastName'] as const).filter(
    (field) => input[field] !== undefined,
  );
  if (managedFields.length === 0) return;
  throw invalidInput(
    ...managedFields.map((path) => ({
      path,
      message: 'cannot be changed here, because the identity provider manages it',
    })),
  );
}
