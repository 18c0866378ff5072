import { ConditionalCheckFailedException } from '@aws-sdk/client-dynamodb';
import { UpdateCommand, type UpdateCommandInput } from '@aws-sdk/lib-dynamodb';
import {
  type AttemptStore,
  type AttemptCounter,
  getBackoffMs,
} from '../domain/credentials/attempts.ts';
import { type Directory, schemaVersion, sendRequest } from './dynamodb/tables.ts';
import { keys } from './keys.ts';

const notBlocked = 'attribute_not_exists(notBefore) OR notBefore <= :now';

type Update = Pick<
  UpdateCommandInput,
  | 'UpdateExpression'
  | 'ConditionExpression'
  | 'ExpressionAttributeNames'
  | 'ExpressionAttributeValues'
>;

/** Counts attempts to use a password or link, in one item per counter and window. */
export function createAttemptStore({ client, directory }: Directory): AttemptStore {
  /** Returns the new count, or the end of the block if the condition fails. */
  const update = ({ id, policy }: AttemptCounter, now: Date, input: Update) => {
    const command = new UpdateCommand({
      TableName: directory,
      Key: { ...keys.attemptCounter(id, Math.floor(now.getTime() / policy.windowMs)) },
      ...input,
      ReturnValues: 'ALL_NEW',
      ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
    });
    return sendRequest((options) =>
      client.send(command, options).then(
        ({ Attributes }) => ({ count: Number(Attributes?.['attempts']) }),
        (error: unknown) => {
          if (error instanceof ConditionalCheckFailedException)
            return { availableAtMs: Number(error.Item?.['notBefore']?.N ?? now.getTime()) };
          throw error;
        },
      ),
    );
  };

  const getTtl = ({ policy: { windowMs } }: AttemptCounter, now: Date): number =>
    Math.ceil(((Math.floor(now.getTime() / windowMs) + 1) * windowMs) / 1000);

  const add = (
    counter: AttemptCounter,
    now: Date,
    { delta, condition }: { readonly delta: number; readonly condition?: string },
  ) =>
    update(counter, now, {
      UpdateExpression: 'ADD attempts :number SET #ttl = :ttl, schemaVersion = :schemaVersion',
      ConditionExpression: condition,
      ExpressionAttributeNames: { '#ttl': 'ttl' },
      ExpressionAttributeValues: {
        ':number': delta,
        ':ttl': getTtl(counter, now),
        ':schemaVersion': schemaVersion,
        ...(condition !== undefined && { ':now': now.getTime() }),
      },
    });

  return {
    async record(counter, now) {
      const attempt = await add(counter, now, { delta: 1, condition: notBlocked });
      if ('availableAtMs' in attempt) return attempt;
      const delayMs = getBackoffMs(counter.policy, attempt.count);
      if (delayMs === 0) return undefined;
      // Of several concurrent attempts, only the first blocks the counter and proceeds.
      const block = await update(counter, now, {
        UpdateExpression: 'SET notBefore = :notBefore',
        ConditionExpression: notBlocked,
        ExpressionAttributeValues: { ':now': now.getTime(), ':notBefore': now.getTime() + delayMs },
      });
      return 'availableAtMs' in block ? block : undefined;
    },

    async reset(counter, now) {
      await update(counter, now, {
        UpdateExpression:
          'SET attempts = :zero, #ttl = :ttl, schemaVersion = :schemaVersion REMOVE notBefore',
        ExpressionAttributeNames: { '#ttl': 'ttl' },
        ExpressionAttributeValues: {
          ':zero': 0,
          ':ttl': getTtl(counter, now),
          ':schemaVersion': schemaVersion,
        },
      });
    },

    async refund(counter, now) {
      await add(counter, now, { delta: -1 });
    },
  };
}
