import type {
  Context,
  DynamoDBBatchResponse,
  DynamoDBStreamEvent,
  EventBridgeEvent,
  ScheduledEvent,
} from 'aws-lambda';
import { saveReserveMs } from '../domain/mail/deliver.ts';
import {
  deliverRecords,
  recordSesEvent,
  sweepOutbox,
  type MailDependencies,
} from './mail-consumer.ts';

type MailerEvent = DynamoDBStreamEvent | ScheduledEvent | EventBridgeEvent<string, unknown>;

/** Time to save the last outcome and return. */
const reserveMs = saveReserveMs + 1000;

/**
 * Sends mails for stream records, sweeps mails that the stream missed, and records SES events.
 */
export const createMailer =
  (deps: MailDependencies) =>
  async (event: MailerEvent, context: Context): Promise<DynamoDBBatchResponse | undefined> => {
    const deadline = deps.now().getTime() + context.getRemainingTimeInMillis() - reserveMs;
    if ('Records' in event) return deliverRecords(event.Records, deadline, deps);
    if (event.source === 'aws.ses') await recordSesEvent(event, deps);
    else await sweepOutbox(deadline, deps);
    return undefined;
  };
