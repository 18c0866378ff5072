/** Event sources of the stack: streams, rules and schedules, with retries and dead letters. */
import { compilePattern, type Matcher } from '../events/event-pattern.ts';
import {
  getReferencedName,
  getPhysicalName,
  listResources,
  resolve,
  resolveDeeply,
  getStreamTable,
  type Template,
} from './references.ts';

/** `AWS::Lambda::EventSourceMapping` on the stream of a table. */
export interface StreamMapping {
  readonly id: string;
  readonly functionName: string;
  readonly tableName: string;
  readonly startAt: 'TRIM_HORIZON' | 'LATEST';
  /** Filters. A record is delivered if one of them matches, or if there are none. */
  readonly filters: readonly Matcher[];
  /**
   * `ParallelizationFactor`: concurrent batches per shard. Records of one item stay in one lane.
   */
  readonly lanes: number;
  readonly batchSize: number;
  readonly batchingWindowMs: number;
  /** `ReportBatchItemFailures` */
  readonly reportsFailures: boolean;
  /** `BisectBatchOnFunctionError` */
  readonly bisects: boolean;
  /** Infinity if the stack sets no limit. The same applies to the age. */
  readonly retries: number;
  readonly maximumAgeMs: number;
  /** Bucket for dead letters. */
  readonly failureBucket: string | undefined;
}

/** `AWS::Events::Rule` with its function targets. Other targets are ignored locally. */
export interface EventRule {
  readonly arn: string;
  readonly bus: string;
  readonly matches: Matcher;
  /** Interval of a rule with a schedule. */
  readonly everyMs: number | undefined;
  readonly functionNames: readonly string[];
}

/** `AWS::Lambda::EventInvokeConfig`: retries and dead letters of asynchronous invocations. */
export interface AsynchronousSettings {
  readonly retries: number;
  readonly failureBucket: string | undefined;
}

/** Invocation settings by function name. */
export type AllAsynchronousSettings = ReadonlyMap<string, AsynchronousSettings>;

export function readStreamMappings(template: Template): StreamMapping[] {
  return listResources('AWS::Lambda::EventSourceMapping', template)
    .filter(([, { Enabled }]) => Enabled !== false)
    .map(([id, properties]) => {
      const tableName = getStreamTable(
        String(resolve(properties.EventSourceArn, template, `${id}.EventSourceArn`)),
      );
      if (tableName === '') throw new Error(`${id}: only table streams are supported locally`);
      const filters = (properties.FilterCriteria?.Filters ?? []) as { Pattern: unknown }[];
      return {
        id,
        functionName: getFunctionName(properties.FunctionName, template, id),
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
        retries: toLimit(properties.MaximumRetryAttempts),
        maximumAgeMs: toLimit(properties.MaximumRecordAgeInSeconds) * 1000,
        failureBucket: getDeadLetterBucket(properties, template, id),
      };
    });
}

export function readRules(template: Template): EventRule[] {
  return listResources('AWS::Events::Rule', template)
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
        throw new Error(`${id}: targets with ${extra} are not supported locally`);
      return {
        arn,
        bus: getReferencedName(
          String(resolve(EventBusName ?? 'default', template, `${id}.EventBusName`)),
        ),
        // A scheduled event that is put by hand runs every schedule.
        matches: compilePattern(
          EventPattern
            ? resolveDeeply(EventPattern, template, `${id}.EventPattern`)
            : {
                source: ['aws.events'],
                'detail-type': ['Scheduled Event'],
                resources: [arn, { exists: false }],
              },
        ),
        everyMs: ScheduleExpression && parseRate(String(ScheduleExpression), id),
        functionNames: targets.map(({ Arn }) => getFunctionName(Arn, template, id)),
      };
    });
}

export function readAsynchronousSettings(template: Template): AllAsynchronousSettings {
  return new Map(
    listResources('AWS::Lambda::EventInvokeConfig', template).map(([id, properties]) => [
      getFunctionName(properties.FunctionName, template, id),
      {
        retries: properties.MaximumRetryAttempts ?? 2,
        failureBucket: getDeadLetterBucket(properties, template, id),
      },
    ]),
  );
}

/** Name or ARN. */
function getFunctionName(value: unknown, template: Template, id: string): string {
  if (!isFunction(value, template, id))
    throw new Error(`${id}: ${JSON.stringify(value)} is not a function of the stack`);
  return getReferencedName(String(resolve(value, template, id)));
}

function isFunction(value: unknown, template: Template, id: string): boolean {
  const name = getReferencedName(String(resolve(value, template, id)));
  return listResources('AWS::Lambda::Function', template).some(
    ([other]) => getPhysicalName(other, template) === name,
  );
}

function getDeadLetterBucket(
  { DestinationConfig }: Record<string, any>,
  template: Template,
  id: string,
): string | undefined {
  const declared = DestinationConfig?.OnFailure?.Destination;
  if (declared === undefined) return undefined;
  const arn = String(resolve(declared, template, `${id}.DestinationConfig`));
  if (!arn.startsWith('arn:aws:s3:'))
    throw new Error(`${id}: only a bucket is supported as destination locally`);
  return getReferencedName(arn);
}

/** Lambda uses -1 for unlimited. */
function toLimit(value = -1): number {
  return value < 0 ? Infinity : value;
}

const minuteMs = 60_000;
const units: Readonly<Record<string, number>> = {
  minute: minuteMs,
  hour: 60 * minuteMs,
  day: 24 * 60 * minuteMs,
};

function parseRate(expression: string, id: string): number {
  const [, count, unit = ''] = /^rate\((\d+) (minute|hour|day)s?\)$/.exec(expression) ?? [];
  if (count === undefined)
    throw new Error(`${id}: the schedule ${expression} is not supported locally`);
  return Number(count) * (units[unit] ?? 0);
}
