import { createHash } from 'node:crypto';
import { PutCommand, UpdateCommand, type UpdateCommandInput } from '@aws-sdk/lib-dynamodb';
import { canonicalizeEmail } from '../../domain/kernel/canonical.ts';
import type { MailLimits } from '../../domain/mail/limits.ts';
import {
  type Directory,
  schemaVersion,
  sendConditionalWrite,
  sendRequest,
} from '../dynamodb/tables.ts';
import { type Key, keys, mailCounterKeys } from '../keys.ts';
import { createCountCombiner } from './combine-counts.ts';

const hourMs = 3600 * 1000;
const dayMs = 24 * hourMs;

/** A fixed window of time. */
interface Window {
  /** Prefix of its timestamps, such as `2026-01-31T12`. */
  readonly name: string;
  /** Start of the next window. */
  readonly endsAt: string;
}

function getWindow(now: Date, lengthMs: number, nameLength: number): Window {
  const endMs = (Math.floor(now.getTime() / lengthMs) + 1) * lengthMs;
  return {
    name: now.toISOString().slice(0, nameLength),
    endsAt: new Date(endMs).toISOString(),
  };
}
const getHour = (now: Date): Window => getWindow(now, hourMs, '2026-01-31T12'.length);
const getDay = (now: Date): Window => getWindow(now, dayMs, '2026-01-31'.length);

/** Daily invitations from all tenants to an address, as a multiple of the limit of one tenant. */
const allTenantsFactor = 10;

type CounterUpdate = Pick<
  UpdateCommandInput,
  'ConditionExpression' | 'ExpressionAttributeNames' | 'ExpressionAttributeValues'
> & {
  readonly add: string;
};

/**
 * Counts mails in items that no transaction contains, because counters must not conflict.
 * Concurrent mails of a tenant share a request.
 */
export function createMailLimits(
  { client, directory }: Directory,
  {
    perTenantHour,
    perRecipientDay,
  }: { readonly perTenantHour: number; readonly perRecipientDay: number },
): MailLimits {
  const update = (
    key: Key,
    { endsAt }: Window,
    { add, ExpressionAttributeNames, ExpressionAttributeValues, ...condition }: CounterUpdate,
  ): Promise<boolean> => {
    const command = new UpdateCommand({
      TableName: directory,
      Key: { ...key },
      UpdateExpression: `ADD ${add} SET #ttl = :ttl, schemaVersion = :schemaVersion`,
      ExpressionAttributeNames: { '#ttl': 'ttl', ...ExpressionAttributeNames },
      ExpressionAttributeValues: {
        ':ttl': toTtl(endsAt),
        ':schemaVersion': schemaVersion,
        ...ExpressionAttributeValues,
      },
      ...condition,
    });
    return sendConditionalWrite((options) => client.send(command, options));
  };

  const combine = createCountCombiner();
  const count = (key: Key, max: number, window: Window): Promise<boolean> =>
    combine(`${key.pk} ${key.sk}`, async (mails) => {
      if (mails > max) return false;
      return update(key, window, {
        add: 'mails :mails',
        ConditionExpression: 'attribute_not_exists(mails) OR mails <= :before',
        ExpressionAttributeValues: { ':mails': mails, ':before': max - mails },
      });
    });

  /**
   * Counts a mail for a recipient, in total and per tenant. One update checks both limits, so a
   * refused mail changes neither count.
   */
  const countRecipient = (key: Key, tenantId: string, window: Window): Promise<boolean> =>
    update(key, window, {
      add: 'mails :one, #tenant :one',
      ConditionExpression:
        '(attribute_not_exists(mails) OR mails < :max) AND (attribute_not_exists(#tenant) OR #tenant < :tenantMax)',
      ExpressionAttributeNames: { '#tenant': tenantId },
      ExpressionAttributeValues: {
        ':one': 1,
        ':max': perRecipientDay * allTenantsFactor,
        ':tenantMax': perRecipientDay,
      },
    });

  const consumeRecipient = async (tenantId: string, canonicalEmail: string, now: Date) => {
    const day = getDay(now);
    const emailHash = createHash('sha256').update(canonicalEmail).digest('hex');
    const counter = mailCounterKeys.recipientMailCounter(emailHash, day.name);
    const isAllowed = await countRecipient(counter, tenantId, day);
    return isAllowed ? undefined : { availableAt: day.endsAt };
  };

  /** Saves the end of the hour beside the tenant, so invitations are rejected until then. */
  const holdMails = async (tenantId: string, availableAt: string): Promise<void> => {
    const Item = {
      ...keys.mailHold(tenantId),
      tenantId,
      availableAt,
      ttl: toTtl(availableAt),
      schemaVersion,
    };
    const command = new PutCommand({ TableName: directory, Item });
    await sendRequest((options) => client.send(command, options));
  };

  return {
    async consumeInvitation({ tenantId, email }, now) {
      const hour = getHour(now);
      if (
        !(await count(mailCounterKeys.tenantMailCounter(tenantId, hour.name), perTenantHour, hour))
      ) {
        await holdMails(tenantId, hour.endsAt);
        return { availableAt: hour.endsAt };
      }
      return consumeRecipient(tenantId, email, now);
    },

    async consumeVerification({ tenantId, email }, now) {
      const hour = getHour(now);
      const key = mailCounterKeys.tenantVerificationCounter(tenantId, hour.name);
      if (!(await count(key, perTenantHour, hour))) return { availableAt: hour.endsAt };
      return consumeRecipient(tenantId, canonicalizeEmail(email), now);
    },

    async consumeNotice({ tenantId, userId }, details, now) {
      const day = getDay(now);
      const key = mailCounterKeys.noticeCounter(tenantId, userId, day.name);
      const isFirstOfKind = await update(key, day, {
        add: 'kinds :kinds',
        ConditionExpression: [
          'attribute_not_exists(kinds)',
          ...details.map((_, index) => `NOT contains(kinds, :kind${index})`),
        ].join(' OR '),
        ExpressionAttributeValues: {
          ':kinds': new Set(details),
          ...Object.fromEntries(details.map((detail, index) => [`:kind${index}`, detail])),
        },
      });
      if (isFirstOfKind || (await count(key, perRecipientDay, day))) return undefined;
      return { availableAt: getHour(now).endsAt };
    },

    async consumeAccessRequest(tenantId, now) {
      const day = getDay(now);
      const key = mailCounterKeys.accessRequestMailCounter(tenantId, day.name);
      return (await count(key, perRecipientDay, day)) ? undefined : { availableAt: day.endsAt };
    },

    async consumeWebhookNotice(tenantId, now) {
      const day = getDay(now);
      const key = mailCounterKeys.webhookMailCounter(tenantId, day.name);
      return (await count(key, perRecipientDay, day)) ? undefined : { availableAt: day.endsAt };
    },
  };
}

const toTtl = (time: string): number => Math.ceil(Date.parse(time) / 1000);
