import { ConditionalCheckFailedException } from '@aws-sdk/client-dynamodb';
import { PutCommand, QueryCommand } from '@aws-sdk/lib-dynamodb';
import type { AppClient } from '../../domain/app-clients/app-client.ts';
import type { SecretHash, AppClientStore } from '../../domain/app-clients/app-client-store.ts';
import { batchGet } from '../dynamodb/batch-get.ts';
import { createCache } from '../../domain/kernel/cache.ts';
import { buildSecretWrites } from './secret-writes.ts';
import { fromItem, readEntity, writeEntity } from '../dynamodb/entities.ts';
import { getItem } from '../dynamodb/get-item.ts';
import { keys } from '../keys.ts';
import { sendRead, schemaVersion, type Tables } from '../dynamodb/tables.ts';
import { putIfAbsent, type Write } from '../dynamodb/transaction.ts';

/** The documented bound within which a changed or revoked app client takes effect. */
const staleness = 30_000;
/** How exactly it is told when one was last used. */
const usesApart = 60_000;

/** App clients in DynamoDB. `now` is in epoch milliseconds. */
export function createAppClientStore(tables: Tables, now: () => number): AppClientStore {
  const { client, directory, secrets } = tables;

  const load = (tenantId: string, id: string) =>
    readEntity<AppClient>(tables, keys.appClient(tenantId, id));
  const remembered = createCache(staleness, now, (pair) => load(...apart(pair)));
  const find = (tenantId: string, id: string) => remembered(together(tenantId, id));
  const get = (tenantId: string, id: string) => remembered(together(tenantId, id), true);
  /** Who has a client id has it for good. */
  const claimed = createCache(staleness, now, (clientId) =>
    getItem(client, directory, keys.clientIdClaim(clientId)),
  );

  /** A use that is noted already, or cannot be noted, is no reason to keep anybody waiting. */
  const noted = createCache(usesApart, now, async (pair) => {
    const [tenantId, id] = apart(pair);
    const command = new PutCommand({
      TableName: directory,
      Item: {
        ...keys.appClientLastUse(tenantId, id),
        appClientId: id,
        usedAt: new Date(now()).toISOString(),
        schemaVersion,
      },
      ConditionExpression: 'attribute_not_exists(pk) OR usedAt < :earlier',
      ExpressionAttributeValues: { ':earlier': new Date(now() - usesApart).toISOString() },
    });
    await client
      .send(command, { abortSignal: AbortSignal.timeout(longestNote) })
      .catch((error: unknown) => {
        if (!(error instanceof ConditionalCheckFailedException)) throw error;
      });
    return true;
  });

  return {
    get,
    find,

    async findByClientId(clientId) {
      const claim = await claimed(clientId);
      return claim && find(String(claim['tenantId']), String(claim['appClientId']));
    },

    async getSecretHashes(tenantId, id) {
      const { pk } = keys.appClientSecret(tenantId, id, '');
      const command = new QueryCommand({
        TableName: secrets,
        KeyConditionExpression: 'pk = :pk',
        ExpressionAttributeValues: { ':pk': pk },
        ConsistentRead: true,
      });
      const { Items = [] } = await sendRead((options) => client.send(command, options));
      return Items.map(
        ({ secretId, hash, expiresAt }): SecretHash => ({ secretId, hash, expiresAt }),
      );
    },

    async list(tenantId, { after, limit }) {
      const { pk, sk } = keys.appClient(tenantId, '');
      const command = new QueryCommand({
        TableName: directory,
        KeyConditionExpression: 'pk = :pk AND begins_with(sk, :sk)',
        ExpressionAttributeValues: { ':pk': pk, ':sk': sk },
        ExclusiveStartKey: after === undefined ? undefined : { ...keys.appClient(tenantId, after) },
        // One more tells whether there is more.
        Limit: limit + 1,
        ConsistentRead: true,
      });
      // DynamoDB ends a page at 1 MB, and so no answer is too large for Lambda.
      const { Items = [], LastEvaluatedKey } = await sendRead((options) =>
        client.send(command, options),
      );
      const appClients = Items.slice(0, limit).map((item) => fromItem(item) as AppClient);
      return { appClients, more: Items.length > limit || LastEvaluatedKey !== undefined };
    },

    async write(change, hash) {
      const { tenantId, appClientId } = change.after;
      const place = {
        key: keys.appClient(tenantId, appClientId),
        changeKey: (version: number) => keys.appClientChange(tenantId, appClientId, version),
      };
      const claims = change.before === undefined ? [claimOf(change.after, directory)] : [];
      const outcome = await writeEntity(tables, place, change, now, [
        ...claims,
        ...buildSecretWrites(change, hash, secrets),
      ]);
      // Ids and client ids are new, and secrets change together with their app client alone.
      if (typeof outcome === 'object')
        throw new Error('an app client and its secrets do not fit together');
      return outcome;
    },

    recordUse: (tenantId, id) =>
      noted(together(tenantId, id)).then(
        () => undefined,
        () => undefined,
      ),

    async getLastUsedTimes(tenantId, ids) {
      const items = await batchGet(
        tables,
        ids.map((id) => keys.appClientLastUse(tenantId, id)),
      );
      return new Map(items.map(({ appClientId, usedAt }) => [String(appClientId), String(usedAt)]));
    },
  };
}

/** Milliseconds that noting a use may take. */
const longestNote = 500;

/** Neither a tenant's id nor an app client's has a space. */
const together = (tenantId: string, id: string): string => `${tenantId} ${id}`;
const apart = (pair: string): [tenantId: string, id: string] =>
  pair.split(' ', 2) as [string, string];

/** Makes a client id this app client's, for good. */
const claimOf = ({ tenantId, appClientId, clientId }: AppClient, directory: string): Write =>
  putIfAbsent(directory, { ...keys.clientIdClaim(clientId), tenantId, appClientId });
