/** What a stack declares of functions that nobody waits for: which events they get, and what becomes of those that fail. */
import { compilePattern, type Matcher } from '../events/event-pattern.ts';
import {
  namedBy,
  nameOf,
  ofType,
  resolve,
  resolveDeeply,
  tableOfStream,
  type Template,
} from './references.ts';

/** An `AWS::Lambda::EventSourceMapping` on the stream of a table. */
export interface StreamMapping {
  readonly id: string;
  readonly functionName: string;
  readonly tableName: string;
  readonly startAt: 'TRIM_HORIZON' | 'LATEST';
  /** A record is delivered when one of these matches; without any, always. */
  readonly filters: readonly Matcher[];
  /** `ParallelizationFactor`: how many batches of a shard are under way at once, none with items of another. */
  readonly lanes: number;
  readonly batchSize: number;
  readonly batchingWindowMs: number;
  /** `ReportBatchItemFailures` */
  readonly reportsFailures: boolean;
  /** `BisectBatchOnFunctionError` */
  readonly bisects: boolean;
  /** Infinity where the stack sets no bound, as is the age. */
  readonly retries: number;
  readonly maximumAgeMs: number;
  /** The bucket that keeps what was given up. */
  readonly failureBucket: string | undefined;
}

/** An `AWS::Events::Rule`, and those of its targets that are functions: what else there is has nothing to do here. */
export interface EventRule {
  readonly arn: string;
  readonly bus: string;
  readonly matches: Matcher;
  /** For a rule with a schedule the time between its events. */
  readonly everyMs: number | undefined;
  readonly functionNames: readonly string[];
}

/** An `AWS::Lambda::EventInvokeConfig`: what Lambda does when an event fails that nobody waits for. */
export interface AsynchronousSettings {
  readonly retries: number;
  readonly failureBucket: string | undefined;
}

/** What the stack says about each function that has something to say, by the function's name. */
export type AllAsynchronousSettings = ReadonlyMap<string, AsynchronousSettings>;

export function declaredMappings(template: Template): StreamMapping[] {
  return ofType('AWS::Lambda::EventSourceMapping', template)
    .filter(([, { Enabled }]) => Enabled !== false)
    .map(([id, properties]) => {
      const tableName = tableOfStream(
        String(resolve(properties.EventSourceArn, template, `${id}.EventSourceArn`)),
      );
      if (tableName === '')
        throw new Error(`${id}: only streams of tables have a counterpart on this machine`);
      const filters = (properties.FilterCriteria?.Filters ?? []) as { Pattern: unknown }[];
      return {
        id,
        functionName: functionOf(properties.FunctionName, template, id),
        tableName,
        startAt: properties.StartingPosition,
        filters: filters.map(({ Pattern }) =>
          compilePattern(JSON.parse(String(resolve(Pattern, template, `${id}.FilterCriteria`)))),
        ),
        lanes: properties.ParallelizationFactor ?? 1,
        batchSize: properties.BatchSize ?? 100,
        batchingWindowMs: (properties.MaximumBatchingWindowInSeconds ?? 0) * 1000,
        reportsFailures: (properties.FunctionResponseTypes ?? []).includes(
          'ReportBatchItemFailures',
        ),
        bisects: properties.BisectBatchOnFunctionError === true,
        retries: bounded(properties.MaximumRetryAttempts),
        maximumAgeMs: bounded(properties.MaximumRecordAgeInSeconds) * 1000,
        failureBucket: failureBucketOf(properties, template, id),
      };
    });
}

export function declaredRules(template: Template): EventRule[] {
  return ofType('AWS::Events::Rule', template)
    .filter(([, { State }]) => State !== 'DISABLED')
    .map(([id, { EventBusName, EventPattern, ScheduleExpression, Targets = [] }]) => {
      const arn = String(resolve({ 'Fn::GetAtt': [id, 'Arn'] }, template, id));
      const targets = (Targets as Record<string, unknown>[]).filter(({ Arn }) =>
        isFunction(Arn, template, id),
      );
      const extra = targets
        .flatMap(Object.keys)
        .find((key) => !['Arn', 'Id', 'RetryPolicy', 'DeadLetterConfig'].includes(key));
      if (extra !== undefined)
        throw new Error(`${id}: targets with ${extra} have no counterpart on this machine`);
      return {
        arn,
        bus: namedBy(String(resolve(EventBusName ?? 'default', template, `${id}.EventBusName`))),
        // Somebody who announces a scheduled event by hand need not know which rules there are.
        matches: compilePattern(
          EventPattern
            ? resolveDeeply(EventPattern, template, `${id}.EventPattern`)
            : {
                source: ['aws.events'],
                'detail-type': ['Scheduled Event'],
                resources: [arn, { exists: false }],
              },
        ),
        everyMs: ScheduleExpression && rateOf(String(ScheduleExpression), id),
        functionNames: targets.map(({ Arn }) => functionOf(Arn, template, id)),
      };
    });
}

export function declaredAsynchronousSettings(template: Template): AllAsynchronousSettings {
  return new Map(
    ofType('AWS::Lambda::EventInvokeConfig', template).map(([id, properties]) => [
      functionOf(properties.FunctionName, template, id),
      {
        retries: properties.MaximumRetryAttempts ?? 2,
        failureBucket: failureBucketOf(properties, template, id),
      },
    ]),
  );
}

/** By its name or its ARN. */
function functionOf(value: unknown, template: Template, id: string): string {
  if (!isFunction(value, template, id))
    throw new Error(`${id}: ${JSON.stringify(value)} is no function of the stack`);
  return namedBy(String(resolve(value, template, id)));
}

function isFunction(value: unknown, template: Template, id: string): boolean {
  const name = namedBy(String(resolve(value, template, id)));
  return ofType('AWS::Lambda::Function', template).some(
    ([other]) => nameOf(other, template) === name,
  );
}

function failureBucketOf(
  { DestinationConfig }: Record<string, any>,
  template: Template,
  id: string,
): string | undefined {
  const declared = DestinationConfig?.OnFailure?.Destination;
  if (declared === undefined) return undefined;
  const arn = String(resolve(declared, template, `${id}.DestinationConfig`));
  if (!arn.startsWith('arn:aws:s3:'))
    throw new Error(`${id}: only a bucket as destination has a counterpart on this machine`);
  return namedBy(arn);
}

/** Lambda writes -1 for without end. */
function bounded(value = -1): number {
  return value < 0 ? Infinity : value;
}

const minute = 60_000;
const units: Readonly<Record<string, number>> = {
  minute,
  hour: 60 * minute,
  day: 24 * 60 * minute,
};

function rateOf(expression: string, id: string): number {
  const [, count, unit = ''] = /^rate\((\d+) (minute|hour|day)s?\)$/.exec(expression) ?? [];
  if (count === undefined)
    throw new Error(`${id}: the schedule ${expression} has no counterpart on this machine`);
  return Number(count) * (units[unit] ?? 0);
}
