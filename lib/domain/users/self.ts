import type { RequestContext } from '../access/request-context.ts';
import type { IfMatch } from '../access/change-entity.ts';
import { Failure, invalidInput } from '../kernel/failure.ts';
import type { Policy } from '../access/policy.ts';
import { type ChangeDependencies, changeUser, userNotFound } from './change-user.ts';
import {
  assertRepresentsHolder,
  findCallerAccount,
  type CallerAccount,
  toCallerAccount,
} from './find-caller-user.ts';
import type { UpdateUserInput, User, UserStore } from './user.ts';

/** What people may change of their own accounts: how they are called, and how they look. */
export type UpdateSelfInput = Pick<UpdateUserInput, 'name' | 'firstName' | 'lastName' | 'avatar'>;

/** The caller's own account. Throws `not_found` for a caller that has none in this tenant, `account_suspended`. */
export async function getCallerUser(
  context: RequestContext,
  deps: { readonly policy: Policy; readonly users: UserStore },
): Promise<User> {
  return (await getCallerAccount(context, deps)).user;
}

/** The same, with the credential that the caller uses. */
export async function getCallerAccount(
  context: RequestContext,
  deps: { readonly policy: Policy; readonly users: UserStore },
): Promise<CallerAccount> {
  deps.policy.authorize(context, 'useOwnAccount', {});
  const account = await findCallerAccount(context, deps, true);
  if (!account) throw userNotFound();
  if (account.user.status === 'inactive')
    throw new Failure('account_suspended', 'This account is suspended');
  assertRepresentsHolder(account, context);
  return account;
}

/**
 * Changes the caller's own account. An identity provider's first and last names are its own: `invalid_input`. Throws
 * `precondition_failed` if `ifMatch` names another version. The limit of an identity is compared with the current roles.
 */
export async function updateSelf(
  { avatar, ...patch }: UpdateSelfInput,
  {
    ifMatch,
    readCurrentContext,
  }: { readonly ifMatch: IfMatch; readonly readCurrentContext: () => Promise<RequestContext> },
  cachedContext: RequestContext,
  deps: ChangeDependencies & { readonly policy: Policy },
): Promise<User> {
  const known = await getCallerAccount(cachedContext, deps);
  const context =
    known.isMatchedByIdentity && known.limit ? await readCurrentContext() : cachedContext;
  const { userId } = context === cachedContext ? known.user : await getCallerUser(context, deps);
  const change = (user: User) => {
    const account = toCallerAccount(user, context);
    if (!account) throw userNotFound();
    assertRepresentsHolder(account, context);
    const managedFields =
      user.authProvider === 'local'
        ? []
        : (['firstName', 'lastName'] as const).filter((field) => patch[field] !== undefined);
    if (managedFields.length > 0)
      throw invalidInput(
        ...managedFields.map((path) => ({
          path,
          message: 'cannot be changed here, because the identity provider manages it',
        })),
      );
    const fields = Object.fromEntries(
      Object.entries(patch).flatMap(([name, value]) =>
        value === undefined ? [] : [[name, value ?? undefined]],
      ),
    );
    return { fields, avatar };
  };
  return changeUser(
    { action: 'updateOwn', ref: { userId }, ifMatch, self: true, change },
    context,
    deps,
  );
}
