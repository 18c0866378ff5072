import { randomUUID } from 'node:crypto';
import { ConditionalCheckFailedException } from '@aws-sdk/client-dynamodb';
import { UpdateCommand } from '@aws-sdk/lib-dynamodb';
import type { Delivery } from '../../domain/invitations/delivery.ts';
import type { DeliveryStore } from '../../domain/invitations/delivery-store.ts';
import type { InvitedUser } from '../../domain/users/user.ts';
import { batchGet } from '../dynamodb/batch-get.ts';
import { getItem } from '../dynamodb/get-item.ts';
import { toAttributes } from '../dynamodb/items.ts';
import { queryPages } from '../dynamodb/query.ts';
import { type Directory, sendRequest, toUnavailable } from '../dynamodb/tables.ts';
import { putIfAbsent, transact, withConflict, type Write } from '../dynamodb/transaction.ts';
import { keys, outboxIndex, parseMailKey } from '../keys.ts';
import type { EpochMs } from '../../domain/kernel/time.ts';

/** Condition on the user item: the invitation is open and has this version. */
const invitationIsCurrent = {
  ConditionExpression:
    '#status = :pending AND invitation.#version = :invitation AND attribute_not_exists(invitation.revocation)',
  ExpressionAttributeNames: { '#status': 'status', '#version': 'version' },
};
const toConditionValues = ({ invitation }: InvitedUser) => ({
  ':pending': 'invite_pending',
  ':invitation': invitation.version,
});

export function createDeliveryStore(tables: Directory, now: () => number): DeliveryStore {
  const { client, directory } = tables;

  const putNextRevision = (
    { tenantId, userId }: InvitedUser,
    { revision, ...delivery }: Delivery,
  ): Write =>
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

  const send = async (writes: readonly Write[], deadline: EpochMs): Promise<boolean> => {
    const transaction = {
      writes: withConflict('changed', writes),
      token: randomUUID(),
      deadline,
    };
    const outcome = await transact(client, transaction, now);
    if (outcome === 'unknown') throw toUnavailable(new Error('delivery has an unknown outcome'));
    return outcome === 'written';
  };

  const toUserKey = ({ tenantId, userId }: InvitedUser) => ({
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
        tables,
        userIds.map((userId) => keys.delivery(tenantId, userId)),
      );
      return new Map(items.map((item) => [String(item['userId']), fromDeliveryItem(item)]));
    },

    lease(user, delivery, deadline) {
      const check = {
        ConditionCheck: {
          ...toUserKey(user),
          ...invitationIsCurrent,
          ExpressionAttributeValues: toConditionValues(user),
        },
      };
      return send([check, putNextRevision(user, delivery)], deadline);
    },

    save(user, { delivery, dueAt }, deadline) {
      const update = {
        Update: {
          ...toUserKey(user),
          ...invitationIsCurrent,
          UpdateExpression:
            dueAt === undefined
              ? 'REMOVE dueAt, outboxShard'
              : 'SET dueAt = :dueAt, outboxShard = :shard',
          ExpressionAttributeValues: {
            ...toConditionValues(user),
            ...(dueAt !== undefined && { ':dueAt': dueAt, ':shard': user.userId.slice(0, 1) }),
          },
        },
      };
      return send([update, putNextRevision(user, delivery)], deadline);
    },

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
      await sendRequest((options) =>
        client.send(command, options).catch((error: unknown) => {
          if (!(error instanceof ConditionalCheckFailedException)) throw error;
          // The mailer may have sent this mail, and not saved its message ID yet.
          if (error.Item?.['state']?.S === 'sending') throw toUnavailable(error);
          return {};
        }),
      );
    },

    async *listDue(before) {
      for (const shard of outboxIndex.shards) {
        const query = {
          TableName: directory,
          IndexName: outboxIndex.name,
          KeyConditionExpression: '#partition = :shard AND #sort < :before',
          ExpressionAttributeNames: {
            '#partition': outboxIndex.partition,
            '#sort': outboxIndex.sort,
          },
          ExpressionAttributeValues: { ':shard': shard, ':before': before },
        };
        for await (const items of queryPages(client, query))
          for (const { pk, sk, dueAt } of items) {
            const recipient = parseMailKey({ pk: String(pk), sk: String(sk) });
            if (recipient) yield { ...recipient, dueAt: String(dueAt) };
          }
      }
    },
  };
}

export function fromDeliveryItem(item: Record<string, unknown>): Delivery {
  const { tenantId: _tenant, userId: _user, ...delivery } = toAttributes(item);
  return delivery as unknown as Delivery;
}
