import { ConditionalCheckFailedException } from '@aws-sdk/client-dynamodb';
import { DeleteCommand, type DeleteCommandInput, QueryCommand } from '@aws-sdk/lib-dynamodb';
import { Failure } from '../../domain/kernel/failure.ts';
import type { User } from '../../domain/users/user.ts';
import type { ChangeRecord } from '../../domain/kernel/change-record.ts';
import type { CreationRecord, ErasureRecord, UserStore } from '../../domain/users/user-store.ts';
import { batchDelete } from '../dynamodb/batch-delete.ts';
import { getItem } from '../dynamodb/get-item.ts';
import { erasurePartition, type Key, keys } from '../keys.ts';
import { sendRead, schemaVersion, type Tables } from '../dynamodb/tables.ts';
import { retryWrite } from '../dynamodb/transaction.ts';

/** The record of an erasure, which the change to an unrestorable tombstone writes. */
export const toErasureItem = (
  { tenantId, userId }: User,
  { at, by, issuer, requestId, policies }: ChangeRecord,
): object => ({
  ...keys.erasure(tenantId, at, userId),
  ...({ userId, at, by, issuer, requestId, policies } satisfies ErasureRecord),
  schemaVersion,
});

const toErasure = ({
  pk: _pk,
  sk: _sk,
  schemaVersion: _version,
  ...record
}: Record<string, unknown>): ErasureRecord => record as unknown as ErasureRecord;

/** Erases users and lists the records of erasures. `now` is in epoch milliseconds. */
export function createUserErasure(
  { client, directory, secrets }: Tables,
  now: () => number,
): Pick<UserStore, 'erase' | 'listErasures'> {
  const remove = (input: DeleteCommandInput, deadline: number): Promise<unknown> =>
    retryWrite((options) => client.send(new DeleteCommand(input), options), deadline, now);

  /** An expired idempotency record may have been replaced by that of another user. */
  const removeAnswer = async (key: Key, userId: string, deadline: number): Promise<void> => {
    const ofUser = {
      ConditionExpression: 'userId = :userId',
      ExpressionAttributeValues: { ':userId': userId },
    };
    await remove({ TableName: directory, Key: { ...key }, ...ofUser }, deadline).catch(
      (error: unknown) => {
        if (!(error instanceof Failure && error.cause instanceof ConditionalCheckFailedException))
          throw error;
      },
    );
  };

  /** One page of a user's keys: as many items as DynamoDB reads at once. */
  const readKeys = (pk: string, after: Record<string, unknown> | undefined) =>
    sendRead((options) =>
      client.send(
        new QueryCommand({
          TableName: directory,
          KeyConditionExpression: 'pk = :pk',
          ExpressionAttributeValues: { ':pk': pk },
          ProjectionExpression: 'sk',
          ExclusiveStartKey: after,
          ConsistentRead: true,
        }),
        options,
      ),
    );

  return {
    async erase(tenantId, userId, deadline) {
      const user = keys.user(tenantId, userId);
      let removed = 0;
      try {
        const creation = (await getItem(client, directory, user))?.['creation'] as
          | CreationRecord
          | undefined;
        if (creation?.idempotencyId)
          await removeAnswer(
            keys.idempotencyRecord(tenantId, creation.idempotencyId),
            userId,
            deadline,
          );
        await remove(
          { TableName: secrets, Key: { ...keys.userSecret(tenantId, userId) } },
          deadline,
        );
        let after: Record<string, unknown> | undefined;
        do {
          if (now() >= deadline) return { isComplete: false, removed };
          const { Items = [], LastEvaluatedKey } = await readKeys(user.pk, after);
          const found = Items.map(({ sk }) => ({ pk: user.pk, sk: String(sk) })).filter(
            ({ sk }) => sk !== user.sk,
          );
          await batchDelete({ client, directory }, found, deadline, now);
          removed += found.length;
          after = LastEvaluatedKey;
        } while (after);
        // Last, so a repeated erasure finds the user.
        await remove({ TableName: directory, Key: { ...user } }, deadline);
        return { isComplete: true, removed: removed + 1 };
      } catch (error) {
        if (error instanceof Failure && error.code === 'unavailable' && now() >= deadline)
          return { isComplete: false, removed };
        throw error;
      }
    },

    async listErasures(tenantId, { after, limit }) {
      const { pk, prefix: sk } = erasurePartition(tenantId);
      const { Items = [] } = await sendRead((options) =>
        client.send(
          new QueryCommand({
            TableName: directory,
            KeyConditionExpression: 'pk = :pk',
            ExpressionAttributeValues: { ':pk': pk },
            ExclusiveStartKey: after === undefined ? undefined : { pk, sk: `${sk}${after}` },
            Limit: limit + 1,
            ScanIndexForward: false,
            ConsistentRead: true,
          }),
          options,
        ),
      );
      const page = Items.slice(0, limit);
      return {
        erasures: page.map(toErasure),
        next: Items.length > limit ? String(page.at(-1)?.['sk']).slice(sk.length) : undefined,
      };
    },
  };
}
