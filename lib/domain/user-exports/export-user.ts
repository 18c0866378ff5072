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
  UserLogEntry,
  UserRef,
  UserStore,
} from '../users/user-store.ts';
import type { UserWithSignIn } from '../users/user.ts';

export interface ExportUserDependencies extends ActivityDependencies {
  readonly policy: Policy;
  readonly users: Pick<UserStore, 'getWithGroups'>;
  readonly userHistory: UserHistoryStore;
}

/** Position in an export: the version of a change, or the position of a sign-in or SCIM request. */
export type ExportPosition =
  | { readonly version: number }
  | { readonly signIn: string }
  | { readonly scimRequest: string };

interface ExportPage {
  readonly ref: UserRef | undefined;
  readonly after: ExportPosition | undefined;
  /** Maximum number of changes, sign-ins and SCIM requests. */
  readonly limit: number;
}

interface ExportedUser extends Omit<UserHistory, 'next'>, Pick<UserWithSignIn, 'lastSignInAt'> {
  readonly signIns: readonly RecordedSignIn[];
  readonly scimRequests: readonly UserLogEntry[];
  readonly next: ExportPosition | undefined;
}

/** Time limit of the record. */
const timeoutMs = 3000;

/** After every change. */
const allVersions = 9_999_999_999;

/**
 * Exports the data of a user or tombstone, without secrets, and a page of the changes and then of
 * the sign-ins and SCIM requests. The first page is an event. Throws `forbidden`, `not_found` or `unavailable`.
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
    return {
      ...history,
      lastSignInAt,
      signIns: [],
      scimRequests: [],
      next: { version: history.next },
    };
  const room = limit - history.changes.length;
  const signIns = await readSignIns(user, after, room, deps);
  if (signIns.next)
    return {
      ...history,
      lastSignInAt,
      signIns: signIns.page,
      scimRequests: [],
      next: signIns.next,
    };
  const scimRequests = await readScimRequests(user, after, room - signIns.page.length, deps);
  return {
    ...history,
    lastSignInAt,
    signIns: signIns.page,
    scimRequests: scimRequests.page,
    next: scimRequests.next,
  };
}

type Dependencies = Pick<ExportUserDependencies, 'userHistory'>;
type UserKey = Pick<UserWithSignIn, 'tenantId' | 'userId'>;

async function readSignIns(
  { tenantId, userId }: UserKey,
  position: ExportPosition | undefined,
  room: number,
  { userHistory }: Dependencies,
) {
  if (position && 'scimRequest' in position) return { page: [] };
  const after = position && 'signIn' in position ? position.signIn : '';
  const found = await userHistory.listSignIns(tenantId, userId, { after, limit: room + 1 });
  const page = found.slice(0, room);
  if (found.length <= room) return { page };
  return { page, next: { signIn: page.at(-1)?.position ?? after } };
}

async function readScimRequests(
  { tenantId, userId }: UserKey,
  position: ExportPosition | undefined,
  room: number,
  { userHistory }: Dependencies,
) {
  const after = position && 'scimRequest' in position ? position.scimRequest : '';
  const found = await userHistory.listScimRequests(tenantId, userId, { after, limit: room + 1 });
  const page = found.slice(0, room);
  const next = found.length > room ? { scimRequest: page.at(-1)?.position ?? after } : undefined;
  return { page, next };
}
