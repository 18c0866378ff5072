import { Duration } from 'aws-cdk-lib';
import type { HttpStage } from 'aws-cdk-lib/aws-apigatewayv2';
import { Alarm, ComparisonOperator, type IMetric, Metric, TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import type { TableV2 } from 'aws-cdk-lib/aws-dynamodb';
import { Topic } from 'aws-cdk-lib/aws-sns';
import type { Construct } from 'constructs';
import { owedIndex } from '../lib/store/keys.ts';
import type { Config } from './config.ts';
import type { Failures } from './failures.ts';
import type { Functions } from './functions.ts';
import type { TableName, Tables } from './tables.ts';

const period = Duration.minutes(5);

/** What is called on each table. DynamoDB counts its failures by call and only when there are some, so that a sum over calls would stay empty. */
export const calls: Readonly<Record<TableName, readonly string[]>> = {
  directory: ['GetItem', 'BatchGetItem', 'Query', 'PutItem', 'UpdateItem', 'DeleteItem', 'BatchWriteItem', 'TransactWriteItems'],
  secrets: ['GetItem', 'Query', 'PutItem', 'DeleteItem', 'TransactWriteItems'],
};

interface Rule {
  readonly id: string;
  readonly metric: IMetric;
  /** Alarms when the metric over five minutes reaches it. */
  readonly threshold: number;
  readonly description: string;
}

/** What somebody is woken for, all of it told to the one topic of the configuration. */
export const addAlarms = (
  scope: Construct,
  config: Config,
  { stage, functions, tables, failures }: { stage: HttpStage; functions: Functions; tables: Tables; failures: Failures },
): void => {
  const topic = Topic.fromTopicArn(scope, 'AlarmTopic', config.alarmTopicArn);
  const rules = [...apiRules(stage), ...functionRules(functions), ...consumerRules(functions, tables, failures), ...tableRules(tables)];
  for (const { id, metric, threshold, description } of rules) {
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

const apiRules = (stage: HttpStage): Rule[] => [
  {
    id: 'ApiServerErrors',
    metric: stage.metricServerError({ period, statistic: 'Sum' }),
    threshold: 1,
    description: 'The API answered with a 5xx.',
  },
];

const functionRules = (functions: Functions): Rule[] =>
  Object.entries(functions).flatMap(([name, fn]) => [
    {
      id: `${fn.node.id}Errors`,
      metric: fn.metricErrors({ period }),
      threshold: 1,
      description: `The ${name} function crashed or ran out of time.`,
    },
    {
      id: `${fn.node.id}Throttles`,
      metric: fn.metricThrottles({ period }),
      threshold: 1,
      description: `Lambda refused to start the ${name} function: the account's concurrency is used up.`,
    },
  ]);

const consumerRules = (functions: Functions, tables: Tables, { queue }: Failures): Rule[] => [
  {
    id: 'OnInvitationIteratorAge',
    metric: functions['on-invitation'].metric('IteratorAge', { period, statistic: 'Maximum' }),
    threshold: Duration.minutes(5).toMilliseconds(),
    description: 'The on-invitation function has fallen behind the stream of the directory table.',
  },
  {
    // The function logs it with each sweep, whatever the reason is that a mail waits.
    id: 'OldestOwed',
    metric: new Metric({
      namespace: 'Roster',
      metricName: 'oldestOwedSeconds',
      dimensionsMap: { operation: 'sweepInvitations' },
      period,
      statistic: 'Maximum',
    }),
    threshold: Duration.minutes(15).toSeconds(),
    description: 'A mail has been due for a quarter of an hour and is not sent.',
  },
  {
    // It logs each mail that SES would not have, or did not answer for; a few are addresses that cannot be written to.
    id: 'MailsRefused',
    metric: new Metric({
      namespace: 'Roster',
      metricName: 'mailsRefused',
      dimensionsMap: { operation: 'deliverInvitation' },
      period,
      statistic: 'Sum',
    }),
    threshold: 10,
    description: 'SES refuses mails: its quota may be used up, the account paused or in the sandbox, or a sender not verified.',
  },
  {
    id: 'OwedWriteThrottles',
    metric: tables.directory.metric('WriteThrottleEvents', {
      period,
      statistic: 'Sum',
      dimensionsMap: { TableName: tables.directory.tableName, GlobalSecondaryIndexName: owedIndex.name },
    }),
    threshold: 1,
    description: 'DynamoDB held back writes to the directory table for the sake of its index of owed mails.',
  },
  {
    id: 'Undelivered',
    metric: queue.metricApproximateNumberOfMessagesVisible({ period, statistic: 'Maximum' }),
    threshold: 1,
    description: 'Events came to nothing: the queue of the undelivered has them, or says where in the bucket they are.',
  },
];

const tableRules = (tables: Tables): Rule[] =>
  (Object.entries(tables) as [TableName, TableV2][]).flatMap(([name, table]) => {
    const id = table.node.id;
    const metric = (metricName: string, dimensions: Record<string, string> = {}) =>
      table.metric(metricName, { period, statistic: 'Sum', dimensionsMap: { TableName: table.tableName, ...dimensions } });
    return [
      {
        id: `${id}ReadThrottles`,
        metric: metric('ReadThrottleEvents'),
        threshold: 1,
        description: `DynamoDB held back reads of the ${name} table.`,
      },
      {
        id: `${id}WriteThrottles`,
        metric: metric('WriteThrottleEvents'),
        threshold: 1,
        description: `DynamoDB held back writes to the ${name} table.`,
      },
      // A few are two callers at one address, settled by the store. Many are an item that everybody writes, which the design forbids.
      {
        id: `${id}Conflicts`,
        metric: metric('TransactionConflict'),
        threshold: 50,
        description: `Transactions on the ${name} table keep getting into each other's way.`,
      },
      ...calls[name].map((Operation) => ({
        id: `${id}${Operation}Failures`,
        metric: metric('SystemErrors', { Operation }),
        threshold: 1,
        description: `DynamoDB failed at ${Operation} on the ${name} table.`,
      })),
    ];
  });
