import { randomUUID } from 'node:crypto';
import { GetCommand, ScanCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import type { EpochMs } from '../domain/kernel/time.ts';
import { schemaVersion, type Secrets, type Tables, toUnavailable } from './dynamodb/tables.ts';
import { outcomeUnknown, sendConditionalWithRetry, transact } from './dynamodb/transaction.ts';
import { type Key, keys } from './keys.ts';

/** Version with the claims of users in the partition of their tenant. */
const oldVersion = 2;

export interface UpgradePage {
  readonly scannedItems: number;
  readonly upgraded: number;
  /** Keys of items to upgrade last: the service rejects requests until then. */
  readonly deferredKeys: readonly Key[];
  readonly next: Key | undefined;
}

interface UpgradeOptions {
  readonly after: Key | undefined;
  readonly limit: number;
  readonly deadline: EpochMs;
}

type Item = Readonly<Record<string, unknown>>;

const toKey = ({ pk, sk }: Item): Key => ({ pk: String(pk), sk: String(sk) });

/** True for tenants and the deployment key, which requests need. */
const isDeferred = ({ pk, sk }: Key): boolean =>
  sk === keys.tenant('').sk || (pk === keys.deploymentKey.pk && sk === keys.deploymentKey.sk);

const isOldClaim = ({ pk, sk }: Key): boolean =>
  /^TENANT#[^#]+$/.test(pk) && /^(EMAIL|USERNAME|IDENTITY)#/.test(sk);

/**
 * Creates the upgrade of items from schema version 2. It moves claims to their own partition, where
 * they become entries without a view.
 */
export function createSchemaUpgrade(client: Tables['client'], now: () => number) {
  const setVersion = async (TableName: string, key: Key, deadline: EpochMs): Promise<void> => {
    const command = new UpdateCommand({
      TableName,
      Key: { ...key },
      UpdateExpression: 'SET schemaVersion = :new',
      ConditionExpression: 'schemaVersion = :old',
      ExpressionAttributeValues: { ':new': schemaVersion, ':old': oldVersion },
    });
    // The condition fails if another run has upgraded the item, or the item has expired.
    await sendConditionalWithRetry((options) => client.send(command, options), deadline, now);
  };

  const moveClaim = async (TableName: string, claim: Item, deadline: EpochMs): Promise<void> => {
    const { tenantId, userId } = claim;
    const { pk } = keys.emailClaim(String(tenantId), '');
    const ExpressionAttributeValues = { ':userId': userId };
    const put = {
      TableName,
      Item: { pk, sk: claim['sk'], tenantId, userId, schemaVersion },
      ConditionExpression: 'attribute_not_exists(pk) OR userId = :userId',
      ExpressionAttributeValues,
    };
    const remove = {
      TableName,
      Key: { ...toKey(claim) },
      ConditionExpression: 'userId = :userId',
      ExpressionAttributeValues,
    };
    const writes = [
      { write: { Delete: remove }, conflict: 'moved' as const },
      { write: { Put: put }, conflict: 'claimed' as const },
    ];
    const outcome = await transact(client, { writes, token: randomUUID(), deadline }, now);
    if (outcome === 'unknown') throw outcomeUnknown();
    // Another run has moved it, and its user may have released it since.
    if (outcome === 'written' || outcome.conflict === 'moved') return;
    throw new Error(`The claim of user ${String(userId)} belongs to another user.`);
  };

  return {
    /** Upgrades the next items of a table, except deferred ones. Throws `unavailable`. */
    async upgradePage(
      TableName: string,
      { after, limit, deadline }: UpgradeOptions,
    ): Promise<UpgradePage> {
      const { items, ...page } = await scan(client, TableName, { after, limit });
      const deferredKeys = items.map(toKey).filter(isDeferred);
      const others = items.filter((item) => !isDeferred(toKey(item)));
      for (let first = 0; first < others.length; first += concurrency)
        await Promise.all(
          others
            .slice(first, first + concurrency)
            .map((item) =>
              isOldClaim(toKey(item))
                ? moveClaim(TableName, item, deadline)
                : setVersion(TableName, toKey(item), deadline),
            ),
        );
      return { ...page, upgraded: others.length, deferredKeys };
    },

    /** Upgrades a deferred item. Throws `unavailable`. */
    upgradeItem: setVersion,
  };
}

const concurrency = 8;

/** Reads the schema version of the tables, which is that of the deployment key. */
export async function readSchemaVersion({ client, secrets }: Secrets): Promise<number | undefined> {
  const command = new GetCommand({
    TableName: secrets,
    Key: { ...keys.deploymentKey },
    ConsistentRead: true,
  });
  const { Item: item } = await client.send(command);
  return item?.['schemaVersion'] as number | undefined;
}

/** Reads items of the old version, which other reads reject. */
async function scan(
  client: Tables['client'],
  TableName: string,
  { after, limit }: Omit<UpgradeOptions, 'deadline'>,
) {
  const command = new ScanCommand({
    TableName,
    FilterExpression: 'schemaVersion = :old',
    ProjectionExpression: 'pk, sk, tenantId, userId',
    ExpressionAttributeValues: { ':old': oldVersion },
    ExclusiveStartKey: after && { ...after },
    Limit: limit,
    ConsistentRead: true,
  });
  try {
    const output = await client.send(command);
    return {
      items: output.Items ?? [],
      scannedItems: output.ScannedCount ?? 0,
      next: output.LastEvaluatedKey as Key | undefined,
    };
  } catch (error) {
    throw toUnavailable(error);
  }
}
