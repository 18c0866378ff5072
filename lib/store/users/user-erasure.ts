import { DeleteCommand, type DeleteCommandInput } from '@aws-sdk/lib-dynamodb';
import { inferActor } from '../../domain/access/actor.ts';
import { Failure } from '../../domain/kernel/failure.ts';
import type { User } from '../../domain/users/user.ts';
import type { ChangeRecord } from '../../domain/kernel/change-record.ts';
import type { CreationRecord, ErasureRecord, UserStore } from '../../domain/users/user-store.ts';
import { batchWrite } from '../dynamodb/batch-write.ts';
import { recordAttributes, stripRecord } from '../dynamodb/change-records.ts';
import { getItem } from '../dynamodb/get-item.ts';
import { toAttributes } from '../dynamodb/items.ts';
import { queryPage } from '../dynamodb/query.ts';
import type { Tables } from '../dynamodb/tables.ts';
import { outcomeUnknown, sendConditionalWithRetry } from '../dynamodb/transaction.ts';
import { removeFromGroups } from '../groups/remove-memberships.ts';
import { erasurePartition, isRecordKey, type Key, keys, parseMembershipKey } from '../keys.ts';
import type { EpochMs } from '../../domain/kernel/time.ts';

/** Builds the erasure record. The change that makes a tombstone final writes it. */
export const toErasureItem = (
  { tenantId, userId }: User,
  { at, actor, by, issuer, requestId, policies }: ChangeRecord,
): object => ({
  ...keys.erasure(tenantId, at, userId),
  ...({ userId, at, actor, by, issuer, requestId, policies } satisfies ErasureRecord),
});

type Item = Readonly<Record<string, unknown>>;

const toKey = ({ pk, sk }: Item): Key => ({ pk: String(pk), sk: String(sk) });

/**
 * Builds the write that erases an item of a user. The user item is deleted last. Until then it
 * becomes the record of its creation, because the sequencer may not have read it yet.
 */
function eraseItem(item: Item, nowMs: EpochMs) {
  const key = toKey(item);
  const { tenantId, userId, creation } = item;
  if (creation === undefined)
    return isRecordKey(key)
      ? { PutRequest: { Item: stripRecord(item, nowMs) } }
      : { DeleteRequest: { Key: { ...key } } };
  const { requestedAt = item['createdAt'], ...audit } = creation as CreationRecord;
  const record = {
    ...item,
    ...audit,
    actor: audit.actor ?? inferActor(String(item['createdBy'])),
    ...keys.userChange(String(tenantId), String(userId), 1),
    version: 1,
    action: 'create',
    at: requestedAt,
  };
  return { PutRequest: { Item: stripRecord(record, nowMs) } };
}

/** Builds the write that deletes the entry of a SCIM connection to which an item points. */
function eraseLogEntry({ connectionId, position }: Item, tenantId: string) {
  if (typeof position !== 'string') return [];
  const Key = { ...keys.connectionLog(tenantId, String(connectionId), position) };
  return [{ DeleteRequest: { Key } }];
}

export function createUserErasure(
  tables: Tables,
  now: () => number,
): Pick<UserStore, 'erase' | 'listErasures'> {
  const { client, directory, secrets } = tables;
  const deleteItem = (input: DeleteCommandInput, deadline: EpochMs): Promise<boolean> =>
    sendConditionalWithRetry(
      (options) => client.send(new DeleteCommand(input), options),
      deadline,
      now,
    );

  /** Keeps the record if the user's has expired and another user's has replaced it. */
  const deleteIdempotencyRecord = async (
    key: Key,
    userId: string,
    deadline: EpochMs,
  ): Promise<void> => {
    const ifOwnRecord = {
      ConditionExpression: 'userId = :userId',
      ExpressionAttributeValues: { ':userId': userId },
    };
    await deleteItem({ TableName: directory, Key: { ...key }, ...ifOwnRecord }, deadline);
  };

  /**
   * Deletes the items in a partition of a user, except the user item, and removes the values from
   * change records. Yields the number of items per page.
   */
  async function* erasePartition(
    pk: string,
    { tenantId, userId }: { readonly tenantId: string; readonly userId: string },
    deadline: EpochMs,
  ): AsyncGenerator<number> {
    const member = { kind: 'USER', id: userId } as const;
    let after: Key | undefined;
    let hadMemberships = false;
    do {
      if (now() >= deadline) throw outcomeUnknown();
      const page = await queryPage(client, directory, {
        pk,
        after,
        attributes: [
          ...recordAttributes,
          'createdAt',
          'createdBy',
          'creation',
          'connectionId',
          'position',
        ],
      });
      const items = page.items.filter(({ changedFields }) => changedFields === undefined);
      const groupIds = items.flatMap((item) => parseMembershipKey(toKey(item)) ?? []);
      await removeFromGroups(tables, { tenantId, member, groupIds }, { deadline, now });
      const writes = items.flatMap((item) => [
        ...eraseLogEntry(item, tenantId),
        eraseItem(item, now()),
      ]);
      await batchWrite(tables, writes, { deadline, now });
      yield items.filter(({ creation }) => creation === undefined).length;
      hadMemberships ||= groupIds.length > 0;
      after = page.next;
    } while (after);
    // A concurrent removal of a membership can have added a record. Without memberships, none can.
    if (hadMemberships) yield* erasePartition(pk, { tenantId, userId }, deadline);
  }

  return {
    async erase(tenantId, userId, deadline) {
      const user = keys.user(tenantId, userId);
      let removedItems = 0;
      try {
        const item = await getItem(client, directory, user);
        const creation = item?.['creation'] as CreationRecord | undefined;
        if (creation?.idempotencyId)
          await deleteIdempotencyRecord(
            keys.idempotencyRecord(tenantId, creation.idempotencyId),
            userId,
            deadline,
          );
        const secret = { TableName: secrets, Key: { ...keys.userSecret(tenantId, userId) } };
        await deleteItem(secret, deadline);
        const activity = keys.userActivity(tenantId, userId);
        for (const { pk } of [activity, user])
          for await (const count of erasePartition(pk, { tenantId, userId }, deadline))
            removedItems += count;
        // Last, so a repeated erasure finds the user.
        await deleteItem({ TableName: directory, Key: { ...user } }, deadline);
        return { isComplete: true, removedItems: removedItems + 1 };
      } catch (error) {
        if (error instanceof Failure && error.code === 'unavailable' && now() >= deadline)
          return { isComplete: false, removedItems };
        throw error;
      }
    },

    async listErasures(tenantId, { after, limit }) {
      const { pk, prefix } = erasurePartition(tenantId);
      const { items } = await queryPage(client, directory, {
        pk,
        after: after === undefined ? undefined : { pk, sk: `${prefix}${after}` },
        limit: limit + 1,
        isDescending: true,
      });
      const page = items.slice(0, limit);
      return {
        erasures: page.map((item) => toAttributes(item) as unknown as ErasureRecord),
        next: items.length > limit ? String(page.at(-1)?.['sk']).slice(prefix.length) : undefined,
      };
    },
  };
}
