import { Duration } from 'aws-cdk-lib';
import type { HttpStage } from 'aws-cdk-lib/aws-apigatewayv2';
import {
  Alarm,
  ComparisonOperator,
  type IMetric,
  Metric,
  TreatMissingData,
} from 'aws-cdk-lib/aws-cloudwatch';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import { Topic } from 'aws-cdk-lib/aws-sns';
import type { Construct } from 'constructs';
import type { Config } from '../config.ts';
import type { DeadLetters } from './dead-letters.ts';
import { listConsumers } from './consumer-table.ts';
import { type Functions, toLogicalId } from './functions.ts';

interface AlarmRule {
  readonly id: string;
  readonly metric: IMetric;
  /** Alarms when the metric reaches it within one period. */
  readonly threshold: number;
  /** Cause and remedy. */
  readonly description: string;
}

interface MonitoredResources {
  readonly stage: HttpStage;
  readonly functions: Functions;
  readonly failures: DeadLetters;
}

const period = Duration.minutes(5);

/**
 * Alarms on effects that need a person, each on one metric, because CloudWatch bills each metric of
 * an alarm. A function that crashes or is throttled, and a table that fails, show as one of these
 * effects, so they have no alarm of their own.
 */
export const addAlarms = (
  scope: Construct,
  config: Config,
  monitored: MonitoredResources,
): void => {
  const topic = Topic.fromTopicArn(scope, 'AlarmTopic', config.alarmTopicArn);
  for (const { id, metric, threshold, description } of [
    ...serviceRules(monitored),
    ...(config.events === 'on' ? eventRules(config) : []),
    ...mailRules(config),
  ]) {
    new Alarm(scope, `${id}Alarm`, {
      metric,
      threshold,
      alarmDescription: description,
      evaluationPeriods: 1,
      comparisonOperator: ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
      treatMissingData: TreatMissingData.NOT_BREACHING,
    }).addAlarmAction(new SnsAction(topic));
  }
};

const serviceRules = ({ stage, functions, failures }: MonitoredResources): AlarmRule[] => [
  {
    // Clients retry a single failure.
    id: 'ApiServerErrors',
    metric: stage.metricServerError({ period: Duration.minutes(15), statistic: 'Sum' }),
    threshold: 3,
    description:
      'The API answered 3 requests with 5xx within 15 minutes. Search the logs of the functions for lines with an error. Without one, a function crashed, timed out or was throttled: check its metrics in Lambda, and the throttled requests of the tables.',
  },
  ...streamRules(functions),
  {
    id: 'Undelivered',
    metric: failures.queue.metricApproximateNumberOfMessagesVisible({
      period,
      statistic: 'Maximum',
    }),
    threshold: 1,
    description:
      'A function gave up on an event. Read the queue UndeliveredQueueUrl: a message is the event, or names the object in FailuresBucketName that contains it. Delete the message when it is handled.',
  },
];

/** One alarm for each function that reads the stream. */
const streamRules = (functions: Functions): AlarmRule[] =>
  listConsumers().flatMap(([name, { stream }]) => {
    const consumer = functions[name];
    return stream && consumer
      ? [
          {
            id: `${toLogicalId(name)}IteratorAge`,
            metric: consumer.metric('IteratorAge', { period, statistic: 'Maximum' }),
            threshold: stream.alarmAge.toMilliseconds(),
            description: `The ${name} function is ${stream.alarmAge.toMinutes()} minutes behind the stream of the directory table. Search its log for errors, and check its throttles.`,
          },
        ]
      : [];
  });

/** Alarms of deployments with an event feed. */
const eventRules = ({ name }: Config): AlarmRule[] => [
  {
    // The export function logs it in each sweep.
    id: 'OldestExport',
    metric: logMetric(name, 'oldestExportSeconds', 'Maximum'),
    threshold: Duration.minutes(15).toSeconds(),
    description:
      'The export of events to the event bus or the archive has failed for 15 minutes. Search the log of the feed-export function for the outcome "failed". Nothing is lost within the retention of the feed.',
  },
  {
    // The sweep logs it every 5 minutes. Endpoints that are down are due at their next attempt.
    id: 'OldestDueWebhook',
    metric: logMetric(name, 'oldestDueWebhookSeconds', 'Maximum'),
    threshold: Duration.minutes(15).toSeconds(),
    description:
      'A delivery to a webhook has been due for 15 minutes. Search the log of the webhook-delivery function for errors, and check its throttles.',
  },
  {
    id: 'DamagedFeed',
    metric: logMetric(name, 'damagedFeeds', 'Sum'),
    threshold: 1,
    description:
      'Events of a tenant were changed or removed after the last checkpoint. The log of the checkpoints function has the tenant. Run npm run audit:verify for it, as described in docs/operate.md.',
  },
];

const mailRules = ({ name }: Config): AlarmRule[] => [
  {
    // The mailer logs it in each sweep.
    id: 'OldestPendingMail',
    metric: logMetric(name, 'oldestDueSeconds', 'Maximum'),
    threshold: Duration.minutes(15).toSeconds(),
    description:
      'An email has been due for 15 minutes. The log of the mailer function has the outcome of each attempt.',
  },
  {
    // SES also refuses a few addresses that cannot receive email.
    id: 'MailsRejected',
    metric: logMetric(name, 'mailsRejected', 'Sum'),
    threshold: 10,
    description:
      'SES refused 10 emails within 5 minutes. Check in SES that the account is out of the sandbox, not paused and within its quota, and that each sender is verified.',
  },
  {
    id: 'MailBounceRate',
    metric: new Metric({
      namespace: 'AWS/SES',
      metricName: 'Reputation.BounceRate',
      period,
      statistic: 'Maximum',
    }),
    threshold: 0.05,
    description:
      '5% of the emails of this AWS account bounce. SES pauses accounts at 10%. Find the tenant that invites addresses that do not exist, and suspend it.',
  },
  {
    id: 'MailComplaintRate',
    metric: new Metric({
      namespace: 'AWS/SES',
      metricName: 'Reputation.ComplaintRate',
      period,
      statistic: 'Maximum',
    }),
    threshold: 0.001,
    description:
      'Recipients report 0.1% of the emails of this AWS account as spam. SES pauses accounts at 0.5%. Find the tenant that invites strangers, and suspend it.',
  },
];

/** Metric from the log lines of functions. */
const logMetric = (deployment: string, metricName: string, statistic: string): Metric =>
  new Metric({ namespace: 'Roster', metricName, dimensionsMap: { deployment }, period, statistic });
