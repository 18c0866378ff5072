import { GetCommand } from '@aws-sdk/lib-dynamodb';
import { canonicalEmail, canonicalUserName } from '../domain/canonical.ts';
import { Failure } from '../domain/failure.ts';
import type { User, UserReference, UserStore } from '../domain/users/user.ts';
import { type Key, keys } from './keys.ts';
import { read, schemaVersion, type Tables, unavailable } from './tables.ts';
import { type Put, putAll } from './transaction.ts';

/** A put that decides, by there being something in its place, that a field is taken. */
interface Claim {
  readonly field: 'email' | 'userName';
  readonly key: Key;
}

/** Users in DynamoDB. `now` is in epoch milliseconds. */
export function userStore({ client, directory, secrets }: Tables, now: () => number): UserStore {
  const get = async (key: Key): Promise<Record<string, unknown> | undefined> =>
    (await read((options) => client.send(new GetCommand({ TableName: directory, Key: key, ConsistentRead: true }), options))).Item;

  return {
    async create(user, { creation, uniqueness, passwordHash, deadline }) {
      const { tenantId, userId } = user;
      const owner = { schemaVersion, tenantId, userId };
      const claims = claimsOf(user, uniqueness);
      const puts: Put[] = [
        // First, and e-mail before user name: of several reasons for a refusal the first is told.
        ...claims.map(({ key }) => ({ TableName: directory, Item: { ...key, ...owner }, claim: true })),
        { TableName: directory, Item: { ...keys.user(tenantId, userId), ...itemOf(user), schemaVersion, creation } },
        ...(user.avatar === undefined
          ? []
          : [{ TableName: directory, Item: { ...keys.avatar(tenantId, userId), ...owner, avatar: user.avatar } }]),
        ...(passwordHash === undefined
          ? []
          : [{ TableName: secrets, Item: { ...keys.userSecret(tenantId, userId), ...owner, passwordHash } }]),
      ];
      const outcome = await putAll(client, puts, userId, deadline, now).catch((error: unknown) => {
        throw unavailable(error);
      });
      if (outcome === 'written') return;
      if (outcome !== 'unknown') {
        // An earlier attempt whose answer was lost has done it.
        if (outcome.holder === userId) return;
        throw taken(claims[outcome.refusedBy]?.field);
      }
      for (const { field, key } of claims) {
        const holder = (await get(key))?.['userId'];
        if (holder === userId) return;
        if (holder !== undefined) throw taken(field);
      }
      throw new Failure('unavailable', 'The directory is too busy right now; nothing was created as far as can be told');
    },

    async get(tenantId, reference, withAvatar) {
      const userId = 'userId' in reference ? reference.userId : (await get(entryKey(tenantId, reference)))?.['userId'];
      if (typeof userId !== 'string') return undefined;
      const item = await get(keys.user(tenantId, userId));
      if (!item) return undefined;
      const user = userOf(item);
      if (!withAvatar || !user.hasAvatar) return user;
      return { ...user, avatar: (await get(keys.avatar(tenantId, userId)))?.['avatar'] as string | undefined };
    },
  };
}

function claimsOf({ tenantId, email, userName }: User, uniqueness: 'tenant' | 'system'): Claim[] {
  const canonical = canonicalEmail(email);
  const claims: Claim[] = [{ field: 'email', key: keys.email(tenantId, canonical) }];
  if (uniqueness === 'system') claims.push({ field: 'email', key: keys.systemEmail(canonical) });
  if (userName === undefined) return claims;
  const name = canonicalUserName(userName);
  claims.push({ field: 'userName', key: keys.userName(tenantId, name) });
  if (uniqueness === 'system') claims.push({ field: 'userName', key: keys.systemUserName(name) });
  return claims;
}

const entryKey = (tenantId: string, reference: Exclude<UserReference, { userId: string }>): Key =>
  'email' in reference
    ? keys.email(tenantId, canonicalEmail(reference.email))
    : keys.userName(tenantId, canonicalUserName(reference.userName));

function taken(field: Claim['field'] | undefined): Error {
  // Only a claim can be met by somebody else: ids are new.
  if (field === undefined) return new Error('a new id was in use');
  return new Failure('user_exists', `A user with this ${field === 'email' ? 'e-mail' : 'user name'} exists already`, {
    details: { field },
  });
}

/** Free-form objects are kept as JSON text, so that DynamoDB's own idea of numbers and empty values never touches them. */
function itemOf({ avatar: _elsewhere, metadata, tutorialStatus, ...user }: User): Record<string, unknown> {
  return { ...user, metadata: metadata && JSON.stringify(metadata), tutorialStatus: tutorialStatus && JSON.stringify(tutorialStatus) };
}

function userOf(item: Record<string, unknown>): User {
  const { pk: _pk, sk: _sk, schemaVersion: _version, creation: _creation, metadata, tutorialStatus, ...user } = item;
  const parsed = (text: unknown) => (typeof text === 'string' ? JSON.parse(text) : undefined) as User['metadata'];
  return { ...user, metadata: parsed(metadata), tutorialStatus: parsed(tutorialStatus) } as User;
}
