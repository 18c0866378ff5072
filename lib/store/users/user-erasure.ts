import { DeleteCommand, type DeleteCommandInput } from '@aws-sdk/lib-dynamodb';
import { Failure } from '../../domain/kernel/failure.ts';
import type { User } from '../../domain/users/user.ts';
import type { ChangeRecord } from '../../domain/kernel/change-record.ts';
import type { CreationRecord, ErasureRecord, UserStore } from '../../domain/users/user-store.ts';
import { batchDelete } from '../dynamodb/batch-delete.ts';
import { getItem } from '../dynamodb/get-item.ts';
import { toAttributes } from '../dynamodb/items.ts';
import { queryPage } from '../dynamodb/query.ts';
import type { Tables } from '../dynamodb/tables.ts';
import { outcomeUnknown, sendConditionalWithRetry } from '../dynamodb/transaction.ts';
import { removeFromGroups } from '../groups/remove-memberships.ts';
import { erasurePartition, type Key, keys, parseMembershipKey } from '../keys.ts';
import type { EpochMs } from '../../domain/kernel/time.ts';

/** Builds the erasure record. The change that makes a tombstone final writes it. */
export const toErasureItem = (
  { tenantId, userId }: User,
  { at, actor, by, issuer, requestId, policies }: ChangeRecord,
): object => ({
  ...keys.erasure(tenantId, at, userId),
  ...({ userId, at, actor, by, issuer, requestId, policies } satisfies ErasureRecord),
});

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

  /** Deletes the items of a user, except the user item. Yields the number of items per page. */
  async function* deleteCollection(
    { tenantId, userId }: { readonly tenantId: string; readonly userId: string },
    deadline: EpochMs,
  ): AsyncGenerator<number> {
    const user = keys.user(tenantId, userId);
    const member = { kind: 'USER', id: userId } as const;
    let after: Key | undefined;
    let hadMemberships = false;
    do {
      if (now() >= deadline) throw outcomeUnknown();
      const { items, next } = await queryPage(client, directory, {
        pk: user.pk,
        after,
        attributes: ['sk'],
      });
      const itemKeys = items
        .map(({ sk }) => ({ pk: user.pk, sk: String(sk) }))
        .filter(({ sk }) => sk !== user.sk);
      const groupIds = itemKeys.flatMap((key) => parseMembershipKey(key) ?? []);
      await removeFromGroups(tables, { tenantId, member, groupIds }, { deadline, now });
      await batchDelete(tables, itemKeys, { deadline, now });
      yield itemKeys.length;
      hadMemberships ||= groupIds.length > 0;
      after = next;
    } while (after);
    // A concurrent removal of a membership can have added a record. Without memberships, none can.
    if (hadMemberships) yield* deleteCollection({ tenantId, userId }, deadline);
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
        for await (const count of deleteCollection({ tenantId, userId }, deadline))
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
