import { Duration } from 'aws-cdk-lib';
import { Rule, Schedule } from 'aws-cdk-lib/aws-events';
import { LambdaFunction } from 'aws-cdk-lib/aws-events-targets';
import { FilterCriteria, FilterRule, StartingPosition } from 'aws-cdk-lib/aws-lambda';
import { S3Destination } from 'aws-cdk-lib/aws-lambda-destinations';
import { DynamoEventSource, S3OnFailureDestination } from 'aws-cdk-lib/aws-lambda-event-sources';
import type { Construct } from 'constructs';
import type { Config } from '../config.ts';
import type { Functions, Resources } from './functions.ts';
import { inviteRequestType } from './event-bus.ts';

/** What starts the functions that nobody calls: the directory's stream, the clock, SES, and other systems. */
export const addConsumers = (
  scope: Construct,
  config: Config,
  functions: Functions,
  resources: Resources,
): void => {
  addInvitations(scope, functions['mailer'], resources);
  addInviteRequests(scope, config, functions['invite-requests'], resources);
};

type Consumer = Functions['mailer'];

/** Mails are owed by the table, and the stream is only the fast way to hear of them: what it loses, the clock finds. */
const addInvitations = (
  scope: Construct,
  consumer: Consumer,
  { tables, mail, failures }: Resources,
): void => {
  keepFailures(consumer, failures);
  consumer.addEventSource(
    new DynamoEventSource(tables.directory, {
      startingPosition: StartingPosition.TRIM_HORIZON,
      // Whom a mail is owed: users who are invited, or told of a change of their account, and addresses that a new password was asked for. Of
      // what the function itself writes only a mail put off has a `dueAt`, and one that is no invitation while it is being sent: for that it
      // wakes once, and leaves it.
      filters: [
        FilterCriteria.filter({
          eventName: FilterRule.or('INSERT', 'MODIFY'),
          dynamodb: {
            Keys: {
              sk: { S: [...FilterRule.or('USER', 'RESET'), ...FilterRule.beginsWith('NOTICE#')] },
            },
            NewImage: { dueAt: { S: FilterRule.exists() } },
          },
        }),
      ],
      batchSize: 25,
      // Two batches of a shard at a time, so that one that is tried again does not hold up all others; more would send
      // faster than the 14 mails a second that SES allows to begin with.
      parallelizationFactor: 2,
      reportBatchItemFailures: true,
      bisectBatchOnError: true,
      retryAttempts: 3,
      maxRecordAge: Duration.hours(1),
      onFailure: new S3OnFailureDestination(failures.bucket),
    }),
  );
  new Rule(scope, 'Sweep', {
    description: 'Looks for mails that are owed and not sent',
    schedule: Schedule.rate(Duration.minutes(5)),
    // Five minutes later there is another.
    targets: [new LambdaFunction(consumer, { maxEventAge: Duration.minutes(5) })],
  });
  new Rule(scope, 'MailReturned', {
    description: 'Tells the invitation of a mail that came back',
    eventPattern: {
      source: ['aws.ses'],
      detailType: ['Email Bounced', 'Email Complaint Received', 'Email Rejected'],
      detail: { mail: { tags: { 'ses:configuration-set': [mail.configurationSetName] } } },
    },
    targets: [delivered(consumer, failures)],
  });
};

/** Who may invite whom by an event is settled three times: by the policy of the bus, by this rule, and by the function. */
const addInviteRequests = (
  scope: Construct,
  { inviteSources }: Config,
  consumer: Consumer,
  { eventBus, failures }: Resources,
): void => {
  keepFailures(consumer, failures);
  // A pattern cannot be empty, and one that left out the sources would let everybody in.
  if (inviteSources.length === 0) return;
  const all = (key: 'account' | 'source') => [...new Set(inviteSources.map((each) => each[key]))];
  new Rule(scope, 'InviteRequested', {
    description: 'Invites whom a registered system asks for',
    eventBus,
    eventPattern: {
      account: all('account'),
      source: all('source'),
      detailType: [inviteRequestType],
    },
    targets: [delivered(consumer, failures)],
  });
};

/** For a day an event is tried to be handed over, and then it is in the queue. */
const delivered = (consumer: Consumer, { queue }: Resources['failures']): LambdaFunction =>
  new LambdaFunction(consumer, {
    deadLetterQueue: queue,
    retryAttempts: 100,
    maxEventAge: Duration.hours(24),
  });

/** An event that was handed over and failed three times is in the bucket. */
const keepFailures = (consumer: Consumer, { bucket }: Resources['failures']): void =>
  consumer.configureAsyncInvoke({
    retryAttempts: 2,
    maxEventAge: Duration.hours(6),
    onFailure: new S3Destination(bucket),
  });
