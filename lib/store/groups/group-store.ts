import type { Group } from '../../domain/groups/group.ts';
import type { GroupStore } from '../../domain/groups/group-store.ts';
import { canonicalizeGroupName } from '../../domain/kernel/canonical.ts';
import { batchGet } from '../dynamodb/batch-get.ts';
import { writeChange } from '../dynamodb/change-records.ts';
import { getItem } from '../dynamodb/get-item.ts';
import { toAttributes } from '../dynamodb/items.ts';
import { queryPage, queryPrefix } from '../dynamodb/query.ts';
import type { Directory } from '../dynamodb/tables.ts';
import { groupNames, type Key, keys } from '../keys.ts';
import { toScimIdKey, toScimNameKey } from './group-references.ts';
import { buildGroupWrite, hashExternalId } from './group-writes.ts';
import { readNestingVersion } from './nesting-version.ts';

/** Groups of a tenant, in a partition of their own. */
export function createGroupStore(tables: Directory, now: () => number): GroupStore {
  const { client, directory } = tables;

  const getAll = async (tenantId: string, groupIds: readonly string[]) => {
    const items = await batchGet(
      tables,
      groupIds.map((groupId) => keys.group(tenantId, groupId)),
    );
    return new Map(items.map((item) => [String(item['groupId']), fromGroupItem(item)]));
  };

  /** Reads the IDs of the groups with a reference, whose key is `prefix` with the group ID. */
  const findReferences = async ({ pk, sk: prefix }: Key): Promise<readonly string[]> => {
    const items = await queryPrefix(tables, { pk, prefix }, { ProjectionExpression: 'groupId' });
    return items.map(({ groupId }) => String(groupId));
  };

  return {
    async get(tenantId, groupId) {
      const item = await getItem(client, directory, keys.group(tenantId, groupId));
      return item && fromGroupItem(item);
    },

    async findId(tenantId, by) {
      const key =
        'name' in by
          ? keys.groupNameClaim(tenantId, canonicalizeGroupName(by.name))
          : keys.groupExternalIdClaim(tenantId, hashExternalId(by.externalId));
      if (Buffer.byteLength(key.sk) > maxSortKeyBytes) return undefined;
      return (await getItem(client, directory, key))?.['groupId'] as string | undefined;
    },

    getAll,

    findByScimId: (tenantId, connectionId, externalId) =>
      findReferences(toScimIdKey({ tenantId }, { connectionId, externalId })),

    findByScimName: (tenantId, connectionId, displayName) =>
      findReferences(toScimNameKey({ tenantId }, { connectionId, displayName })),

    async list(tenantId, { after, limit }) {
      const { pk, prefix } = groupNames(tenantId);
      const { items } = await queryPage(client, directory, {
        pk,
        prefix,
        after: after === undefined ? undefined : keys.groupNameClaim(tenantId, after),
        limit: limit + 1,
      });
      const page = items.slice(0, limit);
      const byId = await getAll(
        tenantId,
        page.map(({ groupId }) => String(groupId)),
      );
      const groups = page.flatMap(({ groupId }) => byId.get(String(groupId)) ?? []);
      return {
        // A group can be deleted between the two reads.
        groups: groups.filter(({ deletion }) => deletion === undefined),
        next: items.length > limit ? String(page.at(-1)?.['sk']).slice(prefix.length) : undefined,
      };
    },

    async write(change, restored) {
      const write = buildGroupWrite(directory, change, restored);
      const outcome = await writeChange(tables, { ...write, deadline: change.deadline }, now);
      return typeof outcome === 'object' ? outcome.conflict : outcome;
    },

    getNestingVersion: (tenantId) => readNestingVersion(tables, tenantId),
  };
}

function fromGroupItem(item: Record<string, unknown>): Group {
  const { outboxShard: _shard, dueAt: _dueAt, ...group } = toAttributes(item);
  return group as unknown as Group;
}

/** Limit of DynamoDB. Canonical names can be longer than the input. */
const maxSortKeyBytes = 1024;
