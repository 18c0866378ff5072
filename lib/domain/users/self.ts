import type { Call } from '../access/request-context.ts';
import type { IfMatch } from '../access/change-entity.ts';
import { Failure, invalid } from '../kernel/failure.ts';
import type { Policy } from '../access/policy.ts';
import { type ChangeDependencies, changeUser, noSuchUser } from './change-user.ts';
import {
  assertRepresentsHolder,
  findOwnAccount,
  type OwnAccount,
  toOwnAccount,
} from './find-caller-user.ts';
import type { Patch, User, UserStore } from './user.ts';

/** What people may change of their own accounts: how they are called, and how they look. */
export type OwnPatch = Pick<Patch, 'name' | 'firstName' | 'lastName' | 'avatar'>;

/** The caller's own account. Throws `not_found` for a caller that has none in this tenant, `account_suspended`. */
export async function getOwnUser(
  call: Call,
  deps: { readonly policy: Policy; readonly users: UserStore },
): Promise<User> {
  return (await getOwnAccount(call, deps)).user;
}

/** The same, with the credential that the caller uses. */
export async function getOwnAccount(
  call: Call,
  deps: { readonly policy: Policy; readonly users: UserStore },
): Promise<OwnAccount> {
  deps.policy.authorize(call, 'useOwnAccount', {});
  const account = await findOwnAccount(call, deps, true);
  if (!account) throw noSuchUser();
  if (account.user.status === 'inactive')
    throw new Failure('account_suspended', 'This account is suspended');
  assertRepresentsHolder(account, call);
  return account;
}

/**
 * Changes the caller's own account. An identity provider's first and last names are its own: `invalid_input`. Throws
 * `precondition_failed` if `ifMatch` names another version. The limit of an identity is compared with the current roles.
 */
export async function updateOwnUser(
  { avatar, ...patch }: OwnPatch,
  {
    ifMatch,
    readCurrentCall,
  }: { readonly ifMatch: IfMatch; readonly readCurrentCall: () => Promise<Call> },
  knownCall: Call,
  deps: ChangeDependencies & { readonly policy: Policy },
): Promise<User> {
  const known = await getOwnAccount(knownCall, deps);
  const call = known.isMatchedByIdentity && known.limit ? await readCurrentCall() : knownCall;
  const { userId } = call === knownCall ? known.user : await getOwnUser(call, deps);
  const change = (user: User) => {
    const account = toOwnAccount(user, call);
    if (!account) throw noSuchUser();
    assertRepresentsHolder(account, call);
    const managed =
      user.authProvider === 'local'
        ? []
        : (['firstName', 'lastName'] as const).filter((field) => patch[field] !== undefined);
    if (managed.length > 0)
      throw invalid(
        ...managed.map((path) => ({
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
    { action: 'updateOwn', reference: { userId }, ifMatch, self: true, change },
    call,
    deps,
  );
}
