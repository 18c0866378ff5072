import { TransactWriteCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import type { SignInTimeStore } from '../../domain/users/user-store.ts';
import type { Directory } from '../dynamodb/tables.ts';
import { keys } from '../keys.ts';

/** Precision of the latest sign-in. */
const intervalMs = 60_000;
const timeoutMs = 500;

export const createSignInTimeStore = ({
  client,
  directory: TableName,
}: Directory): SignInTimeStore => ({
  async record({ tenantId, userId, lastSignInAt }, at) {
    const earlier = new Date(at.getTime() - intervalMs).toISOString();
    if (lastSignInAt !== undefined && lastSignInAt > earlier) return;
    const update = {
      TableName,
      Key: { ...keys.lastSignIn(tenantId, userId) },
      UpdateExpression: 'SET lastSignInAt = :now',
    };
    const replace = new UpdateCommand({
      ...update,
      // Fails after an erasure, which deletes the item.
      ConditionExpression: 'lastSignInAt <= :earlier',
      ExpressionAttributeValues: { ':now': at.toISOString(), ':earlier': earlier },
    });
    const create = new TransactWriteCommand({
      TransactItems: [
        {
          Update: {
            ...update,
            ConditionExpression: 'attribute_not_exists(pk)',
            ExpressionAttributeValues: { ':now': at.toISOString() },
          },
        },
        {
          // A tombstone has this attribute until the erasure deletes it, after all other items.
          ConditionCheck: {
            TableName,
            Key: { ...keys.user(tenantId, userId) },
            ConditionExpression: 'attribute_exists(pk) AND attribute_not_exists(deletion)',
          },
        },
      ],
    });
    const options = { abortSignal: AbortSignal.timeout(timeoutMs) };
    const write =
      lastSignInAt === undefined ? client.send(create, options) : client.send(replace, options);
    // A failure must not fail the sign-in, and the next one repeats the write.
    await write.then(
      () => undefined,
      () => undefined,
    );
  },
});
