import { ConditionalCheckFailedException } from '@aws-sdk/client-dynamodb';
import { UpdateCommand, type UpdateCommandInput } from '@aws-sdk/lib-dynamodb';
import { type AttemptStore, type Counter, getBackoffMs } from '../domain/credentials/attempts.ts';
import { keys } from './keys.ts';
import { sendRead, schemaVersion, type Tables } from './dynamodb/tables.ts';

/** Nobody has to wait at this moment. */
const isOpen = 'attribute_not_exists(notBefore) OR notBefore <= :now';

/** Attempts at passwords, in DynamoDB: for each counter and each window of time an item, which expires with it. */
export function createAttemptStore({
  client,
  directory,
}: Pick<Tables, 'client' | 'directory'>): AttemptStore {
  type Update = Pick<
    UpdateCommandInput,
    | 'UpdateExpression'
    | 'ConditionExpression'
    | 'ExpressionAttributeNames'
    | 'ExpressionAttributeValues'
  >;
  /** The attributes after the update; or, where its condition does not hold, those that it met. */
  const update = ({ id, policy: pace }: Counter, now: Date, input: Update) => {
    const window = Math.floor(now.getTime() / pace.windowMs);
    const command = new UpdateCommand({
      TableName: directory,
      Key: { ...keys.attemptCounter(id, window) },
      ...input,
      ReturnValues: 'ALL_NEW',
      ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
    });
    return sendRead((options) =>
      client.send(command, options).then(
        ({ Attributes }) => ({ written: Number(Attributes?.['attempts']) }),
        (error: unknown) => {
          if (error instanceof ConditionalCheckFailedException)
            return { availableAtMs: Number(error.Item?.['notBefore']?.N ?? now.getTime()) };
          throw error;
        },
      ),
    );
  };
  const ttl = ({ policy: pace }: Counter, now: Date) =>
    Math.ceil(((Math.floor(now.getTime() / pace.windowMs) + 1) * pace.windowMs) / 1000);
  const add = (counter: Counter, now: Date, number: number, ConditionExpression?: string) =>
    update(counter, now, {
      UpdateExpression: 'ADD attempts :number SET #ttl = :ttl, schemaVersion = :schemaVersion',
      ConditionExpression,
      ExpressionAttributeNames: { '#ttl': 'ttl' },
      ExpressionAttributeValues: {
        ':number': number,
        ':ttl': ttl(counter, now),
        ':schemaVersion': schemaVersion,
        ...(ConditionExpression !== undefined && { ':now': now.getTime() }),
      },
    });

  return {
    async record(counter, now) {
      const counted = await add(counter, now, 1, isOpen);
      if ('availableAtMs' in counted) return counted;
      const wait = getBackoffMs(counter.policy, counted.written);
      if (wait === 0) return undefined;
      // Of those that came this far at the same time one goes on.
      const claimed = await update(counter, now, {
        UpdateExpression: 'SET notBefore = :notBefore',
        ConditionExpression: isOpen,
        ExpressionAttributeValues: { ':now': now.getTime(), ':notBefore': now.getTime() + wait },
      });
      return 'availableAtMs' in claimed ? claimed : undefined;
    },

    async reset(counter, now) {
      await update(counter, now, {
        UpdateExpression:
          'SET attempts = :none, #ttl = :ttl, schemaVersion = :schemaVersion REMOVE notBefore',
        ExpressionAttributeNames: { '#ttl': 'ttl' },
        ExpressionAttributeValues: {
          ':none': 0,
          ':ttl': ttl(counter, now),
          ':schemaVersion': schemaVersion,
        },
      });
    },

    async refund(counter, now) {
      await add(counter, now, -1);
    },
  };
}
