import { UpdateCommand } from '@aws-sdk/lib-dynamodb';
import type { DomainClaimStore, DomainStore } from '../domain/domains/domain-store.ts';
import {
  checkIntervalMs,
  type Domain,
  type DomainClaim,
  maxDomains,
} from '../domain/domains/domain.ts';
import { toRecordItem, writeChange } from './dynamodb/change-records.ts';
import { fromItem, ifVersion, readEntity } from './dynamodb/entities.ts';
import { getItem } from './dynamodb/get-item.ts';
import { toAttributes } from './dynamodb/items.ts';
import { queryPages, queryPrefix } from './dynamodb/query.ts';
import { type Directory, schemaVersion, sendConditionalWrite } from './dynamodb/tables.ts';
import { putIfAbsent, withConflict, type Write } from './dynamodb/transaction.ts';
import { domainClaimPrefix, domainPrefix, keys } from './keys.ts';

/** Domains in a partition of their tenant, and claims of verified names. */
export function createDomainStore(tables: Directory, now: () => number): DomainStore {
  const { directory } = tables;

  const putDomain = ({ after, before }: { before: Domain | undefined; after: Domain }): Write =>
    putIfAbsent(
      directory,
      { ...keys.domain(after.tenantId, after.name), ...after },
      before && ifVersion(before),
    );

  const removeDomain = ({ tenantId, name, ...before }: Domain): Write => ({
    Delete: { TableName: directory, Key: { ...keys.domain(tenantId, name) }, ...ifVersion(before) },
  });

  const putClaim = ({ tenantId, domainId, name, verifiedAt }: Domain): Write => {
    const checkAt = new Date(Date.parse(verifiedAt ?? '') + checkIntervalMs).toISOString();
    const claim: DomainClaim = { tenantId, domainId, name, checkAt, failures: 0 };
    return putIfAbsent(directory, { ...keys.domainClaim(name), ...claim });
  };

  const releaseClaim = ({ domainId, name }: Domain): Write => ({
    Delete: {
      TableName: directory,
      Key: { ...keys.domainClaim(name) },
      ConditionExpression: 'domainId = :domainId',
      ExpressionAttributeValues: { ':domainId': domainId },
    },
  });

  const count = (tenantId: string, delta: 1 | -1): Write => ({
    Update: {
      TableName: directory,
      Key: { ...keys.domainCount(tenantId) },
      UpdateExpression: 'SET schemaVersion = :schemaVersion ADD activeCount :delta',
      ExpressionAttributeValues: {
        ':delta': delta,
        ':schemaVersion': schemaVersion,
        ...(delta > 0 && { ':maxDomains': maxDomains }),
      },
      ...(delta > 0 && {
        ConditionExpression: 'attribute_not_exists(activeCount) OR activeCount < :maxDomains',
      }),
    },
  });

  return {
    async list(tenantId) {
      const items = await queryPrefix(tables, domainPrefix(tenantId));
      return items.map((item) => fromItem(item) as Domain);
    },

    get: (tenantId, name) => readEntity<Domain>(tables, keys.domain(tenantId, name)),

    async write({ before, after, record, deadline, isDeletion = false }) {
      const { tenantId, domainId } = after;
      const wasVerified = before?.verifiedAt !== undefined;
      const isVerified = !isDeletion && after.verifiedAt !== undefined;
      const writes = [
        // First, so a stale write is retried before another conflict is reported.
        ...withConflict('stale' as const, [
          before && isDeletion ? removeDomain(before) : putDomain({ before, after }),
          ...(before && wasVerified && !isVerified ? [releaseClaim(before)] : []),
        ]),
        ...withConflict(
          'stale' as const,
          isDeletion
            ? [putIfAbsent(directory, { ...keys.removedDomain(tenantId, domainId), domainId })]
            : [],
        ),
        ...withConflict('taken' as const, !wasVerified && isVerified ? [putClaim(after)] : []),
        ...withConflict('full' as const, [
          ...(before ? [] : [count(tenantId, 1)]),
          ...(isDeletion ? [count(tenantId, -1)] : []),
        ]),
      ];
      const recordItem = toRecordItem(keys.domainChange(tenantId, domainId, after.version), record);
      const outcome = await writeChange(tables, { record: recordItem, writes, deadline }, now);
      return typeof outcome === 'string' ? outcome : outcome.conflict;
    },
  };
}

/** Claims of all tenants in one partition, because verified domains are few. */
export function createDomainClaimStore({ client, directory }: Directory): DomainClaimStore {
  const fromClaimItem = (item: Record<string, unknown>) =>
    toAttributes(item) as unknown as DomainClaim;

  return {
    async find(name) {
      const item = await getItem(client, directory, keys.domainClaim(name));
      return item && fromClaimItem(item);
    },

    async *listDue(now) {
      const { pk, prefix } = domainClaimPrefix;
      for await (const page of queryPages(client, {
        TableName: directory,
        KeyConditionExpression: 'pk = :pk AND begins_with(sk, :prefix)',
        FilterExpression: 'checkAt <= :now',
        ExpressionAttributeValues: { ':pk': pk, ':prefix': prefix, ':now': now },
        ConsistentRead: true,
      }))
        yield* page.map(fromClaimItem);
    },

    async saveCheck({ name, domainId, checkAt }, result) {
      const command = new UpdateCommand({
        TableName: directory,
        Key: { ...keys.domainClaim(name) },
        UpdateExpression: 'SET checkAt = :nextCheckAt, failures = :failures',
        ConditionExpression: 'domainId = :domainId AND checkAt = :checkAt',
        ExpressionAttributeValues: {
          ':domainId': domainId,
          ':checkAt': checkAt,
          ':nextCheckAt': result.checkAt,
          ':failures': result.failures,
        },
      });
      await sendConditionalWrite((options) => client.send(command, options));
    },
  };
}
