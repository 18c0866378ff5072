import { randomUUID } from 'node:crypto';
import { DeleteCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import type { EpochMs } from '../../domain/kernel/time.ts';
import type { TenantErasureStore } from '../../domain/tenants/tenant-erasure-store.ts';
import type { Tenant } from '../../domain/tenants/tenant.ts';
import { getRecordTtl, toRecordItem } from '../dynamodb/change-records.ts';
import { batchDelete } from '../dynamodb/batch-write.ts';
import { ifVersion, readEntity } from '../dynamodb/entities.ts';
import { queryAll, queryPage, queryPages } from '../dynamodb/query.ts';
import type { Directory, Tables } from '../dynamodb/tables.ts';
import {
  outcomeUnknown,
  putIfAbsent,
  sendConditionalWithRetry,
  transact,
  withConflict,
  type Write,
} from '../dynamodb/transaction.ts';
import { type Key, keys } from '../keys.ts';
import { listTenantCollections, type Owner, type OwnerCollection } from './tenant-collections.ts';

/** Owners that are erased at a time. One transaction deletes the list entries of users. */
const pageSize = 50;

/** Erases deleted tenants, one page of users, groups and other owners of partitions at a time. */
export function createTenantErasureStore(tables: Tables, now: () => number): TenantErasureStore {
  const { client, directory, secrets } = tables;
  const secretsTable: Directory = { client, directory: secrets };

  /** Deletes all items of partitions, except the item of a tenant. */
  const deletePartitions = async (
    table: Directory,
    partitions: readonly string[],
    deadline: EpochMs,
  ): Promise<void> => {
    const readKeys = async (pk: string): Promise<readonly Key[]> => {
      const items = await queryAll(client, {
        TableName: table.directory,
        KeyConditionExpression: 'pk = :pk',
        ExpressionAttributeValues: { ':pk': pk },
        ProjectionExpression: 'sk',
        ConsistentRead: true,
      });
      return items.map(({ sk }) => ({ pk, sk: String(sk) }));
    };
    const keyLists = await Promise.all(partitions.map(readKeys));
    const itemKeys = keyLists.flat().filter(({ sk }) => sk !== keys.tenant('').sk);
    await batchDelete(table, itemKeys, { deadline, now });
  };

  /** Deletes claims across tenants, unless another tenant has taken them. */
  const releaseClaims = async (
    tenantId: string,
    claims: readonly Key[],
    deadline: EpochMs,
  ): Promise<void> => {
    const release = (key: Key): Promise<boolean> => {
      const command = new DeleteCommand({
        TableName: directory,
        Key: { ...key },
        ConditionExpression: 'tenantId = :tenantId',
        ExpressionAttributeValues: { ':tenantId': tenantId },
      });
      return sendConditionalWithRetry((options) => client.send(command, options), deadline, now);
    };
    await Promise.all(claims.map(release));
  };

  /** Deletes items and adds the users among them to the progress, all or none. */
  const deleteCounted = async (
    tenantId: string,
    items: readonly Key[],
    { userCount, deadline }: { readonly userCount: number; readonly deadline: EpochMs },
  ): Promise<void> => {
    const progress: Write = {
      Update: {
        TableName: directory,
        Key: { ...keys.tenant(tenantId) },
        UpdateExpression:
          'SET #erasure.erasedUsers = #erasure.erasedUsers + :count, #version = #version + :one',
        ConditionExpression: 'attribute_exists(#erasure)',
        ExpressionAttributeNames: { '#erasure': 'erasure', '#version': 'version' },
        ExpressionAttributeValues: { ':count': userCount, ':one': 1 },
      },
    };
    const deletions = items.map(
      ({ pk, sk }): Write => ({
        Delete: {
          TableName: directory,
          Key: { pk, sk },
          ConditionExpression: 'attribute_exists(pk)',
        },
      }),
    );
    // After a failed condition, another run has deleted and counted them.
    const writes = withConflict('deleted' as const, [progress, ...deletions]);
    const outcome = await transact(client, { writes, token: randomUUID(), deadline }, now);
    if (outcome === 'unknown') throw outcomeUnknown();
  };

  /** Deletes the partitions of owners page by page. The items of the owners are last. */
  const removeOwners = async (
    tenantId: string,
    collection: OwnerCollection,
    deadline: EpochMs,
  ): Promise<void> => {
    for (;;) {
      if (now() >= deadline) throw outcomeUnknown();
      const { items } = await queryPage(client, directory, {
        ...collection.range,
        limit: pageSize,
        attributes: collection.attributes,
      });
      if (items.length === 0) return;
      const owners = items.map((item) => collection.toOwner(item));
      const list = <Value>(select: (owner: Owner) => readonly Value[] | undefined): Value[] =>
        owners.flatMap((owner) => select(owner) ?? []);
      await deletePartitions(
        tables,
        list(({ partitions }) => partitions),
        deadline,
      );
      await batchDelete(
        secretsTable,
        list((owner) => owner.secrets),
        { deadline, now },
      );
      const secretPartitions = list((owner) => owner.secretPartitions);
      await deletePartitions(secretsTable, secretPartitions, deadline);
      await releaseClaims(
        tenantId,
        list(({ claims }) => claims),
        deadline,
      );
      const userCount = owners.filter(({ isUser }) => isUser).length;
      const itemKeys = items.map(({ sk }) => ({ pk: collection.range.pk, sk: String(sk) }));
      if (collection.isCounted) await deleteCounted(tenantId, itemKeys, { userCount, deadline });
      else await batchDelete(tables, itemKeys, { deadline, now });
    }
  };

  return {
    async *listDeleted() {
      const { pk, sk } = keys.deletedTenantEntry('');
      for await (const page of queryPages(client, {
        TableName: directory,
        KeyConditionExpression: 'pk = :pk AND begins_with(sk, :prefix)',
        FilterExpression: 'attribute_not_exists(erasedAt)',
        ExpressionAttributeValues: { ':pk': pk, ':prefix': sk },
        ConsistentRead: true,
      }))
        for (const { tenantId } of page) yield String(tenantId);
    },

    get: (tenantId) => readEntity<Tenant>(tables, keys.tenant(tenantId)),

    start(tenant, startedAt, deadline) {
      const { ConditionExpression, ...condition } = ifVersion(tenant);
      const command = new UpdateCommand({
        TableName: directory,
        Key: { ...keys.tenant(tenant.tenantId) },
        UpdateExpression: 'SET erasure = :erasure, #version = #version + :one',
        ConditionExpression,
        ExpressionAttributeNames: condition.ExpressionAttributeNames,
        ExpressionAttributeValues: {
          ...condition.ExpressionAttributeValues,
          ':erasure': { startedAt, erasedUsers: 0 },
          ':one': 1,
        },
      });
      return sendConditionalWithRetry((options) => client.send(command, options), deadline, now);
    },

    async removeData(tenant, deadline) {
      const { owners, partitions } = listTenantCollections(tenant);
      for (const collection of owners) await removeOwners(tenant.tenantId, collection, deadline);
      await deletePartitions(tables, partitions, deadline);
    },

    async finish(tenantId, finishedAt, deadline) {
      const tenant = await readEntity<Tenant>(tables, keys.tenant(tenantId));
      // Another run has finished.
      if (!tenant?.erasure || tenant.erasure.finishedAt !== undefined) return;
      const erasedTenant = toErasedTenant(tenant, finishedAt);
      const item = { ...keys.tenant(tenantId), ...erasedTenant };
      const entry: Write = {
        Update: {
          TableName: directory,
          Key: { ...keys.deletedTenantEntry(tenant.slug) },
          UpdateExpression: 'SET erasedAt = :finishedAt',
          ExpressionAttributeValues: { ':finishedAt': finishedAt },
        },
      };
      const writes = withConflict('stale' as const, [
        putIfAbsent(directory, item, ifVersion(tenant)),
        putIfAbsent(directory, toErasureRecord(erasedTenant, finishedAt)),
        entry,
      ]);
      const outcome = await transact(client, { writes, token: randomUUID(), deadline }, now);
      if (outcome === 'unknown') throw outcomeUnknown();
    },
  };
}

/** Builds the record that remains of a tenant. The name and the origin of a customer are data. */
const toErasedTenant = (
  { tenantId, slug, uniqueness, status, version, createdAt, createdBy, deletion, erasure }: Tenant,
  finishedAt: string,
): Tenant => ({
  tenantId,
  slug,
  name: slug,
  origin: '',
  uniqueness,
  status,
  locale: 'en',
  version: version + 1,
  createdAt,
  createdBy,
  deletion,
  erasure: erasure && { ...erasure, finishedAt },
});

/** Stands for the caller in the change record. */
const eraser = 'tenant-erasure';

/** Builds the last change record, which expires as those of erased users do. */
const toErasureRecord = ({ tenantId, version }: Tenant, finishedAt: string): object => ({
  ...toRecordItem(keys.tenantChange(tenantId, version), {
    version,
    action: 'erase',
    at: finishedAt,
    actor: { type: 'system', id: eraser },
    by: eraser,
    issuer: eraser,
    requestId: eraser,
    policies: [],
    before: {},
  }),
  ttl: getRecordTtl(Date.parse(finishedAt)),
});
