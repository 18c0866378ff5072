import { createHash } from 'node:crypto';
import { ConditionalCheckFailedException } from '@aws-sdk/client-dynamodb';
import { PutCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import type { MailKind, MailLimits } from '../domain/invitations/delivery.ts';
import { type Key, keys } from './keys.ts';
import { read, schemaVersion, type Tables } from './tables.ts';

/** What is counted apart has a mark behind the name of its window. */
const marks: Readonly<Record<MailKind, string>> = { invitation: '', password_reset: '#RESET', account_notice: '#NOTICE' };

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

/**
 * Counts the mails of each tenant by the hour and those to each address, from whichever tenant, by the day. In items that no
 * transaction holds, so that nobody waits for them.
 */
export function mailLimits(
  { client, directory }: Pick<Tables, 'client' | 'directory'>,
  { perTenantHour, perRecipientDay }: { readonly perTenantHour: number; readonly perRecipientDay: number },
): MailLimits {
  const count = async (key: Key, most: number, until: string): Promise<boolean> => {
    const command = new UpdateCommand({
      TableName: directory,
      Key: { ...key },
      UpdateExpression: 'ADD mails :one SET expiresAt = :expiresAt, schemaVersion = :schemaVersion',
      ConditionExpression: 'attribute_not_exists(mails) OR mails < :most',
      ExpressionAttributeValues: {
        ':one': 1,
        ':most': most,
        ':expiresAt': Math.ceil(Date.parse(until) / 1000),
        ':schemaVersion': schemaVersion,
      },
    });
    return read((options) =>
      client.send(command, options).then(
        () => true,
        (error: unknown) => {
          if (error instanceof ConditionalCheckFailedException) return false;
          throw error;
        },
      ),
    );
  };

  return {
    async take(kind, { tenantId, email }, now) {
      const [byHour, byDay] = [windowOf(now, hour, '2026-01-31T12'.length), windowOf(now, day, '2026-01-31'.length)].map(
        ({ name, until }) => ({ name: `${name}${marks[kind]}`, until }),
      ) as [Window, Window];
      if (await count(keys.mailsOfTenant(tenantId, byHour.name), perTenantHour, byHour.until)) {
        const recipient = createHash('sha256').update(email).digest('hex');
        return (await count(keys.mailsToRecipient(recipient, byDay.name), perRecipientDay, byDay.until))
          ? undefined
          : { until: byDay.until };
      }
      if (kind !== 'invitation') return { until: byHour.until };
      // Said where everybody who asks about the tenant reads it, so that no more is promised than can be sent.
      const expiresAt = Math.ceil(Date.parse(byHour.until) / 1000);
      const Item = { ...keys.mailsHeld(tenantId), tenantId, until: byHour.until, expiresAt, schemaVersion };
      await read((options) => client.send(new PutCommand({ TableName: directory, Item }), options));
      return { until: byHour.until };
    },
  };
}
