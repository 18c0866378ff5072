import { ConditionalCheckFailedException } from '@aws-sdk/client-dynamodb';
import { GetCommand, PutCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import { addressHashOf, type PasswordReset, type PasswordResets, resetLifetime, resetPause } from '../domain/resets/password-reset.ts';
import { keys } from './keys.ts';
import { read, schemaVersion, type Tables } from './tables.ts';

/** Who asked for a new password, in DynamoDB. Each is an item of its own, which no transaction holds. */
export function passwordResets({ client, directory }: Pick<Tables, 'client' | 'directory'>): PasswordResets {
  /** Whether a write was done; false where its condition did not hold. */
  const done = (sent: Promise<unknown>): Promise<boolean> =>
    sent.then(
      () => true,
      (error: unknown) => {
        if (error instanceof ConditionalCheckFailedException) return false;
        throw error;
      },
    );

  return {
    async ask(tenantId, email, now) {
      const addressHash = addressHashOf(email);
      const command = new UpdateCommand({
        TableName: directory,
        Key: { ...keys.passwordReset(tenantId, addressHash) },
        // What was mailed before stays good until there is another mail, so that nobody can spoil it by asking.
        UpdateExpression:
          'SET tenantId = :tenantId, addressHash = :hash, email = :email, asked = :now, due = :now, dueShard = :shard, attempts = :none, refusals = :none, expiresAt = :expiresAt, schemaVersion = :schemaVersion REMOVE notBefore ADD revision :one',
        ConditionExpression: 'attribute_not_exists(asked) OR asked <= :before',
        ExpressionAttributeValues: {
          ':tenantId': tenantId,
          ':hash': addressHash,
          ':email': email,
          ':now': now.toISOString(),
          ':before': new Date(now.getTime() - resetPause).toISOString(),
          ':shard': addressHash.slice(0, 1),
          ':none': 0,
          ':one': 1,
          ':expiresAt': expiresAt(now.getTime()),
          ':schemaVersion': schemaVersion,
        },
      });
      await read((options) => done(client.send(command, options)));
    },

    async get(tenantId, addressHash) {
      const Key = { ...keys.passwordReset(tenantId, addressHash) };
      const { Item } = await read((options) => client.send(new GetCommand({ TableName: directory, Key, ConsistentRead: true }), options));
      return Item && resetOf(Item);
    },

    note(reset) {
      const { tenantId, addressHash, asked, due, revision } = reset;
      const command = new PutCommand({
        TableName: directory,
        Item: {
          ...keys.passwordReset(tenantId, addressHash),
          ...reset,
          revision: revision + 1,
          ...(due !== undefined && { dueShard: addressHash.slice(0, 1) }),
          expiresAt: expiresAt(Date.parse(asked)),
          schemaVersion,
        },
        ConditionExpression: 'revision = :revision',
        ExpressionAttributeValues: { ':revision': revision },
      });
      return read((options) => done(client.send(command, options)));
    },
  };
}

/** A mail may go out an hour after it was asked for, and its link is good for another. Epoch seconds. */
const expiresAt = (asked: number): number => Math.ceil((asked + 2 * resetLifetime) / 1000);

function resetOf(item: Record<string, unknown>): PasswordReset {
  const { pk: _pk, sk: _sk, dueShard: _shard, expiresAt: _expires, schemaVersion: _version, ...reset } = item;
  return reset as unknown as PasswordReset;
}
