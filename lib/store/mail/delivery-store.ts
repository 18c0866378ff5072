import { randomBytes, randomUUID } from 'node:crypto';
import { UpdateCommand, type UpdateCommandInput } from '@aws-sdk/lib-dynamodb';
import type { Delivery, InvitationMail, MailAttempt } from '../../domain/invitations/delivery.ts';
import type { DeliveryStore } from '../../domain/invitations/delivery-store.ts';
import { batchGet } from '../dynamodb/batch-get.ts';
import { getItem } from '../dynamodb/get-item.ts';
import { toAttributes } from '../dynamodb/items.ts';
import { queryAll, queryPages } from '../dynamodb/query.ts';
import { type Directory, sendConditionalWrite, toUnavailable } from '../dynamodb/tables.ts';
import {
  putIfAbsent,
  sendConditionalWithRetry,
  transact,
  withConflict,
  type Write,
} from '../dynamodb/transaction.ts';
import { keys, outboxIndex, parseMailKey } from '../keys.ts';
import { fromItem } from '../users/user-items.ts';
import type { EpochMs, Timestamp } from '../../domain/kernel/time.ts';
import type { User } from '../../domain/users/user.ts';

/** Unique in the lifetime of a mail, and short, because it adds to the size of the user. */
const createAttemptId = (): string => randomBytes(6).toString('base64url');

/**
 * Condition on the user item: the invitation is open, and neither it nor its mail has changed since
 * it was read.
 */
const buildCondition = ({ user, dueAt, attempt }: InvitationMail) => ({
  ConditionExpression: [
    '#status = :pending AND invitation.#version = :invitation',
    'attribute_not_exists(invitation.revocation)',
    dueAt === undefined ? 'attribute_not_exists(dueAt)' : 'dueAt = :readDueAt',
    attempt ? 'mailAttempt.id = :readId' : 'attribute_not_exists(mailAttempt)',
  ].join(' AND '),
  ExpressionAttributeNames: { '#status': 'status', '#version': 'version' },
  ExpressionAttributeValues: {
    ':pending': 'invite_pending',
    ':invitation': user.invitation?.version,
    ...(dueAt !== undefined && { ':readDueAt': dueAt }),
    ...(attempt && { ':readId': attempt.id }),
  },
});

interface Update {
  readonly UpdateExpression: string;
  readonly ExpressionAttributeValues?: Readonly<Record<string, unknown>>;
}

/** Removes a mail from the outbox. */
const noMail: Update = { UpdateExpression: 'REMOVE dueAt, outboxShard, mailAttempt' };

/** Builds the update of the user item to the time of the next mail and of the next attempt. */
function buildNextMail(
  { userId }: User,
  { attempts, notBefore }: Delivery,
  dueAt: Timestamp | undefined,
): Update {
  if (dueAt === undefined) return noMail;
  const attempt = notBefore !== undefined && { id: createAttemptId(), attempts, notBefore };
  return {
    UpdateExpression: attempt
      ? 'SET dueAt = :dueAt, outboxShard = :shard, mailAttempt = :attempt'
      : 'SET dueAt = :dueAt, outboxShard = :shard REMOVE mailAttempt',
    ExpressionAttributeValues: {
      ':dueAt': dueAt,
      ':shard': userId.slice(0, 1),
      ...(attempt && { ':attempt': attempt }),
    },
  };
}

export function createDeliveryStore(tables: Directory, now: () => number): DeliveryStore {
  const { client, directory } = tables;

  const buildUserUpdate = (
    mail: InvitationMail,
    { ExpressionAttributeValues, ...update }: Update,
  ) => {
    const condition = buildCondition(mail);
    return {
      TableName: directory,
      Key: { ...keys.user(mail.user.tenantId, mail.user.userId) },
      ...update,
      ...condition,
      ExpressionAttributeValues: {
        ...condition.ExpressionAttributeValues,
        ...ExpressionAttributeValues,
      },
    };
  };

  /** A complaint about an earlier mail of this version is kept. */
  const putDelivery = ({ tenantId, userId }: User, delivery: Delivery): Write =>
    putIfAbsent(
      directory,
      { ...keys.delivery(tenantId, userId), tenantId, userId, ...delivery },
      {
        ConditionExpression:
          'attribute_not_exists(pk) OR #state <> :complained OR #version <> :version',
        ExpressionAttributeNames: { '#state': 'state', '#version': 'version' },
        ExpressionAttributeValues: { ':complained': 'complained', ':version': delivery.version },
      },
    );

  /** Sends an update that can be repeated. False if its condition failed. */
  const sendUpdate = (input: UpdateCommandInput, deadline: EpochMs): Promise<boolean> =>
    sendConditionalWithRetry(
      (options) => client.send(new UpdateCommand(input), options),
      deadline,
      now,
    );

  return {
    async getMail(tenantId, userId) {
      // The delivery is the first of these items and the user is the last.
      const { pk, sk } = keys.user(tenantId, userId);
      const items = await queryAll(client, {
        TableName: directory,
        KeyConditionExpression: 'pk = :pk AND sk BETWEEN :first AND :last',
        ExpressionAttributeValues: {
          ':pk': pk,
          ':first': keys.delivery(tenantId, userId).sk,
          ':last': sk,
        },
        ConsistentRead: true,
      });
      const userItem = items.at(-1);
      if (userItem?.['sk'] !== sk) return undefined;
      const deliveryItem = items.find((item) => item['sk'] === keys.delivery('', '').sk);
      return {
        user: fromItem(userItem),
        delivery: deliveryItem && fromDeliveryItem(deliveryItem),
        dueAt: userItem['dueAt'] as Timestamp | undefined,
        attempt: userItem['mailAttempt'] as MailAttempt | undefined,
      };
    },

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

    async lease(mail, { attempts, notBefore }, deadline) {
      const attempt = { id: createAttemptId(), attempts, notBefore, isSending: true } as const;
      const update = buildUserUpdate(mail, {
        UpdateExpression: 'SET mailAttempt = :attempt',
        ExpressionAttributeValues: { ':attempt': attempt, ':id': attempt.id },
      });
      const isLeased = await sendUpdate(
        {
          ...update,
          // The response to an earlier try of this request may be lost.
          ConditionExpression: `mailAttempt.id = :id OR (${update.ConditionExpression})`,
        },
        deadline,
      );
      return isLeased ? attempt : undefined;
    },

    async save(mail, { delivery, dueAt }, deadline) {
      const { user } = mail;
      const Update = buildUserUpdate(mail, buildNextMail(user, delivery, dueAt));
      const transaction = {
        writes: withConflict('changed', [{ Update }, putDelivery(user, delivery)]),
        token: randomUUID(),
        deadline,
      };
      const outcome = await transact(client, transaction, now);
      if (outcome === 'unknown') throw toUnavailable(new Error('delivery has an unknown outcome'));
      return outcome === 'written';
    },

    settle: (mail, deadline) => sendUpdate(buildUserUpdate(mail, noMail), deadline),

    async recordDeliveryEvent({ tenantId, userId }, { messageId, state, reason, time }) {
      const command = new UpdateCommand({
        TableName: directory,
        Key: { ...keys.delivery(tenantId, userId) },
        ConditionExpression: 'messageId = :messageId',
        UpdateExpression: 'SET #state = :state, reason = :reason, updatedAt = :time',
        ExpressionAttributeNames: { '#state': 'state' },
        ExpressionAttributeValues: {
          ':messageId': messageId,
          ':state': state,
          ':reason': reason,
          ':time': time,
        },
      });
      if (await sendConditionalWrite((options) => client.send(command, options))) return;
      // The mailer may have sent this mail, and not saved its message ID yet.
      const user = await getItem(client, directory, keys.user(tenantId, userId));
      const attempt = user?.['mailAttempt'] as MailAttempt | undefined;
      if (attempt?.isSending) throw toUnavailable(new Error('an email is being sent'));
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
