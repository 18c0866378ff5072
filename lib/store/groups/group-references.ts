import { createHash } from 'node:crypto';
import type { Group } from '../../domain/groups/group.ts';
import { canonicalizeGroupName } from '../../domain/kernel/canonical.ts';
import { type Key, keys } from '../keys.ts';

const hash = (text: string): string => createHash('sha256').update(text).digest('hex');

interface GroupId {
  readonly tenantId: string;
  /** Undefined for the prefix of the keys of all groups. */
  readonly groupId?: string;
}

/** Returns the key of the reference by the ID in the identity provider. */
export const toScimIdKey = (
  { tenantId, groupId = '' }: GroupId,
  { connectionId, externalId }: { readonly connectionId: string; readonly externalId: string },
): Key => keys.groupScimIdReference(tenantId, { connectionId, hash: hash(externalId), groupId });

/** Returns the key of the reference by display name, without regard to case. */
export const toScimNameKey = (
  { tenantId, groupId = '' }: GroupId,
  { connectionId, displayName }: { readonly connectionId: string; readonly displayName: string },
): Key =>
  keys.groupScimNameReference(tenantId, {
    connectionId,
    hash: hash(canonicalizeGroupName(displayName)),
    groupId,
  });

/** Lists the references to a managed group. A deleted group has none. */
export function toReferenceKeys(group: Group | undefined): readonly Key[] {
  if (!group?.managedBy || group.deletion) return [];
  const { connectionId, externalId } = group.managedBy;
  const { displayName } = group;
  return [
    ...(externalId === undefined ? [] : [toScimIdKey(group, { connectionId, externalId })]),
    ...(displayName === undefined ? [] : [toScimNameKey(group, { connectionId, displayName })]),
  ];
}
