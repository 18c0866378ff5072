import type { StoredSegment } from '../../domain/checkpoints/chain.ts';
import type { DirectoryEvidence, StoredRecord } from '../../domain/checkpoints/verify-directory.ts';
import type { ResourceType } from '../../domain/feed/feed-event.ts';
import type { Uuid } from '../../domain/kernel/ids.ts';
import type { EpochMs } from '../../domain/kernel/time.ts';
import { batchGetOrdered } from '../dynamodb/batch-get.ts';
import { toAttributes } from '../dynamodb/items.ts';
import { queryPage, queryPrefix } from '../dynamodb/query.ts';
import type { Directory } from '../dynamodb/tables.ts';
import {
  domainPrefix,
  type Key,
  keys,
  membershipChangesAt,
  segmentPrefix,
  toMemberKey,
  webhookKeys,
} from '../keys.ts';
import { createFeedWriter } from './feed-writer.ts';
import { toEntityChange } from './record-key.ts';
import { toMembershipValues } from './recorded-changes.ts';

type Item = Readonly<Record<string, unknown>>;

/**
 * Reads the segments of a feed after the one with a key, as they are stored. Expired ones are
 * included.
 */
export async function* listStoredSegments(
  { client, directory }: Directory,
  tenantId: Uuid,
  after = 0,
): AsyncIterable<StoredSegment> {
  const { pk } = keys.feedAnchor(tenantId);
  let next: Key | undefined = keys.feedSegment(tenantId, after);
  do {
    const page = await queryPage(client, directory, { pk, prefix: segmentPrefix, after: next });
    for (const { sk, ...item } of page.items)
      yield {
        ...(toAttributes(item) as unknown as StoredSegment),
        key: Number(String(sk).slice(segmentPrefix.length)),
      };
    next = page.next;
  } while (next);
}

/** Converts a change record with its salt, which other readers omit. */
const toStoredRecord = (item: Item): StoredRecord => {
  const { before, ...record } = item as Item & { readonly before?: string };
  return {
    ...record,
    before: JSON.parse(before ?? '{}') as StoredRecord['before'],
  } as StoredRecord;
};

/** Reads what a feed describes. Strongly consistent. Throws `unavailable`. */
export function createDirectoryEvidence(tables: Directory, now: () => EpochMs): DirectoryEvidence {
  const feed = createFeedWriter(tables, now);

  /** The item of a domain has its name in the key. */
  const listDomains = async (tenantId: Uuid): Promise<ReadonlyMap<unknown, Item>> => {
    const items = await queryPrefix(tables, domainPrefix(tenantId));
    return new Map(items.map((item) => [item['domainId'], item]));
  };

  return {
    async getRecords(tenantId, refs) {
      const items = await batchGetOrdered(
        tables,
        refs.map(({ type, id, version }) => toEntityChange(tenantId, { kind: type, id }, version)),
      );
      return items.map((item) => item && toStoredRecord(item));
    },

    getMembershipRecords: (tenantId, events) =>
      Promise.all(
        events.map(async ({ member, resource, time, requestId }) => {
          if (!member) return undefined;
          const memberKey = toMemberKey({ kind: member.type, id: member.id });
          const items = await queryPrefix(tables, membershipChangesAt(tenantId, memberKey, time));
          const ofGroup = items.filter(({ groupId }) => groupId === resource.id);
          const item = ofGroup.find((each) => each['requestId'] === requestId) ?? ofGroup[0];
          return item && ({ ...item, ...toMembershipValues(item) } as unknown as StoredRecord);
        }),
      ),

    async getVersions(tenantId, refs) {
      const entityKeys: Readonly<Record<Exclude<ResourceType, 'domain'>, (id: string) => Key>> = {
        user: (id) => keys.user(tenantId, id),
        group: (id) => keys.group(tenantId, id),
        role: (id) => keys.role(tenantId, id),
        appClient: (id) => keys.appClient(tenantId, id),
        webhook: (id) => webhookKeys.webhook(tenantId, id),
        connection: (id) => keys.connection(tenantId, id),
        tenant: () => keys.tenant(tenantId),
      };
      const domains = await listDomains(tenantId);
      const numbered = await feed.getVersions(
        tenantId,
        refs.map(({ type, id }) => ({ kind: type, id })),
      );
      const others = refs.filter(({ type }) => type !== 'domain');
      const entities = await batchGetOrdered(
        tables,
        others.map(({ type, id }) => entityKeys[type as keyof typeof entityKeys](id)),
      );
      const byRef = new Map(others.map((ref, index) => [ref, entities[index]]));
      const readVersion = (item: Item | undefined): number | undefined =>
        item && Number(item['version']);
      return refs.map((ref, index) => ({
        numbered: numbered[index] ?? 0,
        current: readVersion(ref.type === 'domain' ? domains.get(ref.id) : byRef.get(ref)),
      }));
    },
  };
}
