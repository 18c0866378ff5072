import { createHash } from 'node:crypto';
import { type Group, maxGroups, maxGroupsWithDeleted } from '../../domain/groups/group.ts';
import type { GroupStore, NestingVersion } from '../../domain/groups/group-store.ts';
import { canonicalizeGroupName } from '../../domain/kernel/canonical.ts';
import type { EntityChange } from '../../domain/kernel/entity.ts';
import { batchGet } from '../dynamodb/batch-get.ts';
import { writeEntity } from '../dynamodb/entities.ts';
import { getItem } from '../dynamodb/get-item.ts';
import { toAttributes } from '../dynamodb/items.ts';
import { queryPage, queryPrefix } from '../dynamodb/query.ts';
import { updateReferences } from '../dynamodb/reference-writes.ts';
import { type Directory, schemaVersion } from '../dynamodb/tables.ts';
import {
  type ConditionalWrite,
  putIfAbsent,
  withConflict,
  type Write,
} from '../dynamodb/transaction.ts';
import { deletedGroupShard, groupNames, type Key, keys, outboxIndex } from '../keys.ts';
import { toReferenceKeys, toScimIdKey, toScimNameKey } from './group-references.ts';
import { readNestingVersion, requireNesting } from './nesting-version.ts';

type Conflict = 'name' | 'externalId' | 'full' | 'stale';

type Restored = NestingVersion & { readonly parents: readonly string[] };

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

  const claimGroup = (key: Key, { tenantId, groupId }: Group): Write =>
    putIfAbsent(directory, { ...key, tenantId, groupId });

  const releaseClaim = (key: Key, { groupId }: Group): Write => ({
    Delete: {
      TableName: directory,
      Key: { ...key },
      ConditionExpression: 'groupId = :groupId',
      ExpressionAttributeValues: { ':groupId': groupId },
    },
  });

  /** Claims and releases one identifier, which the group before or after the change can lack. */
  const changeClaim = (
    field: 'name' | 'externalId',
    { before, after }: Pick<EntityChange<Group>, 'before' | 'after'>,
  ): ConditionalWrite<Conflict>[] => {
    const toClaimKey = (group: Group | undefined) =>
      group === undefined || group.deletion ? undefined : toIdentifierKey(field, group);
    const [former, next] = [toClaimKey(before), toClaimKey(after)];
    if (former?.sk === next?.sk) return [];
    return [
      ...(next ? withConflict(field, [claimGroup(next, after)]) : []),
      ...(former && before ? withConflict('stale' as const, [releaseClaim(former, before)]) : []),
    ];
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
      const { after } = change;
      const { tenantId, groupId } = after;
      const furtherWrites: ConditionalWrite<Conflict>[] = [
        ...changeClaim('name', change),
        ...changeClaim('externalId', change),
        ...countGroups(directory, change),
        ...withConflict('stale' as const, [
          ...writeGroupRoles(directory, change, restored),
          ...updateReferences(
            directory,
            { tenantId, groupId },
            { before: toReferenceKeys(change.before), after: toReferenceKeys(after) },
          ),
          ...(restored ? [requireNesting(directory, tenantId, restored)] : []),
        ]),
      ];
      const entityKeys = {
        key: keys.group(tenantId, groupId),
        changeKey: (version: number) => keys.groupChange(tenantId, groupId, version),
      };
      const outcome = await writeEntity(
        tables,
        {
          ...entityKeys,
          change: { ...change, after: toGroupAttributes(after) },
          furtherWrites,
          condition: ifNotFinal,
        },
        now,
      );
      return typeof outcome === 'object' ? outcome.conflict : outcome;
    },

    getNestingVersion: (tenantId) => readNestingVersion(tables, tenantId),
  };
}

/** Condition that no cleanup of the deleted group has begun. */
const ifNotFinal = 'attribute_not_exists(deletion.isFinal)';

/** Adds the attributes by which the cleanup finds a deleted group. */
const toGroupAttributes = (group: Group): Group => ({
  ...group,
  ...(group.deletion && {
    [outboxIndex.partition]: deletedGroupShard,
    [outboxIndex.sort]: group.deletion.at,
  }),
});

function fromGroupItem(item: Record<string, unknown>): Group {
  const { outboxShard: _shard, dueAt: _dueAt, ...group } = toAttributes(item);
  return group as unknown as Group;
}

/** Limit of DynamoDB. Canonical names can be longer than the input. */
const maxSortKeyBytes = 1024;

const hashExternalId = (externalId: string): string =>
  createHash('sha256').update(externalId).digest('hex');

function toIdentifierKey(
  field: 'name' | 'externalId',
  { tenantId, name, externalId }: Group,
): Key | undefined {
  if (field === 'name') return keys.groupNameClaim(tenantId, canonicalizeGroupName(name));
  return externalId === undefined
    ? undefined
    : keys.groupExternalIdClaim(tenantId, hashExternalId(externalId));
}

/**
 * Counts groups, with and without deleted ones. The cleanup subtracts a deleted group from the
 * total when it has removed the members.
 */
function countGroups(
  TableName: string,
  { before, after }: EntityChange<Group>,
): ConditionalWrite<'full'>[] {
  const isAdded = before === undefined;
  const isRestored = before?.deletion !== undefined && after.deletion === undefined;
  const isDeleted = before?.deletion === undefined && after.deletion !== undefined;
  if (!isAdded && !isRestored && !isDeleted) return [];
  const key = { TableName, Key: { ...keys.groupCount(after.tenantId) } };
  if (isDeleted)
    return withConflict('full' as const, [
      {
        Update: {
          ...key,
          UpdateExpression: 'ADD activeCount :decrement',
          ExpressionAttributeValues: { ':decrement': -1 },
        },
      },
    ]);
  return withConflict('full' as const, [
    {
      Update: {
        ...key,
        UpdateExpression:
          'SET schemaVersion = :schemaVersion ADD activeCount :one, totalCount :added',
        ConditionExpression:
          '(attribute_not_exists(activeCount) OR activeCount < :maxGroups) AND (attribute_not_exists(totalCount) OR totalCount <= :maxTotal)',
        ExpressionAttributeValues: {
          ':one': 1,
          ':added': isAdded ? 1 : 0,
          ':maxGroups': maxGroups,
          ':maxTotal': maxGroupsWithDeleted - (isAdded ? 1 : 0),
          ':schemaVersion': schemaVersion,
        },
      },
    },
  ]);
}

/** Writes the roles that decisions read. A deleted group has no such item. */
function writeGroupRoles(
  TableName: string,
  { before, after }: EntityChange<Group>,
  restored: Restored | undefined,
): Write[] {
  const { tenantId, groupId, roles } = after;
  const key = { TableName, Key: { ...keys.groupRoles(tenantId, groupId) } };
  if (after.deletion) return before?.deletion ? [] : [{ Delete: key }];
  const parents = restored?.parents ?? [];
  if (!restored && (before?.roles ?? []).join() === roles.join()) return [];
  return [
    {
      Update: {
        ...key,
        UpdateExpression: `SET groupId = :groupId, #roles = :roles, schemaVersion = :schemaVersion${
          parents.length > 0 ? ' ADD parents :parents' : ''
        }`,
        ExpressionAttributeNames: { '#roles': 'roles' },
        ExpressionAttributeValues: {
          ':groupId': groupId,
          ':roles': roles,
          ':schemaVersion': schemaVersion,
          ...(parents.length > 0 && { ':parents': new Set(parents) }),
        },
      },
    },
  ];
}
