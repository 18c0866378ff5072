/** Comparison of groups with their memberships. */
import { createHash } from 'node:crypto';
import { canonicalizeGroupName } from '../../../lib/domain/kernel/canonical.ts';
import { maxNesting } from '../../../lib/domain/groups/group.ts';
import { keys, toMemberKey } from '../../../lib/store/keys.ts';
import { isStrippedRecord } from './stripped-records.ts';

type Item = Readonly<Record<string, any>>;

const toLine = ({ pk, sk }: Item): string => `${pk} ${sk}`;

/** True for an item of a group or membership. */
export const isGroupItem = (pk: string, sk: string): boolean =>
  /^TENANT#[^#]+#GROUPS?(#|$)/.test(pk) || /^(ROLES#GROUP|MEMBEROF|GROUPCHANGE)#/.test(sk);

/** Key of the item of a membership's member, group or user. */
const toMemberItemKey = ({ tenantId, memberKind, memberId }: Item) =>
  ({
    user: keys.user(tenantId, memberId),
    appClient: keys.appClient(tenantId, memberId),
    group: keys.group(tenantId, memberId),
  })[memberKind as 'user' | 'appClient' | 'group'];

/**
 * Describes what is inconsistent: each membership is in both collections, with a group and a member
 * that exist. An active group has a claim of its name, and the roles and parents that decisions
 * read. No group counts fewer members than it has, and no chain of groups is a cycle or too long.
 */
export function findGroupFaults(items: readonly Item[]): string[] {
  const byKey = new Map(items.map((item) => [toLine(item), item]));
  const groups = items.filter(({ sk, groupId }) => sk === `GROUP#${groupId}`);
  const select = (prefix: string) => items.filter(({ sk }) => String(sk).startsWith(prefix));
  const isStored = (key: Item): boolean => byKey.has(toLine(key));
  const faults: string[] = [];
  const expect = (isTrue: boolean, fault: string): void => {
    if (!isTrue) faults.push(fault);
  };

  for (const member of select('MEMBER#')) {
    const { tenantId, groupId, memberKind, memberId, status, joinedAt } = member;
    const key = toMemberKey({ kind: memberKind, id: memberId });
    const other = byKey.get(toLine(keys.membership(tenantId, groupId, key)));
    expect(other?.['status'] === status && other?.['joinedAt'] === joinedAt, toLine(member));
  }
  for (const membership of select('MEMBEROF#')) {
    const { tenantId, groupId, memberKind, memberId } = membership;
    const key = toMemberKey({ kind: memberKind, id: memberId });
    expect(isStored(keys.groupMember(tenantId, groupId, key)), toLine(membership));
    expect(isStored(keys.group(tenantId, groupId)), `${toLine(membership)} without group`);
    expect(isStored(toMemberItemKey(membership)), `${toLine(membership)} without member`);
  }
  for (const record of select('GROUPCHANGE#')) {
    const [, tenantId = '', kind, id = ''] = String(record['pk']).split('#');
    if (kind === 'USER' && !isStrippedRecord(record))
      expect(isStored(keys.user(tenantId, id)), `${toLine(record)} without user`);
  }
  for (const group of groups) {
    const { tenantId, groupId, name, roles, deletion } = group;
    const claim = byKey.get(toLine(keys.groupNameClaim(tenantId, canonicalizeGroupName(name))));
    expect(
      deletion ? claim?.['groupId'] !== groupId : claim?.['groupId'] === groupId,
      `claim of ${groupId}`,
    );
    const references = items.filter(
      (item) => /^SCIM(GROUP|NAME)#/.test(item['sk']) && item['groupId'] === groupId,
    );
    expect(
      JSON.stringify(references.map(toLine).toSorted()) ===
        JSON.stringify(listReferences(group).map(toLine).toSorted()),
      `references of ${groupId}`,
    );
    const stored = byKey.get(toLine(keys.groupRoles(tenantId, groupId)));
    const parents = select('MEMBEROF#').flatMap((item) =>
      item['memberId'] === groupId ? [String(item['groupId'])] : [],
    );
    const expected = deletion ? [[], []] : [roles, parents.toSorted()];
    const actual = [
      stored?.['roles'] ?? [],
      [...((stored?.['parents'] ?? []) as Set<string>)].toSorted(),
    ];
    expect(JSON.stringify(actual) === JSON.stringify(expected), `roles of ${groupId}`);
    expect(!deletion || !stored, `roles of the deleted group ${groupId}`);
    const members = select('MEMBER#').filter((item) => item['groupId'] === groupId);
    const count = byKey.get(toLine(keys.groupMemberCount(tenantId, groupId)))?.['memberCount'] ?? 0;
    expect(count >= members.length, `number of members of ${groupId}`);
    expect(countLevels(groupId, items) <= maxNesting, `chain above ${groupId}`);
  }
  return faults;
}

/** Keys of the references to a managed group. */
function listReferences({ tenantId, groupId, managedBy, displayName, deletion }: Item) {
  if (!managedBy || deletion) return [];
  const { connectionId, externalId } = managedBy;
  const [scimId, name] = [externalId, displayName && canonicalizeGroupName(displayName)].map(
    (value?: string) =>
      value && { connectionId, groupId, hash: createHash('sha256').update(value).digest('hex') },
  );
  return [
    ...(scimId ? [keys.groupScimIdReference(tenantId, scimId)] : []),
    ...(name ? [keys.groupScimNameReference(tenantId, name)] : []),
  ];
}

/** Counts the groups in the longest chain up. A cycle counts as too long. */
function countLevels(groupId: string, items: readonly Item[], depth = 1): number {
  if (depth > maxNesting) return depth;
  const roles = items.find(({ sk }) => sk === `ROLES#GROUP#${groupId}`);
  const parents = [...((roles?.['parents'] ?? []) as Set<string>)];
  return Math.max(depth, ...parents.map((parent) => countLevels(parent, items, depth + 1)));
}
