import type { LogEntry } from '../../domain/connections/connection-log.ts';
import type { Membership } from '../../domain/groups/group.ts';
import type { SignInRecord } from '../../domain/sign-in/record-sign-in.ts';
import type {
  CreationRecord,
  UserHistoryStore,
  UserLogEntry,
  UserMembership,
} from '../../domain/users/user-store.ts';
import { isBeingErased } from '../../domain/users/user.ts';
import { batchGet, batchGetOrdered } from '../dynamodb/batch-get.ts';
import { fromRecordItem } from '../dynamodb/change-records.ts';
import { queryPage, queryPrefix } from '../dynamodb/query.ts';
import type { Directory } from '../dynamodb/tables.ts';
import {
  type MemberJobFinder,
  overlayMemberships,
  readPendingMemberships,
} from '../groups/pending-memberships.ts';
import { changePrefix, type Key, keys, memberships, userConnectionLog } from '../keys.ts';
import { fromDeliveryItem } from '../mail/delivery-store.ts';
import { fromItem } from './user-items.ts';

export const createUserHistoryStore = (
  tables: Directory,
  finder: MemberJobFinder,
): UserHistoryStore => ({
  async get(tenantId, userId, { after = 1, limit, withMemberships }) {
    const { pk, ...afterKey } = keys.userChange(tenantId, userId, after);
    const { items: records } = await queryPage(tables.client, tables.directory, {
      pk,
      prefix: changePrefix,
      after: { pk, ...afterKey },
      limit,
    });
    const itemKeys = [
      keys.user(tenantId, userId),
      keys.avatar(tenantId, userId),
      keys.delivery(tenantId, userId),
    ];
    const items = await batchGet(tables, itemKeys);
    const [item, avatar, delivery] = itemKeys.map(({ sk }) =>
      items.find((candidate) => candidate['sk'] === sk),
    );
    if (!item) return undefined;
    const user = { ...fromItem(item), avatar: avatar?.['avatar'] as string | undefined };
    // The erasure has removed values from the records.
    if (isBeingErased(user)) return undefined;
    const changes = records.map(fromRecordItem);
    const groups = withMemberships
      ? await readMemberships(tables, { tenantId, userId }, finder)
      : [];
    const lastVersion = changes.at(-1)?.version ?? after;
    return {
      user,
      memberships: groups,
      creation: item['creation'] as CreationRecord,
      delivery: delivery && fromDeliveryItem(delivery),
      changes,
      // The user may have changed after the query.
      next: lastVersion < user.version ? lastVersion : undefined,
    };
  },

  async listSignIns(tenantId, userId, { after, limit }) {
    const { pk, sk: prefix } = keys.userActivity(tenantId, userId);
    const { items } = await queryPage(tables.client, tables.directory, {
      pk,
      after: keys.userActivity(tenantId, userId, after),
      limit,
    });
    return (items as unknown as readonly (SignInRecord & Key)[]).map(({ sk, ...record }) => ({
      ...record,
      position: sk.slice(prefix.length),
    }));
  },

  async listScimRequests(tenantId, userId, { after, limit }) {
    const { pk, prefix } = userConnectionLog(tenantId, userId);
    const requests: UserLogEntry[] = [];
    let next: Key | undefined = { pk, sk: `${prefix}${after}` };
    // An entry can expire before its pointer.
    while (next && requests.length < limit) {
      const page = await queryPage(tables.client, tables.directory, {
        pk,
        prefix,
        after: next,
        limit: limit - requests.length,
      });
      requests.push(...(await readRequests(tables, tenantId, page.items)));
      next = page.next;
    }
    return requests;
  },
});

/** Reads the requests to which items of a user point. */
async function readRequests(
  tables: Directory,
  tenantId: string,
  pointers: readonly Readonly<Record<string, unknown>>[],
): Promise<readonly UserLogEntry[]> {
  const items = await batchGetOrdered(
    tables,
    pointers.map(({ connectionId, position }) =>
      keys.connectionLog(tenantId, String(connectionId), String(position)),
    ),
  );
  return items.flatMap((item, index) => {
    const { pk: _, sk } = pointers[index] as unknown as Key;
    const position = sk.slice(userConnectionLog('', '').prefix.length);
    return item ? [{ ...(JSON.parse(String(item['entry'])) as LogEntry), position }] : [];
  });
}

async function readMemberships(
  tables: Directory,
  { tenantId, userId }: { readonly tenantId: string; readonly userId: string },
  finder: MemberJobFinder,
): Promise<readonly UserMembership[]> {
  const pending = await readPendingMemberships(
    tables,
    userId,
    await finder.findMemberJobs(tenantId),
  );
  const stored = await queryPrefix(tables, memberships(tenantId, { kind: 'USER', id: userId }));
  const items = overlayMemberships(stored as unknown as readonly Membership[], pending);
  const groups = await batchGet(
    tables,
    items.map(({ groupId }) => keys.group(tenantId, groupId)),
  );
  const names = new Map(groups.map(({ groupId, name }) => [groupId, String(name)]));
  return items.map(({ groupId, status, joinedAt, addedBy }) => ({
    groupId,
    name: names.get(groupId),
    status,
    joinedAt,
    addedBy,
  }));
}
