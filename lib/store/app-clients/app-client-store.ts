import { ConditionalCheckFailedException } from '@aws-sdk/client-dynamodb';
import { PutCommand } from '@aws-sdk/lib-dynamodb';
import type { AppClient, AppClientWithGroups } from '../../domain/app-clients/app-client.ts';
import type { AppClientStore, SecretHash } from '../../domain/app-clients/app-client-store.ts';
import { createCache } from '../../domain/kernel/cache.ts';
import { batchGet } from '../dynamodb/batch-get.ts';
import { fromItem, readEntity, writeEntity } from '../dynamodb/entities.ts';
import { getItem } from '../dynamodb/get-item.ts';
import { queryPage, queryPrefix } from '../dynamodb/query.ts';
import { schemaVersion, type Tables } from '../dynamodb/tables.ts';
import {
  type ConditionalWrite,
  putIfAbsent,
  withConflict,
  type Write,
} from '../dynamodb/transaction.ts';
import type { EntityChange } from '../../domain/kernel/entity.ts';
import { keys, memberships } from '../keys.ts';
import { buildSecretWrites } from './secret-writes.ts';

/** Documented delay until a changed or revoked app client takes effect. */
const cacheTtlMs = 30_000;
/** Precision of the last use. */
const lastUseIntervalMs = 60_000;
const recordTimeoutMs = 500;

export function createAppClientStore(tables: Tables, now: () => number): AppClientStore {
  const { client, directory, secrets } = tables;

  const listGroups = async (tenantId: string, id: string): Promise<string[]> => {
    const items = await queryPrefix(tables, memberships(tenantId, { kind: 'APPCLIENT', id }));
    return items.map(({ groupId }) => String(groupId));
  };

  const getCached = createCache(
    cacheTtlMs,
    now,
    async (cacheKey): Promise<AppClientWithGroups | undefined> => {
      const [tenantId, id] = splitKey(cacheKey);
      const [appClient, groups] = await Promise.all([
        readEntity<AppClient>(tables, keys.appClient(tenantId, id)),
        listGroups(tenantId, id),
      ]);
      return appClient && { ...appClient, groups };
    },
  );
  const find = (tenantId: string, id: string) => getCached(joinKey(tenantId, id));
  const get = (tenantId: string, id: string) => getCached(joinKey(tenantId, id), true);
  const getCachedClaim = createCache(cacheTtlMs, now, (clientId) =>
    getItem(client, directory, keys.clientIdClaim(clientId)),
  );

  const recordUseOnce = createCache(lastUseIntervalMs, now, async (cacheKey) => {
    const [tenantId, id] = splitKey(cacheKey);
    const command = new PutCommand({
      TableName: directory,
      Item: {
        ...keys.appClientLastUse(tenantId, id),
        appClientId: id,
        usedAt: new Date(now()).toISOString(),
        schemaVersion,
      },
      ConditionExpression: 'attribute_not_exists(pk) OR usedAt < :earlier',
      ExpressionAttributeValues: { ':earlier': new Date(now() - lastUseIntervalMs).toISOString() },
    });
    await client
      .send(command, { abortSignal: AbortSignal.timeout(recordTimeoutMs) })
      .catch((error: unknown) => {
        if (!(error instanceof ConditionalCheckFailedException)) throw error;
      });
    return true;
  });

  return {
    get,
    find,

    async findByClientId(clientId) {
      const claim = await getCachedClaim(clientId);
      return claim && find(String(claim['tenantId']), String(claim['appClientId']));
    },

    async getSecretHashes(tenantId, id) {
      const { pk } = keys.appClientSecret(tenantId, id, '');
      const { items } = await queryPage(client, secrets, { pk });
      return items.map((item) => {
        const { secretId, hash, expiresAt } = item as unknown as SecretHash;
        return { secretId, hash, expiresAt };
      });
    },

    async getAll(tenantId, ids) {
      const items = await batchGet(
        tables,
        ids.map((id) => keys.appClient(tenantId, id)),
      );
      return new Map(
        items.map((item) => [String(item['appClientId']), fromItem(item) as AppClient]),
      );
    },

    async list(tenantId, { after, limit }) {
      const { pk, sk } = keys.appClient(tenantId, '');
      // A page ends at 1 MB, so the response fits the limits of Lambda.
      const { items, next } = await queryPage(client, directory, {
        pk,
        prefix: sk,
        after: after === undefined ? undefined : keys.appClient(tenantId, after),
        limit: limit + 1,
      });
      const appClients = items.slice(0, limit).map((item) => fromItem(item) as AppClient);
      return { appClients, hasMore: items.length > limit || next !== undefined };
    },

    async write(change, hash) {
      const outcome = await writeAppClient(tables, { change, hash, furtherWrites: [] }, now);
      if (typeof outcome === 'object') throw new Error('The write had no further conditions');
      return outcome;
    },

    // A failure must not fail the request, and the next use repeats the write.
    recordUse: (tenantId, id) =>
      recordUseOnce(joinKey(tenantId, id)).then(
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

interface AppClientWrite<Conflict> {
  readonly change: EntityChange<AppClient>;
  /** Hash of the secret that the change adds. */
  readonly hash?: string | undefined;
  readonly furtherWrites: readonly ConditionalWrite<Conflict>[];
}

/**
 * Writes an app client, its change record, its effect on secrets and further writes in one
 * transaction. Returns the conflict of a further write that failed.
 */
export async function writeAppClient<Conflict = never>(
  tables: Tables,
  { change: { after, ...states }, hash, furtherWrites }: AppClientWrite<Conflict>,
  now: () => number,
): Promise<'written' | 'stale' | { readonly conflict: Conflict }> {
  const change = { ...states, after: withoutGroups(after) };
  const { tenantId, appClientId } = after;
  const outcome = await writeEntity<AppClient, Conflict | 'inconsistent'>(
    tables,
    {
      key: keys.appClient(tenantId, appClientId),
      changeKey: (version: number) => keys.appClientChange(tenantId, appClientId, version),
      change,
      furtherWrites: [
        ...withConflict('inconsistent' as const, [
          ...(change.before === undefined
            ? [putClientIdClaim(tables.directory, change.after)]
            : []),
          ...buildSecretWrites(change, hash, tables.secrets),
        ]),
        ...furtherWrites,
      ],
    },
    now,
  );
  if (typeof outcome === 'string') return outcome;
  // IDs are random, and secrets change only together with their app client.
  if (outcome.conflict === 'inconsistent')
    throw new Error('App client and secrets are inconsistent');
  return { conflict: outcome.conflict };
}

/** Memberships are items of their own. */
function withoutGroups({
  groups: _groups,
  ...appClient
}: AppClient & Partial<Pick<AppClientWithGroups, 'groups'>>): AppClient {
  return appClient;
}

/** Neither ID contains a space. */
const joinKey = (tenantId: string, id: string): string => `${tenantId} ${id}`;
const splitKey = (cacheKey: string): [tenantId: string, id: string] =>
  cacheKey.split(' ', 2) as [string, string];

const putClientIdClaim = (
  directory: string,
  { tenantId, appClientId, clientId }: AppClient,
): Write => putIfAbsent(directory, { ...keys.clientIdClaim(clientId), tenantId, appClientId });
