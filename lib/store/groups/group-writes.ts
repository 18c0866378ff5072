import { createHash } from 'node:crypto';
import { type Group, maxGroups, maxGroupsWithDeleted } from '../../domain/groups/group.ts';
import type { NestingVersion } from '../../domain/groups/group-store.ts';
import type { GroupWrite } from '../../domain/groups/members-version.ts';
import { canonicalizeGroupName } from '../../domain/kernel/canonical.ts';
import type { EntityChange } from '../../domain/kernel/entity.ts';
import { toRecordItem } from '../dynamodb/change-records.ts';
import { ifVersion } from '../dynamodb/entities.ts';
import { updateReferences } from '../dynamodb/reference-writes.ts';
import { schemaVersion } from '../dynamodb/tables.ts';
import {
  type ConditionalWrite,
  putIfAbsent,
  withConflict,
  type Write,
} from '../dynamodb/transaction.ts';
import { deletedGroupShard, type Key, keys, outboxIndex } from '../keys.ts';
import { toReferenceKeys } from './group-references.ts';
import { requireNesting } from './nesting-version.ts';

type GroupConflict = 'name' | 'externalId' | 'full' | 'stale';

type Restored = NestingVersion & { readonly parents: readonly string[] };

/** Builds the record of a change of a group, and the writes of the same transaction. */
export function buildGroupWrite(
  directory: string,
  change: EntityChange<Group>,
  restored?: Restored,
): { readonly record: Key; readonly writes: readonly ConditionalWrite<GroupConflict>[] } {
  const { before, after, record } = change;
  const { tenantId, groupId } = after;
  const item = { ...keys.group(tenantId, groupId), ...toGroupAttributes(after) };
  const put = putIfAbsent(directory, item, before && ifVersion(before, ifNotFinal));
  return {
    record: toRecordItem(keys.groupChange(tenantId, groupId, after.version), record),
    writes: [
      ...changeClaim(directory, 'name', change),
      ...changeClaim(directory, 'externalId', change),
      ...countGroups(directory, change),
      ...withConflict('stale' as const, [
        ...writeGroupRoles(directory, change, restored),
        ...updateReferences(
          directory,
          { tenantId, groupId },
          { before: toReferenceKeys(before), after: toReferenceKeys(after) },
        ),
        ...(restored ? [requireNesting(directory, tenantId, restored)] : []),
        put,
      ]),
    ],
  };
}

/** Builds the records and writes of a group in the transaction that changes its members. */
export function combineGroupWrite(
  TableName: string,
  group: GroupWrite | undefined,
): {
  readonly records: readonly Key[];
  readonly writes: readonly ConditionalWrite<GroupConflict>[];
} {
  if (!group) return { records: [], writes: [] };
  if ('change' in group) {
    const { record, writes } = buildGroupWrite(TableName, group.change);
    return { records: [record], writes };
  }
  const { tenantId, groupId } = group.unchanged;
  const Key = { ...keys.group(tenantId, groupId) };
  const check = { TableName, Key, ...ifVersion(group.unchanged) };
  return { records: [], writes: withConflict('stale' as const, [{ ConditionCheck: check }]) };
}

const claimGroup = (directory: string, key: Key, { tenantId, groupId }: Group): Write =>
  putIfAbsent(directory, { ...key, tenantId, groupId });

const releaseClaim = (directory: string, key: Key, { groupId }: Group): Write => ({
  Delete: {
    TableName: directory,
    Key: { ...key },
    ConditionExpression: 'groupId = :groupId',
    ExpressionAttributeValues: { ':groupId': groupId },
  },
});

/** Claims and releases one identifier, which the group before or after the change can lack. */
function changeClaim(
  directory: string,
  field: 'name' | 'externalId',
  { before, after }: Pick<EntityChange<Group>, 'before' | 'after'>,
): ConditionalWrite<GroupConflict>[] {
  const toClaimKey = (group: Group | undefined) =>
    group === undefined || group.deletion ? undefined : toIdentifierKey(field, group);
  const [former, next] = [toClaimKey(before), toClaimKey(after)];
  if (former?.sk === next?.sk) return [];
  return [
    ...(next ? withConflict(field, [claimGroup(directory, next, after)]) : []),
    ...(former && before
      ? withConflict('stale' as const, [releaseClaim(directory, former, before)])
      : []),
  ];
}

export const hashExternalId = (externalId: string): string =>
  createHash('sha256').update(externalId).digest('hex');

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
