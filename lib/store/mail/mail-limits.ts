import { createHash } from 'node:crypto';
import { PutCommand, UpdateCommand, type UpdateCommandInput } from '@aws-sdk/lib-dynamodb';
import type { MailLimits } from '../../domain/mail/limits.ts';
import { type Key, keys } from '../keys.ts';
import { conditionHeld } from './pending-mail.ts';
import { sendRead, schemaVersion, type Tables } from '../dynamodb/tables.ts';

const hour = 3600 * 1000;
const day = 24 * hour;

/** Its name, and when the next begins. */
interface Window {
  readonly name: string;
  readonly until: string;
}

/** The window that a time lies in. */
function windowOf(now: Date, length: number, digits: number): Window {
  const until = new Date((Math.floor(now.getTime() / length) + 1) * length).toISOString();
  return { name: now.toISOString().slice(0, digits), until };
}

/** Daily invitations from all tenants to an address, as a multiple of the limit of one tenant. */
const allTenantsFactor = 10;

/** Counts mails in items that are in no transaction, because counters must not conflict. */
export function createMailLimits(
  { client, directory }: Pick<Tables, 'client' | 'directory'>,
  {
    perTenantHour,
    perRecipientDay,
  }: { readonly perTenantHour: number; readonly perRecipientDay: number },
): MailLimits {
  type Update = Pick<UpdateCommandInput, 'ConditionExpression' | 'ExpressionAttributeValues'> & {
    readonly add: string;
  };
  const update = (
    key: Key,
    until: string,
    { add, ExpressionAttributeValues, ...condition }: Update,
  ): Promise<boolean> => {
    const command = new UpdateCommand({
      TableName: directory,
      Key: { ...key },
      UpdateExpression: `ADD ${add} SET #ttl = :ttl, schemaVersion = :schemaVersion`,
      ExpressionAttributeNames: { '#ttl': 'ttl' },
      ExpressionAttributeValues: {
        ':ttl': Math.ceil(Date.parse(until) / 1000),
        ':schemaVersion': schemaVersion,
        ...ExpressionAttributeValues,
      },
      ...condition,
    });
    return sendRead((options) => conditionHeld(client.send(command, options)));
  };
  const count = (key: Key, most: number, until: string): Promise<boolean> =>
    update(key, until, {
      add: 'mails :one',
      ConditionExpression: 'attribute_not_exists(mails) OR mails < :most',
      ExpressionAttributeValues: { ':one': 1, ':most': most },
    });

  return {
    async consumeInvitation({ tenantId, email }, now) {
      const [byHour, byDay] = [
        windowOf(now, hour, '2026-01-31T12'.length),
        windowOf(now, day, '2026-01-31'.length),
      ];
      if (await count(keys.tenantMailCounter(tenantId, byHour.name), perTenantHour, byHour.until)) {
        const recipient = createHash('sha256').update(email).digest('hex');
        const isCounted =
          (await count(
            keys.tenantRecipientMailCounter(tenantId, recipient, byDay.name),
            perRecipientDay,
            byDay.until,
          )) &&
          (await count(
            keys.recipientMailCounter(recipient, byDay.name),
            perRecipientDay * allTenantsFactor,
            byDay.until,
          ));
        return isCounted ? undefined : { availableAt: byDay.until };
      }
      // Said where everybody who asks about the tenant reads it, so that no more is promised than can be sent.
      const ttl = Math.ceil(Date.parse(byHour.until) / 1000);
      const Item = {
        ...keys.mailHold(tenantId),
        tenantId,
        availableAt: byHour.until,
        ttl,
        schemaVersion,
      };
      await sendRead((options) =>
        client.send(new PutCommand({ TableName: directory, Item }), options),
      );
      return { availableAt: byHour.until };
    },

    async consumeNotice({ tenantId, userId }, details, now) {
      const byDay = windowOf(now, day, '2026-01-31'.length);
      const key = keys.noticeCounter(tenantId, userId, byDay.name);
      const isFirstOfKind = await update(key, byDay.until, {
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
      if (isFirstOfKind || (await count(key, perRecipientDay, byDay.until))) return undefined;
      return { availableAt: windowOf(now, hour, '2026-01-31T12'.length).until };
    },
  };
}
