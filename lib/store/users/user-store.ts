import { createHash, randomUUID } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import { Failure } from '../../domain/kernel/failure.ts';
import type { User } from '../../domain/users/user.ts';
import type { IdempotencyRecord, UserStore } from '../../domain/users/user-store.ts';
import { collectCreationDetails } from '../../domain/account-notices/account-notice.ts';
import { toNewNoticeItem } from '../mail/account-notice-store.ts';
import { getItem } from '../dynamodb/get-item.ts';
import { type Key, keys } from '../keys.ts';
import { schemaVersion, type Tables } from '../dynamodb/tables.ts';
import { putIfAbsent, outcomeUnknown, transact, type Write } from '../dynamodb/transaction.ts';
import {
  type Claim,
  toClaims,
  toIdentifierKey,
  toFormerIdentityKey,
  toItem,
  diffOutbox,
  buildUpdate,
  fromItem,
} from './user-items.ts';
import { toErasureItem, createUserErasure } from './user-erasure.ts';
import { createUserHistory } from './user-history.ts';
import { createUserList } from './user-list.ts';
import { putClaim, buildUserWrites, buildClaimUpdate } from './user-writes.ts';

/** Invitations are good for 30 days at most, and a day more is for clocks. Milliseconds. */
const maxInvitationMs = 31 * 24 * 3600 * 1000;

/** DynamoDB's limit, in bytes: a name that folds to more is nobody's. */
const longestSortKey = 1024;

/** Users in DynamoDB. `now` is in epoch milliseconds. */
export function createUserStore(
  { client, directory, secrets }: Tables,
  now: () => number,
): UserStore {
  const get = (key: Key) => getItem(client, directory, key);

  const put = (Item: object, more: object = {}): Write => putIfAbsent(directory, Item, more);
  const release = ({ userId }: User, { key }: Claim): Write => ({
    Delete: {
      TableName: directory,
      Key: { ...key },
      ConditionExpression: 'userId = :userId',
      ExpressionAttributeValues: { ':userId': userId },
    },
  });
  const secret = ({ tenantId, userId }: User, passwordHash: string, more: object): Write =>
    put(
      { ...keys.userSecret(tenantId, userId), tenantId, userId, passwordHash },
      { TableName: secrets, ...more },
    );

  /** DynamoDB removes what has expired when it pleases, so the time decides and not the presence. */
  const keep = (
    { tenantId, userId }: User,
    { id, fingerprint, response, expiresAtMs }: IdempotencyRecord,
  ): Write =>
    put(
      {
        ...keys.idempotencyRecord(tenantId, id),
        tenantId,
        userId,
        fingerprint,
        response,
        ttl: Math.ceil(expiresAtMs / 1000),
      },
      {
        ConditionExpression: 'attribute_not_exists(pk) OR #ttl <= :now',
        ExpressionAttributeNames: { '#ttl': 'ttl' },
        ExpressionAttributeValues: { ':now': Math.floor(now() / 1000) },
        ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
      },
    );

  /** Record of a released identity, kept as long as an invitation by its holder can be open. */
  const endedIdentity = ({ tenantId, userId, identity, status }: User, after: User): Write[] => {
    const isKept = after.status !== 'deleted' && isDeepStrictEqual(after.identity, identity);
    if (identity === undefined || status === 'deleted' || isKept) return [];
    const key = toFormerIdentityKey(tenantId, identity);
    const ttl = Math.ceil((now() + maxInvitationMs) / 1000);
    // Hashed, because it outlives an erasure.
    const Item = {
      ...key,
      tenantId,
      holder: hashUserId(userId),
      endedAt: after.updatedAt,
      ttl,
      schemaVersion,
    };
    return [{ Put: { TableName: directory, Item } }];
  };

  const send = (writes: Write[], token: string, deadline: number) =>
    transact(client, writes, token, deadline, now);

  /** Of claims that could not be made: ours after all, somebody else's (throws), or nobody's. */
  const settle = async (claims: readonly Claim[], userId: string): Promise<'ours' | 'free'> => {
    for (const { field, key } of claims) {
      const holder = (await get(key))?.['userId'];
      if (holder === userId) return 'ours';
      if (holder !== undefined) throw taken(field);
    }
    return 'free';
  };

  return {
    list: createUserList({ client, directory }),
    getHistory: createUserHistory({ client, directory }),
    ...createUserErasure({ client, directory, secrets }, now),

    async create(
      user,
      { creation, uniqueness, passwordHash, idempotencyRecord: keptAnswer, deadline },
    ) {
      const { tenantId, userId } = user;
      const { claims, writes: ofUser } = buildUserWrites(directory, user, creation, uniqueness);
      const first = keptAnswer ? [keep(user, keptAnswer)] : [];
      const writes = [
        // A repetition is told so before it is told that the names are taken: they are its own.
        ...first,
        ...ofUser,
        ...(user.avatar === undefined
          ? []
          : [put({ ...keys.avatar(tenantId, userId), tenantId, userId, avatar: user.avatar })]),
        ...(passwordHash === undefined
          ? []
          : [
              secret(user, passwordHash, {}),
              put(toNewNoticeItem(user, user, collectCreationDetails(user))),
            ]),
      ];
      const outcome = await send(writes, userId, deadline);
      if (outcome === 'written') return undefined;
      if (outcome === 'unknown') {
        const kept = keptAnswer && (await get(keys.idempotencyRecord(tenantId, keptAnswer.id)));
        const isAnothers = kept && kept['userId'] !== userId && Number(kept['ttl']) * 1000 > now();
        if (isAnothers)
          return { fingerprint: String(kept['fingerprint']), response: String(kept['response']) };
        if ((await settle(claims, userId)) === 'ours') return undefined;
        throw outcomeUnknown();
      }
      // Where it is ours, an earlier attempt whose answer was lost has made it.
      const { refusedBy, met = {} } = outcome;
      if (met['userId']?.S === userId) return undefined;
      if (refusedBy < first.length)
        return { fingerprint: met['fingerprint']?.S ?? '', response: met['response']?.S ?? '' };
      throw taken(claims[refusedBy - first.length]?.field);
    },

    async update({
      before,
      after,
      record,
      uniqueness,
      avatar,
      passwordHash,
      notifyAbout,
      erases = false,
      deadline,
    }) {
      const { tenantId, userId } = before;
      const [held, wanted] = [toClaims(before, uniqueness), toClaims(after, uniqueness)];
      const isIn = (claims: readonly Claim[]) => (each: Claim) =>
        claims.some(({ key }) => key.pk === each.key.pk && key.sk === each.key.sk);
      const made = wanted.filter((each) => !isIn(held)(each));
      const keepsEmail = held.some((each) => each.field === 'email' && isIn(wanted)(each));
      const token = randomUUID();
      const avatarKey = keys.avatar(tenantId, userId);
      const [owedBefore, owedAfter] = diffOutbox(before, after);
      const writes: Write[] = [
        // First: whoever comes second is to look again before anything else is held against them.
        put(
          {
            ...keys.userChange(tenantId, userId, after.version),
            ...record,
            before: JSON.stringify(record.before),
            tenantId,
            userId,
            token,
          },
          { ReturnValuesOnConditionCheckFailure: 'ALL_OLD' },
        ),
        ...made.map((each) => putClaim(directory, after, each)),
        {
          Update: {
            TableName: directory,
            Key: { ...keys.user(tenantId, userId) },
            ...buildUpdate(
              { ...toItem(before), ...owedBefore },
              { ...toItem(after), ...owedAfter },
            ),
          },
        },
        ...(keepsEmail ? buildClaimUpdate(directory, before, after) : []),
        ...held.filter((each) => !isIn(wanted)(each)).map((each) => release(before, each)),
        ...endedIdentity(before, after),
        ...(avatar === undefined
          ? []
          : avatar === null
            ? [{ Delete: { TableName: directory, Key: { ...avatarKey } } }]
            : [
                {
                  Put: {
                    TableName: directory,
                    Item: { ...avatarKey, tenantId, userId, avatar, schemaVersion },
                  },
                },
              ]),
        ...(passwordHash === undefined
          ? []
          : [secret(after, passwordHash, { ConditionExpression: undefined })]),
        ...(erases ? [{ Put: { TableName: directory, Item: toErasureItem(after, record) } }] : []),
        ...(notifyAbout.length > 0
          ? [{ Put: { TableName: directory, Item: toNewNoticeItem(before, after, notifyAbout) } }]
          : []),
      ];
      const outcome = await send(writes, token, deadline);
      if (outcome === 'written') return 'written';
      if (outcome === 'unknown') {
        const recorded = (await get(keys.userChange(tenantId, userId, after.version)))?.['token'];
        if (recorded === undefined) throw outcomeUnknown();
        return recorded === token ? 'written' : 'stale';
      }
      if (outcome.refusedBy === 0) return outcome.met?.['token']?.S === token ? 'written' : 'stale';
      const refused = made[outcome.refusedBy - 1];
      if (refused) throw taken(refused.field);
      return 'stale';
    },

    async findFormerIdentity(tenantId, identity) {
      const item = await get(toFormerIdentityKey(tenantId, identity));
      return (
        item && {
          isOf: ({ userId }) => item['holder'] === hashUserId(userId),
          endedAt: String(item['endedAt']),
        }
      );
    },

    async get(tenantId, reference, withAvatar) {
      const entry = 'userId' in reference ? undefined : toIdentifierKey(tenantId, reference);
      if (entry && Buffer.byteLength(entry.sk) > longestSortKey) return undefined;
      const userId =
        'userId' in reference ? reference.userId : entry && (await get(entry))?.['userId'];
      if (typeof userId !== 'string') return undefined;
      const item = await get(keys.user(tenantId, userId));
      if (!item) return undefined;
      const user = fromItem(item);
      // One that has given up the name between the two reads is nobody of that name.
      const isNamed = ({ field, key }: Claim) =>
        key.sk === entry?.sk && !('email' in reference && field !== 'email');
      if (entry && !toClaims(user, 'tenant').some(isNamed)) return undefined;
      if (!withAvatar || !user.hasAvatar) return user;
      return {
        ...user,
        avatar: (await get(keys.avatar(tenantId, userId)))?.['avatar'] as string | undefined,
      };
    },
  };
}

const hashUserId = (userId: string): string => createHash('sha256').update(userId).digest('hex');

function taken(field: Claim['field'] | undefined): Error {
  // Only a claim can be met by somebody else: ids are new.
  if (field === undefined) return new Error('a new id was in use');
  const called = { email: 'email', userName: 'username', identity: 'identity' };
  return new Failure('user_exists', `A user with this ${called[field]} already exists`, {
    details: { field },
  });
}
