import type { DynamoDBRecord } from 'aws-lambda';
import type { Recipient } from '../domain/mail/pending-mail.ts';
import { parseMailKey } from '../store/keys.ts';

/** Decodes a stream record by the key of its item. Undefined for items without mail. */
export function toRecipient({ dynamodb }: DynamoDBRecord): Recipient | undefined {
  const { pk, sk } = dynamodb?.Keys ?? {};
  return parseMailKey({ pk: pk?.S ?? '', sk: sk?.S ?? '' });
}
