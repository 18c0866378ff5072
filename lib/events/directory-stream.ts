import type { DynamoDBRecord } from 'aws-lambda';
import type { Recipient } from '../domain/mail/pending-mail.ts';
import type { Uuid } from '../domain/kernel/ids.ts';
import type { Timestamp } from '../domain/kernel/time.ts';
import { parseMailKey, parseUserChangeKey } from '../store/keys.ts';

/** A change in the directory table. The union grows with its consumers. */
export type DirectoryEvent =
  | { readonly type: 'mailChanged'; readonly recipient: Recipient }
  | {
      readonly type: 'emailVerified';
      readonly tenantId: Uuid;
      readonly userId: Uuid;
      /** Version of the user after the change. */
      readonly version: number;
      readonly at: Timestamp;
    }
  | { readonly type: 'other' };

/** Decodes a stream record by the key of its item. */
export function toDirectoryEvent({ dynamodb }: DynamoDBRecord): DirectoryEvent {
  const { pk, sk } = dynamodb?.Keys ?? {};
  const key = { pk: pk?.S ?? '', sk: sk?.S ?? '' };
  const recipient = parseMailKey(key);
  if (recipient) return { type: 'mailChanged', recipient };
  const change = parseUserChangeKey(key);
  const { after, at } = dynamodb?.NewImage ?? {};
  return change && after?.M?.['emailVerifiedBy']?.S === 'holder'
    ? { type: 'emailVerified', ...change, at: at?.S ?? '' }
    : { type: 'other' };
}
