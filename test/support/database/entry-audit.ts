/** Comparison of list entries with their users. */
import { isDeepStrictEqual } from 'node:util';
import { toListKey } from '../../../lib/domain/users/lists/list-position.ts';
import type { User } from '../../../lib/domain/users/user.ts';
import { keys } from '../../../lib/store/keys.ts';

type Item = Readonly<Record<string, any>>;

/** Attributes of a user's item that its entry does not repeat. */
const unlisted = [
  'pk',
  'sk',
  'schemaVersion',
  'tenantId',
  'userId',
  'version',
  'hasAvatar',
  'picture',
  'profileMetadata',
  'emailVerifiedBy',
  'hasNoPassword',
  'confirmation',
  'tokenGeneration',
  'resetGeneration',
  'accessRequest',
  'ownerSince',
  'selfChanges',
  'scimAttributes',
  'suspendedFrom',
  'creation',
  'dueAt',
  'outboxShard',
  'mailAttempt',
];

const parse = (text?: string): unknown => (text === undefined ? undefined : JSON.parse(text));

/** View that the list shows for a stored user. */
function toExpectedView(
  item: Item & Pick<User, 'credentialLimits' | 'invitation' | 'emailVerification'>,
): object {
  const fields = Object.entries(item).filter(([name]) => !unlisted.includes(name));
  const { password } = item.credentialLimits ?? {};
  const { version, expiresAt, acceptedAt, revocation } = item.invitation ?? {};
  const { newEmail, requestedAt } = item.emailVerification ?? {};
  const view = {
    ...Object.fromEntries(fields),
    metadata: parse(item['metadata']),
    tutorialStatus: parse(item['tutorialStatus']),
    managedBy: undefined,
    emailVerification: newEmail && { newEmail, requestedAt },
    credentialLimits: password && { password: { permissions: password.permissions } },
    invitation: item.invitation && {
      version,
      expiresAt,
      acceptedAt,
      revocation: revocation && { at: revocation.at },
    },
  };
  return JSON.parse(JSON.stringify(view));
}

/** Size up to which an entry has a view, and the most bytes outside the view. */
const [maxEntryBytes, maxOtherBytes] = [1024, 550];

/** True if the entry has the current fields of the user. */
function isCurrent(user: User, entry: Item | undefined): boolean {
  const { tenantId, userId, version, managedBy } = user;
  const base = {
    tenantId,
    userId,
    version,
    ...(managedBy && { connectionId: managedBy.connectionId }),
  };
  const { pk: _pk, sk: _sk, schemaVersion: _format, view, ...others } = entry ?? {};
  const expectedView = toExpectedView(user as never);
  if (view !== undefined)
    return isDeepStrictEqual([others, JSON.parse(view)], [base, expectedView]);
  const { readUnits, ...rest } = others;
  const viewBytes = Buffer.byteLength(JSON.stringify(expectedView));
  return (
    isDeepStrictEqual(rest, { ...base, partial: true }) &&
    viewBytes > maxEntryBytes - maxOtherBytes &&
    readUnits * 4096 >= Buffer.byteLength(JSON.stringify(user))
  );
}

/** True if a claim that is not an entry has nothing but its user, and its role in the list. */
function isLean({ pk, sk, schemaVersion: _format, tenantId, userId, ...others }: Item): boolean {
  const isAlias = pk === keys.emailClaim(tenantId, '').pk && sk.startsWith('EMAIL#');
  return isDeepStrictEqual([typeof userId, others], ['string', isAlias ? { alias: true } : {}]);
}

const isClaim = ({ pk, sk }: Item): boolean =>
  pk.startsWith('SYSTEM#') || (pk.endsWith('#USERS') && !sk.startsWith('ACCESSREQUEST#'));

/** True if the list entry of a request for a level repeats the request and the email. */
function isCurrentRequest(
  { tenantId, userId, email, accessRequest }: User,
  items: readonly Item[],
) {
  const { pk, sk } = keys.accessRequest(tenantId, userId);
  const { schemaVersion: _format, ...entry } =
    items.find((item) => item['pk'] === pk && item['sk'] === sk) ?? {};
  return isDeepStrictEqual(
    entry,
    accessRequest ? { pk, sk, tenantId, userId, email, ...accessRequest } : {},
  );
}

/** Describes the entries that differ from their user, and other claims with more than a user. */
export function findEntryFaults(items: readonly Item[], users: readonly User[]): string[] {
  const claims = new Map(
    items.filter(isClaim).map((item) => [`${item['pk']} ${item['sk']}`, item]),
  );
  const faults: string[] = [];
  for (const user of users) {
    const { tenantId, userId, status, deletion } = user;
    if (status === 'deleted' && deletion?.at === new Date(0).toISOString()) continue;
    const { pk, sk } =
      status === 'deleted'
        ? keys.deletedUser(tenantId, `${toListKey(user)}#${userId}`)
        : keys.emailClaim(tenantId, toListKey(user));
    if (!isCurrent(user, claims.get(`${pk} ${sk}`))) faults.push(`entry of ${user.userId}`);
    if (!isCurrentRequest(user, items)) faults.push(`access request of ${user.userId}`);
    claims.delete(`${pk} ${sk}`);
  }
  for (const [key, claim] of claims) if (!isLean(claim)) faults.push(`claim ${key}`);
  return faults;
}
