import type { Call } from '../call.ts';
import { canonicalEmail, canonicalPrefix, canonicalUserName } from '../canonical.ts';
import { type InvitationStatus, statusOf } from '../invitations/invitation.ts';
import type { Policy } from '../policy.ts';
import type { AuthProvider, Status, User, UserStore } from './user.ts';

/** What a list is narrowed to; all that is there has to hold. */
export interface Filter {
  readonly email?: string | undefined;
  readonly userName?: string | undefined;
  readonly emailPrefix?: string | undefined;
  readonly status?: Status | undefined;
  /** A slug. */
  readonly role?: string | undefined;
  readonly authProvider?: AuthProvider | undefined;
  /** What became of their invitation; `any` for all who were ever invited, `none` for who waits for a first invitation. */
  readonly invitation?: InvitationStatus | 'any' | 'none' | undefined;
}

export interface Page {
  readonly users: readonly User[];
  /** The canonical e-mail to go on behind; undefined at the end of the list. */
  readonly next: string | undefined;
}

/** Entries read for one page at most, when most of them do not match. */
const mostEntries = 500;
const entriesAtOnce = 100;
/** A Lambda function can answer with 6 MB. */
const mostBytes = 4 * 1024 * 1024;

interface Dependencies {
  readonly policy: Policy;
  readonly users: UserStore;
  readonly now: () => Date;
}

/**
 * The users of the tenant in the order of their canonical e-mails, strongly consistent. A page may be short, or empty, and
 * still have a next: after 500 entries of which few match, or 4 MiB.
 */
export async function listUsers(
  filter: Filter,
  page: { limit: number; after: string | undefined },
  call: Call,
  deps: Dependencies,
): Promise<Page> {
  deps.policy.authorize(call, 'getUser', {});
  const { tenantId } = call.tenant;
  const { email, userName, emailPrefix = '', ...scanned } = filter;
  if (email !== undefined || userName !== undefined) {
    const user = await deps.users.get(tenantId, email === undefined ? { userName: userName ?? '' } : { email }, false);
    return { users: user && matches(user, filter, deps.now()) ? [user] : [], next: undefined };
  }

  const found: User[] = [];
  const isNarrowed = Object.values(scanned).some((value) => value !== undefined);
  let { after } = page;
  for (let bytes = 0, read = 0; read < mostEntries; ) {
    const wanted = isNarrowed ? entriesAtOnce : page.limit;
    const { entries, more } = await deps.users.list(tenantId, { prefix: canonicalPrefix(emailPrefix), after, limit: wanted });
    for (const entry of entries) {
      const isMatch = entry.user !== undefined && matches(entry.user, filter, deps.now());
      if (isMatch) bytes += Buffer.byteLength(JSON.stringify(entry.user));
      if (found.length === page.limit || (isMatch && found.length > 0 && bytes > mostBytes)) return { users: found, next: after };
      if (isMatch) found.push(entry.user);
      after = entry.email;
      read++;
    }
    if (!more) return { users: found, next: undefined };
    if (!isNarrowed) break;
  }
  return { users: found, next: after };
}

function matches(user: User, { userName, emailPrefix, status, role, authProvider, invitation }: Filter, now: Date): boolean {
  return (
    user.status !== 'deleted' &&
    (emailPrefix === undefined || canonicalEmail(user.email).startsWith(canonicalPrefix(emailPrefix))) &&
    (userName === undefined || canonicalUserName(user.userName ?? '') === canonicalUserName(userName)) &&
    (status === undefined || user.status === status) &&
    (role === undefined || user.roles.includes(role)) &&
    (authProvider === undefined || user.authProvider === authProvider) &&
    (invitation === undefined || hasInvitation(user, invitation, now))
  );
}

function hasInvitation({ status, invitation }: User, expected: NonNullable<Filter['invitation']>, now: Date): boolean {
  if (expected === 'none') return status === 'invite_pending' && invitation === undefined;
  return invitation !== undefined && (expected === 'any' || statusOf(invitation, now) === expected);
}
