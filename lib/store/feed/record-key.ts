import type { ResourceType } from '../../domain/feed/feed-event.ts';
import type { NumberedEntity } from '../../domain/feed/recorded-change.ts';
import type { MemberRef } from '../../domain/groups/group.ts';
import {
  activityPrefix,
  changePrefix,
  connectionKeys,
  type Key,
  keys,
  membershipChangePrefix,
  webhookKeys,
} from '../keys.ts';

/** Entity and version in the key of a record that the feed numbers. */
type RecordKey = {
  readonly tenantId: string;
  readonly id: string;
  readonly version: number;
} & (
  | { readonly kind: ResourceType | 'activity' }
  | { readonly kind: 'membership'; readonly member: MemberRef }
);

const entityKinds: Readonly<Partial<Record<string, ResourceType>>> = {
  USER: 'user',
  GROUP: 'group',
  ROLE: 'role',
  APPCLIENT: 'appClient',
  DOMAIN: 'domain',
  WEBHOOK: 'webhook',
  CONNECTION: 'connection',
  TENANT: 'tenant',
};

/**
 * Parses the key of a record that the feed numbers: a change record, the creation in the item of a
 * user, a change of a membership, or activity. Undefined for every other key.
 */
export function parseRecordKey({ pk, sk }: Key): RecordKey | undefined {
  const [, tenantId, partition = '', id] = /^TENANT#([^#]+)#([^#]+)(?:#(.+))?$/.exec(pk) ?? [];
  if (tenantId === undefined) return undefined;
  if (sk.startsWith(activityPrefix)) return { tenantId, kind: 'activity', id: sk, version: 1 };
  const kind = entityKinds[partition];
  if (kind === undefined) return undefined;
  if (sk.startsWith(membershipChangePrefix)) {
    if (id === undefined || (kind !== 'user' && kind !== 'appClient' && kind !== 'group'))
      return undefined;
    const recordId = sk.slice(sk.lastIndexOf('#') + 1);
    return { tenantId, kind: 'membership', id: recordId, version: 1, member: { kind, id } };
  }
  const entity = { tenantId, kind, id: id ?? tenantId };
  if (sk === 'USER' && kind === 'user') return { ...entity, version: 1 };
  return sk.startsWith(changePrefix)
    ? { ...entity, version: Number(sk.slice(changePrefix.length)) }
    : undefined;
}

/** Builds the key of the change record of an entity. */
export function toEntityChange(
  tenantId: string,
  { kind, id }: NumberedEntity,
  version: number,
): Key {
  switch (kind) {
    case 'user':
      return keys.userChange(tenantId, id, version);
    case 'group':
      return keys.groupChange(tenantId, id, version);
    case 'role':
      return keys.roleChange(tenantId, id, version);
    case 'appClient':
      return keys.appClientChange(tenantId, id, version);
    case 'domain':
      return keys.domainChange(tenantId, id, version);
    case 'webhook':
      return webhookKeys.webhookChange(tenantId, id, version);
    case 'connection':
      return connectionKeys.connectionChange(tenantId, id, version);
    case 'tenant':
      return keys.tenantChange(tenantId, version);
    default:
      throw new Error(`Records of the kind ${kind} have no versions`);
  }
}
