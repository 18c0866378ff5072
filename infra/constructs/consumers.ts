import { Duration } from 'aws-cdk-lib';
import { Rule, Schedule } from 'aws-cdk-lib/aws-events';
import { LambdaFunction } from 'aws-cdk-lib/aws-events-targets';
import { FilterCriteria, StartingPosition } from 'aws-cdk-lib/aws-lambda';
import { S3Destination } from 'aws-cdk-lib/aws-lambda-destinations';
import { DynamoEventSource, S3OnFailureDestination } from 'aws-cdk-lib/aws-lambda-event-sources';
import type { Construct } from 'constructs';
import type { Config } from '../config.ts';
import { listConsumers, type StreamSource } from './consumer-table.ts';
import type { Functions, Resources } from './functions.ts';

type ConsumerFunction = NonNullable<Functions['mailer']>;

interface ConsumerProps {
  readonly config: Config;
  readonly functions: Functions;
  readonly resources: Resources;
}

/** Adds the stream mappings, schedules and event rules of all consumers. */
export const addConsumers = (
  scope: Construct,
  { config, functions, resources }: ConsumerProps,
): void => {
  const { inviteSources } = config;
  const { tables, mail, eventBus, failures } = resources;
  const settings = { inviteSources, configurationSetName: mail.configurationSetName };
  for (const [name, { stream, schedule, events = [] }] of listConsumers()) {
    const consumer = functions[name];
    if (!consumer) continue;
    sendFailuresTo(consumer, failures);
    if (stream)
      consumer.addEventSource(
        new DynamoEventSource(tables.directory, toStreamProps(stream, failures)),
      );
    if (schedule)
      new Rule(scope, schedule.id, {
        description: schedule.description,
        schedule: Schedule.rate(schedule.interval),
        // The next event replaces a late one.
        targets: [new LambdaFunction(consumer, { maxEventAge: schedule.interval })],
      });
    for (const { id, description, bus, toPattern } of events) {
      const eventPattern = toPattern(settings);
      if (eventPattern)
        new Rule(scope, id, {
          description,
          ...(bus === 'own' && { eventBus }),
          eventPattern,
          targets: [createEventTarget(consumer, failures)],
        });
    }
  }
};

const toStreamProps = (
  {
    patterns,
    parallelizationFactor,
    batchSize,
    batchWindow,
    retryAttempts,
    maxRecordAge,
  }: StreamSource,
  { bucket }: Resources['failures'],
) => ({
  startingPosition: StartingPosition.TRIM_HORIZON,
  filters: patterns.map((pattern) => FilterCriteria.filter(pattern)),
  batchSize,
  ...(batchWindow.toMilliseconds() > 0 && { maxBatchingWindow: batchWindow }),
  parallelizationFactor,
  reportBatchItemFailures: true,
  bisectBatchOnError: true,
  retryAttempts,
  maxRecordAge,
  onFailure: new S3OnFailureDestination(bucket),
});

/** EventBridge tries to deliver an event for one day, then sends it to the queue. */
const createEventTarget = (
  consumer: ConsumerFunction,
  { queue }: Resources['failures'],
): LambdaFunction =>
  new LambdaFunction(consumer, {
    deadLetterQueue: queue,
    retryAttempts: 100,
    maxEventAge: Duration.hours(24),
  });

/** Lambda runs a failed event 3 times, then writes it to the bucket. */
const sendFailuresTo = (consumer: ConsumerFunction, { bucket }: Resources['failures']): void =>
  consumer.configureAsyncInvoke({
    retryAttempts: 2,
    maxEventAge: Duration.hours(6),
    onFailure: new S3Destination(bucket),
  });
