import type { DynamoDBRecord } from 'aws-lambda';
import type { Recipient } from '../domain/mail/pending-mail.ts';
import { parseMailKey } from '../store/keys.ts';

/** A change in the directory table. The union grows with its consumers. */
export type DirectoryEvent =
  | { readonly type: 'mailChanged'; readonly recipient: Recipient }
  | { readonly type: 'other' };

/** Decodes a stream record by the key of its item. */
export function toDirectoryEvent({ dynamodb }: DynamoDBRecord): DirectoryEvent {
  const { pk, sk } = dynamodb?.Keys ?? {};
  const recipient = parseMailKey({ pk: pk?.S ?? '', sk: sk?.S ?? '' });
  return recipient ? { type: 'mailChanged', recipient } : { type: 'other' };
}
