import { randomUUID } from 'node:crypto';
import { ConditionalCheckFailedException } from '@aws-sdk/client-dynamodb';
import { QueryCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import type { Delivery } from '../../domain/invitations/delivery.ts';
import type { DueMail } from '../../domain/mail/pending-mail.ts';
import type { DeliveryStore } from '../../domain/invitations/delivery-store.ts';
import type { InvitedUser } from '../../domain/users/user.ts';
import { batchGet } from '../dynamodb/batch-get.ts';
import { getItem } from '../dynamodb/get-item.ts';
import { keys, outboxIndex, parseMailKey } from '../keys.ts';
import { sendRead, type Tables, toUnavailable } from '../dynamodb/tables.ts';
import { putIfAbsent, transact, type Write } from '../dynamodb/transaction.ts';

/** The user is invited by this very version, which nobody has withdrawn. */
const stillInvited = {
  ConditionExpression:
    '#status = :pending AND invitation.#version = :invitation AND attribute_not_exists(invitation.revocation)',
  ExpressionAttributeNames: { '#status': 'status', '#version': 'version' },
};
const values = ({ invitation }: InvitedUser) => ({
  ':pending': 'invite_pending',
  ':invitation': invitation.version,
});

/** How mails fare, in DynamoDB. `now` is in epoch milliseconds. */
export function createDeliveryStore(
  { client, directory }: Pick<Tables, 'client' | 'directory'>,
  now: () => number,
): DeliveryStore {
  /** Whoever has written since holds the newer truth. */
  const put = ({ tenantId, userId }: InvitedUser, { revision, ...delivery }: Delivery): Write =>
    putIfAbsent(
      directory,
      { ...keys.delivery(tenantId, userId), tenantId, userId, ...delivery, revision: revision + 1 },
      revision === 0
        ? {}
        : {
            ConditionExpression: 'revision = :revision',
            ExpressionAttributeValues: { ':revision': revision },
          },
    );
  const send = async (writes: Write[], deadline: number): Promise<boolean> => {
    const outcome = await transact(client, writes, randomUUID(), deadline, now);
    if (outcome === 'unknown')
      throw toUnavailable(new Error('it could not be known whether the delivery was noted'));
    return outcome === 'written';
  };
  const userKey = ({ tenantId, userId }: InvitedUser) => ({
    TableName: directory,
    Key: { ...keys.user(tenantId, userId) },
  });

  return {
    async get(tenantId, userId) {
      const item = await getItem(client, directory, keys.delivery(tenantId, userId));
      return item && fromDeliveryItem(item);
    },

    async getAll(tenantId, userIds) {
      const items = await batchGet(
        { client, directory },
        userIds.map((userId) => keys.delivery(tenantId, userId)),
      );
      return new Map(items.map((item) => [String(item['userId']), fromDeliveryItem(item)]));
    },

    lease: (user, delivery, deadline) =>
      send(
        [
          {
            ConditionCheck: {
              ...userKey(user),
              ...stillInvited,
              ExpressionAttributeValues: values(user),
            },
          },
          put(user, delivery),
        ],
        deadline,
      ),

    save: (user, delivery, dueAt, deadline) =>
      send(
        [
          {
            Update: {
              ...userKey(user),
              ...stillInvited,
              UpdateExpression:
                dueAt === undefined
                  ? 'REMOVE dueAt, outboxShard'
                  : 'SET dueAt = :dueAt, outboxShard = :shard',
              ExpressionAttributeValues: {
                ...values(user),
                ...(dueAt !== undefined && { ':dueAt': dueAt, ':shard': user.userId.slice(0, 1) }),
              },
            },
          },
          put(user, delivery),
        ],
        deadline,
      ),

    async recordDeliveryEvent({ tenantId, userId }, { messageId, state, reason, time }) {
      const command = new UpdateCommand({
        TableName: directory,
        Key: { ...keys.delivery(tenantId, userId) },
        ConditionExpression: 'messageId = :messageId',
        ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
        UpdateExpression:
          'SET #state = :state, reason = :reason, updatedAt = :time ADD revision :one',
        ExpressionAttributeNames: { '#state': 'state' },
        ExpressionAttributeValues: {
          ':messageId': messageId,
          ':state': state,
          ':reason': reason,
          ':time': time,
          ':one': 1,
        },
      });
      await sendRead((options) =>
        client.send(command, options).catch((error: unknown) => {
          if (!(error instanceof ConditionalCheckFailedException)) throw error;
          // Whoever is sending may have had the answer that names this mail, and not noted it yet.
          if (error.Item?.['state']?.S === 'sending') throw toUnavailable(error);
        }),
      );
    },

    async *listDue(before) {
      for (const shard of outboxIndex.shards) {
        let ExclusiveStartKey: Record<string, unknown> | undefined;
        do {
          const page = await sendRead((options) =>
            client.send(
              new QueryCommand({
                TableName: directory,
                IndexName: outboxIndex.name,
                KeyConditionExpression: '#partition = :shard AND #sort < :before',
                ExpressionAttributeNames: {
                  '#partition': outboxIndex.partition,
                  '#sort': outboxIndex.sort,
                },
                ExpressionAttributeValues: { ':shard': shard, ':before': before },
                ExclusiveStartKey,
              }),
              options,
            ),
          );
          for (const item of page.Items ?? []) yield owedOf(item);
          ExclusiveStartKey = page.LastEvaluatedKey;
        } while (ExclusiveStartKey);
      }
    },
  };
}

export function fromDeliveryItem(item: Record<string, unknown>): Delivery {
  const {
    pk: _pk,
    sk: _sk,
    tenantId: _tenant,
    userId: _user,
    schemaVersion: _version,
    ...delivery
  } = item;
  return delivery as unknown as Delivery;
}

/** The index holds keys and nothing else. */
function owedOf({ pk, sk, dueAt }: Record<string, unknown>): DueMail {
  return { ...parseMailKey({ pk: String(pk), sk: String(sk) }), dueAt: String(dueAt) };
}
