import type {
  Context,
  DynamoDBBatchResponse,
  DynamoDBStreamEvent,
  EventBridgeEvent,
  ScheduledEvent,
} from 'aws-lambda';
import { saveReserveMs } from '../lib/domain/invitations/invitation-job.ts';
import { deliverRecords, noteMailEvent, sweepOwed } from '../lib/events/mail-consumer.ts';
import { createMailerDeps, type MailerDeps } from '../lib/deps/mailer-deps.ts';

type Event = DynamoDBStreamEvent | ScheduledEvent | EventBridgeEvent<string, unknown>;

/** Kept back from the time that the function has, to note how the last mail went, and to answer. Milliseconds. */
const reserveMs = saveReserveMs + 1000;

/** What mails invitations: for records of the directory's stream, every few minutes, and when SES tells what became of a mail. */
export const mailer =
  (deps: MailerDeps) =>
  async (event: Event, context: Context): Promise<DynamoDBBatchResponse | undefined> => {
    const deadline = deps.now().getTime() + context.getRemainingTimeInMillis() - reserveMs;
    if ('Records' in event) return deliverRecords(event.Records, deadline, deps);
    if (event.source === 'aws.ses') await noteMailEvent(event, deps);
    else await sweepOwed(deadline, deps);
    return undefined;
  };

export const handler = mailer(createMailerDeps(process.env));
