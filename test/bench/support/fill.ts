/** Directories of a given size, written directly to the store with the items that creates write. */
import { randomBytes, randomInt, randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import {
  BatchWriteCommand,
  type BatchWriteCommandInput,
  type BatchWriteCommandOutput,
  DynamoDBDocumentClient,
} from '@aws-sdk/lib-dynamodb';
import { parseUserId } from '../../../lib/domain/kernel/ids.ts';
import type { User } from '../../../lib/domain/users/user.ts';
import type { CreationRecord } from '../../../lib/domain/users/user-store.ts';
import { keys } from '../../../lib/store/keys.ts';
import { putTenant } from '../../../lib/store/tenants/put-tenant.ts';
import { buildUserWrites } from '../../../lib/store/users/user-writes.ts';
import { newInvitation } from './new-invitation.ts';
import { progressBar } from './progress.ts';
import type { Stage } from './stage.ts';

/** Tenant with a number of users. */
export interface Directory {
  readonly tenantId: string;
  readonly size: number;
  /** In list order. */
  readonly users: readonly Pick<User, 'userId' | 'email'>[];
}

type Request = NonNullable<BatchWriteCommandInput['RequestItems']>[string][number];

/** Name of some users, as long as that of the others. */
export const rareName = 'Ada Ferguson';
/** Distance of users with the rare name in list order. */
export const rareNameInterval = 5;

/** DynamoDB's limit is 25 items. A user has two. */
const usersInBatch = 12;
const batchesAtOnce = 4;

/**
 * Creates a tenant of each size. Users of all tenants are written in one random order, so they have
 * the same locality in the database.
 */
export async function fill(
  { tables, issuer: { issuer } }: Stage,
  sizes: readonly number[],
): Promise<Directory[]> {
  const client = DynamoDBDocumentClient.from(new DynamoDBClient({}), {
    marshallOptions: { removeUndefinedValues: true },
  });
  const creation: CreationRecord = {
    requestId: randomBytes(11).toString('base64url'),
    issuer,
    policies: ['create-user'],
  };
  const directories = sizes.map((size) => {
    const tenantId = randomUUID();
    return {
      tenantId,
      size,
      users: Array.from({ length: size }, () => newUser(tenantId))
        .toSorted(byEmail)
        .map((user, index) =>
          index % rareNameInterval === 0 ? { ...user, name: rareName } : user,
        ),
    };
  });
  const createdTime = new Date().toISOString();
  for (const { tenantId, size } of directories) {
    const names = { slug: `users-${size}`, name: `${size} users`, origin: issuer, locale: 'en' };
    await putTenant(
      { client, ...tables },
      { tenantId, ...names, uniqueness: 'tenant', status: 'active', createdAt: createdTime },
    );
  }

  const users = shuffled(directories.flatMap((directory) => directory.users));
  const show = progressBar('filling the directories', users.length);
  let next = 0;
  let done = 0;
  const writer = async () => {
    while (next < users.length) {
      const batch = users.slice(next, (next += usersInBatch));
      const writes = batch.flatMap((user) =>
        buildUserWrites(tables.directory, { user, creation, uniqueness: 'tenant' }),
      );
      await write(
        client,
        tables.directory,
        writes.map(({ write: { Put } }) => ({ PutRequest: { Item: Put?.Item } })),
      );
      show((done += batch.length));
    }
  };
  await Promise.all(Array.from({ length: batchesAtOnce }, writer));
  return directories;
}

const directories = new WeakMap<Stage, Map<number, Promise<Directory>>>();

/** Returns the directory of a size, which measurements share. They do not change its users. */
export function getDirectory(stage: Stage, size: number): Promise<Directory> {
  const bySize = directories.get(stage) ?? new Map<number, Promise<Directory>>();
  directories.set(stage, bySize);
  const directory = bySize.get(size) ?? fill(stage, [size]).then(([filled]) => filled as Directory);
  bySize.set(size, directory);
  return directory;
}

/** Deletes the users that a measurement created, so the directory keeps its size. */
export async function remove(
  { tables }: Stage,
  { tenantId }: Directory,
  users: Directory['users'],
): Promise<void> {
  const client = DynamoDBDocumentClient.from(new DynamoDBClient({}));
  for (let start = 0; start < users.length; start += usersInBatch) {
    const batch = users.slice(start, start + usersInBatch);
    const found = batch.flatMap(({ userId, email }) => [
      keys.user(tenantId, parseUserId(userId) ?? userId),
      keys.emailClaim(tenantId, email ?? ''),
    ]);
    await write(
      client,
      tables.directory,
      found.map((Key) => ({ DeleteRequest: { Key: { ...Key } } })),
    );
  }
}

function newUser(tenantId: string): User {
  const now = new Date();
  const createdBy = randomUUID();
  return {
    tenantId,
    userId: randomUUID(),
    profileId: randomUUID(),
    email: `${randomUUID()}@example.com`,
    name: 'Ada Lovelace',
    roles: ['user'],
    authProvider: 'local',
    status: 'invite_pending',
    invitation: newInvitation(now, createdBy),
    emailVerified: false,
    hasAvatar: false,
    version: 1,
    createdAt: now.toISOString(),
    createdBy,
  };
}

/** Writes items of the directory table. */
export const writeItems = ({ tables }: Stage, requests: readonly Request[]): Promise<void> =>
  write(DynamoDBDocumentClient.from(new DynamoDBClient({})), tables.directory, requests);

async function write(
  client: DynamoDBDocumentClient,
  table: string,
  requests: readonly Request[],
): Promise<void> {
  for (let remaining = requests; remaining.length > 0; ) {
    const { UnprocessedItems }: BatchWriteCommandOutput = await client.send(
      new BatchWriteCommand({ RequestItems: { [table]: [...remaining] } }),
    );
    remaining = UnprocessedItems?.[table] ?? [];
    if (remaining.length > 0) await sleep(100);
  }
}

/** ASCII, so JavaScript sorts like the database. */
const byEmail = ({ email: one = '' }: User, { email: other = '' }: User): number =>
  one < other ? -1 : 1;

/** Fisher–Yates shuffle. */
function shuffled<Value>(values: readonly Value[]): Value[] {
  const result = [...values];
  for (let last = result.length - 1; last > 0; last--) {
    const chosen = randomInt(last + 1);
    [result[last], result[chosen]] = [result[chosen] as Value, result[last] as Value];
  }
  return result;
}
