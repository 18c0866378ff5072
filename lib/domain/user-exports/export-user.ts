import type { Policy } from '../access/policy.ts';
import type { RequestContext } from '../access/request-context.ts';
import { type ActivityDependencies, buildActivity } from '../feed/activity.ts';
import {
  assertWithinCallerPermissions,
  noFieldChanges,
  userNotFound,
} from '../users/change-user.ts';
import type {
  RecordedSignIn,
  UserHistory,
  UserHistoryStore,
  UserRef,
  UserStore,
} from '../users/user-store.ts';
import type { UserWithSignIn } from '../users/user.ts';

export interface ExportUserDependencies extends ActivityDependencies {
  readonly policy: Policy;
  readonly users: Pick<UserStore, 'getWithGroups'>;
  readonly userHistory: UserHistoryStore;
}

/** Position in an export: the version of a change, or the position of a sign-in. */
export type ExportPosition = { readonly version: number } | { readonly signIn: string };

interface ExportPage {
  readonly ref: UserRef | undefined;
  readonly after: ExportPosition | undefined;
  /** Maximum number of changes and sign-ins. */
  readonly limit: number;
}

interface ExportedUser extends Omit<UserHistory, 'next'>, Pick<UserWithSignIn, 'lastSignInAt'> {
  readonly signIns: readonly RecordedSignIn[];
  readonly next: ExportPosition | undefined;
}

/** Time limit of the record. */
const timeoutMs = 3000;

/** After every change. */
const allVersions = 9_999_999_999;

/**
 * Exports the data of a user or tombstone, without secrets, and a page of the changes and then of
 * the sign-ins. The first page is an event. Throws `forbidden`, `not_found` or `unavailable`.
 */
export async function exportUser(
  { ref, after, limit }: ExportPage,
  context: RequestContext,
  deps: ExportUserDependencies,
): Promise<ExportedUser> {
  deps.policy.authorize(context, 'updateUser', noFieldChanges);
  const { tenantId } = context.tenant;
  const user = ref && (await deps.users.getWithGroups(tenantId, ref, false));
  if (user) assertWithinCallerPermissions(context, user);
  const withMemberships = user !== undefined && user.groups.length > 0;
  const version = after && ('version' in after ? after.version : allVersions);
  const history =
    user &&
    (await deps.userHistory.get(tenantId, user.userId, { after: version, limit, withMemberships }));
  if (!history) throw userNotFound();
  if (after === undefined && deps.activity) {
    const resource = { type: 'user', id: user.userId } as const;
    const record = await buildActivity({ type: 'user.exported', resource }, context, deps);
    const signal = AbortSignal.timeout(timeoutMs);
    await deps.activity.count(tenantId, record, { count: 1, signal });
  }
  const { lastSignInAt } = user;
  if (history.next !== undefined)
    return { ...history, lastSignInAt, signIns: [], next: { version: history.next } };
  const room = limit - history.changes.length;
  const lastSignIn = after && 'signIn' in after ? after.signIn : '';
  const found = await deps.userHistory.listSignIns(tenantId, user.userId, {
    after: lastSignIn,
    limit: room + 1,
  });
  const signIns = found.slice(0, room);
  const next = found.length > room ? { signIn: signIns.at(-1)?.position ?? lastSignIn } : undefined;
  return { ...history, lastSignInAt, signIns, next };
}
