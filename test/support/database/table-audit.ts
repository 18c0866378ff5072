import { createHash } from 'node:crypto';
import { canonicalizeEmail, canonicalizeUserName } from '../../../lib/domain/kernel/canonical.ts';
import type { Delivery } from '../../../lib/domain/invitations/delivery.ts';
import { needsInvitationMail } from '../../../lib/domain/invitations/invite.ts';
import type { Identity, User } from '../../../lib/domain/users/user.ts';
import type { CreationRecord } from '../../../lib/domain/users/user-store.ts';
import { keys } from '../../../lib/store/keys.ts';
import { sampleTenants } from '../../../infra/local/dev/samples.ts';
import type { Service } from '../service.ts';
import { findEntryFaults } from './entry-audit.ts';
import { findGroupFaults, isGroupItem } from './group-audit.ts';
import { isStrippedRecord } from './stripped-records.ts';
import { toListKey } from '../../../lib/domain/users/lists/list-position.ts';

/** Describes an item of a user: its key and its user. */
const line = (
  { pk, sk }: { pk: string; sk: string },
  { tenantId, userId }: Pick<User, 'tenantId' | 'userId'>,
): string => `${pk} ${sk} ${tenantId} ${userId}`;

/** Stored user with its creation record. */
export type StoredUser = User & {
  readonly creation: CreationRecord;
  readonly dueAt?: string;
  readonly outboxShard?: string;
  readonly mailAttempt?: object;
};

/**
 * Compares all items of both tables with the users. Each user has exactly its claims (a tombstone
 * none), a list entry with its fields, its avatar, its secret, the idempotency record of its create,
 * one record per change and, if invited, one delivery. An erased user has only records without
 * values. Only users with pending mail are in the outbox. Groups and memberships agree. All other
 * items are tenants, logos, app clients, domains, mail and attempt counters, activity, the feed,
 * account notices, logs of connections, or the deployment key. In consistent tables `missing` and `stray` are empty.
 */
export async function auditTables({ stored }: Service) {
  const directory = await stored.all();
  const items = [...directory, ...(await stored.all(stored.secrets))].filter(
    ({ pk, sk }) => !isNobodys(pk, sk),
  );
  const users = items.filter(({ sk }) => sk === 'USER') as unknown as StoredUser[];
  const inOrder = users.toSorted((a, b) => a.createdAt.localeCompare(b.createdAt));
  const answers = new Map(inOrder.map(({ creation, userId }) => [creation.idempotencyId, userId]));
  const expected = new Set(
    users.flatMap((user) => {
      const { tenantId, userId, creation } = user;
      // A later create replaces an expired idempotency record.
      const answered =
        creation.idempotencyId && answers.get(creation.idempotencyId) === userId
          ? [keys.idempotencyRecord(tenantId, creation.idempotencyId)]
          : [];
      return [...listUserKeys(user), ...answered].map((key) => line(key, user));
    }),
  );
  const deliveries = new Map(
    items.flatMap((item) =>
      item['sk'] === 'INVITATION' ? [[item['userId'], item as unknown as Delivery]] : [],
    ),
  );
  for (const user of users) {
    const delivery = deliveries.get(user.userId);
    // Only invited users have deliveries, and none for a later invitation.
    if (delivery && delivery.version <= (user.invitation?.version ?? 0))
      expected.add(line(keys.delivery(user.tenantId, user.userId), user));
  }
  const found = new Set(items.map((item) => line(item as never, item as never)));
  const stripped = new Set(
    items.filter(isStrippedRecord).map((item) => line(item as never, item as never)),
  );
  const owed = users.map(
    (user) => [getExpectedEntry(user, deliveries.get(user.userId)), toOutboxEntry(user)] as const,
  );
  return {
    users,
    missing: [
      ...expected.difference(found),
      ...owed.flatMap(([{ must }, is]) => (must && is !== must ? [must] : [])),
    ],
    stray: [
      ...found.difference(expected).difference(stripped),
      ...findEntryFaults(items, users),
      ...findGroupFaults(directory),
      ...owed.flatMap(([{ may }, is]) => (is && is !== may ? [is] : [])),
    ],
  };
}

const isNobodys = (pk: string, sk: string): boolean =>
  isGroupItem(pk, sk) ||
  pk.startsWith('SLUG#') ||
  pk.startsWith('CLIENT#') ||
  /^TENANT#[^#]+#APPCLIENT#/.test(pk) ||
  pk === keys.tenantListEntry('').pk ||
  /^TENANT#[^#]+#(TENANT CHANGE#|BRANDING LOGO$)/.test(`${pk} ${sk}`) ||
  pk === keys.deploymentKey.pk ||
  pk === keys.domainClaim('').pk ||
  /^TENANT#[^#]+#(DOMAIN(S$|#)|WEBHOOK(S$|#)|SINK#|CONNECTION#)/.test(pk) ||
  pk.startsWith(keys.attemptCounter('', 0).pk) ||
  /^NOTICE#\d{10}$/.test(sk) ||
  sk.startsWith('CONNECTIONLOG#') ||
  sk === keys.lastSignIn('', '').sk ||
  /^TENANT#[^#]+#(ACTIVITY$|USERACTIVITY#|FEED$|NUMBERED#)/.test(pk) ||
  /^TENANT#[^#]+#(MAILS (HOUR|VERIFICATIONS|ACCESSREQUESTS)|NOTICES#[^#]+ DAY)#|^RECIPIENT#[0-9a-f]{64} DAY#/.test(
    `${pk} ${sk}`,
  ) ||
  // Password resets, with or without a user, and sign-in attempts.
  /^TENANT#[^#]+#RESET#[0-9a-f]{64} RESET$|^ATTEMPTS#[0-9a-f]{64} WINDOW#\d+$/.test(
    `${pk} ${sk}`,
  ) ||
  pk.endsWith('#ERASURES') ||
  /^(REMOVED)?CONNECTION(S$|#)/.test(sk) ||
  /^TENANT#[^#]+#IDENTITY#[0-9a-f]{64} FORMER$/.test(`${pk} ${sk}`) ||
  (/^TENANT#[^#]+$/.test(pk) && /^(TENANT|ROLE#.*|APPCLIENT#.*|SENDING)$/.test(sk));

/** Outbox entry of a user. Undefined without one. */
const toOutboxEntry = ({
  dueAt,
  outboxShard,
  mailAttempt,
  ...user
}: StoredUser): string | undefined =>
  // A deleted or suspended user keeps its attempts until it is restored, reactivated or erased.
  dueAt === undefined &&
  outboxShard === undefined &&
  (mailAttempt === undefined || user.status === 'deleted' || user.suspendedFrom)
    ? undefined
    : line({ pk: `pending ${outboxShard}`, sk: dueAt ? 'dueAt' : 'never due' }, user);

/**
 * Possible and required outbox entry of a user. A sent mail leaves the outbox, and a restored user
 * enters it again.
 */
function getExpectedEntry(
  user: StoredUser,
  delivery: Delivery | undefined,
): { may?: string; must?: string } {
  if (!needsInvitationMail(user)) return {};
  const entry = line({ pk: `pending ${user.userId[0]}`, sk: 'dueAt' }, user);
  const isSettled =
    delivery?.version === user.invitation.version &&
    /^(sent|failed|bounced|complained)$/.test(delivery.state);
  return isSettled ? { may: entry } : { may: entry, must: entry };
}

function listUserKeys({
  tenantId,
  userId,
  email,
  userName,
  identity,
  externalId,
  hasAvatar,
  authProvider,
  status,
  deletion,
  version,
  accessRequest,
  hasNoPassword,
  managedBy,
  scimAttributes,
  suspendedFrom,
}: StoredUser) {
  const shared =
    sampleTenants.find((tenant) => tenant.tenantId === tenantId)?.uniqueness === 'system';
  const address = toListKey({ userId, email });
  const name = userName && canonicalizeUserName(userName);
  const addresses = [address, ...(name?.includes('@') && name !== address ? [name] : [])];
  const claims = [
    ...addresses.flatMap((each) => [
      keys.emailClaim(tenantId, toKeyText(each)),
      ...(shared && each.includes('@') ? [keys.systemEmailClaim(toKeyText(each))] : []),
    ]),
    ...(name ? [keys.userNameClaim(tenantId, toKeyText(name))] : []),
    ...(name && shared ? [keys.systemUserNameClaim(toKeyText(name))] : []),
    ...(identity ? [keys.identityClaim(tenantId, hashIdentity(identity))] : []),
    ...(externalId ? [keys.externalIdClaim(tenantId, hash(externalId))] : []),
  ];
  // A user who is being erased is in no list.
  const isListed = deletion !== undefined && Date.parse(deletion.at) > 0;
  const deletedEntries = isListed ? [keys.deletedUser(tenantId, `${address}#${userId}`)] : [];
  const { connectionId, externalId: scimId } = managedBy ?? {};
  const mails: { value: string }[] = JSON.parse(scimAttributes ?? '{}').emails ?? [];
  const mailReferences = mails
    .map(({ value }) => canonicalizeEmail(value))
    .filter((value) => value !== address)
    .map((value) => toKeyText(value, 400));
  return [
    ...(connectionId && scimId && deletion?.at !== new Date(0).toISOString()
      ? [keys.scimIdReference(tenantId, { connectionId, hash: hash(scimId), userId })]
      : []),
    ...(status === 'deleted'
      ? []
      : mailReferences.map((value) => keys.mailReference(tenantId, value, userId))),
    keys.user(tenantId, userId),
    ...(status === 'deleted' ? deletedEntries : claims),
    ...(hasAvatar ? [keys.avatar(tenantId, userId)] : []),
    ...(accessRequest ? [keys.accessRequest(tenantId, userId)] : []),
    // Active users have a password, unless they were created without one.
    ...(authProvider === 'local' &&
    !hasNoPassword &&
    !suspendedFrom &&
    (deletion?.status ?? status) !== 'invite_pending'
      ? [keys.userSecret(tenantId, userId)]
      : []),
    ...Array.from({ length: version - 1 }, (_, index) =>
      keys.userChange(tenantId, userId, index + 2),
    ),
  ];
}

const toKeyText = (text: string, maxBytes = 1000): string =>
  Buffer.byteLength(text) > maxBytes ? `SHA256#${hash(text)}` : text;

const hash = (text: string): string => createHash('sha256').update(text).digest('hex');

const hashIdentity = ({ issuer, subject }: Identity): string =>
  hash(JSON.stringify([issuer, subject]));
