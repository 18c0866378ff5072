import { randomUUID } from 'node:crypto';
import type { EventBridgeEvent } from 'aws-lambda';
import { type AwsResponse, awsError } from '../fakes/aws-response.ts';
import { accountId } from '../gateway/request-event.ts';
import { parseObject } from '../fakes/json.ts';

/** Event as Lambda receives it, with its bus. */
export interface BusEvent extends EventBridgeEvent<string, unknown> {
  readonly bus: string;
}

interface PutEventsEntry {
  readonly Source?: string;
  readonly DetailType?: string;
  /** JSON object. */
  readonly Detail?: string;
  readonly Resources?: string[];
  /** Epoch seconds. */
  readonly Time?: number;
  /** Name or ARN. The default bus if absent. */
  readonly EventBusName?: string;
}

/** Fields that the sender sets. */
export type BusEventInput = Pick<BusEvent, 'source' | 'detail-type' | 'detail'> &
  Partial<Pick<BusEvent, 'account' | 'resources' | 'time' | 'bus'>>;

/** All event buses of the local EventBridge. Each event names its bus. */
export interface Bus {
  /** The last 500 events, oldest first. */
  readonly events: readonly BusEvent[];
  /** Puts an event on a bus, like an AWS service or another account. */
  put(event: BusEventInput): BusEvent;
  /** Handles a `PutEvents` request. */
  putEvents(input: { readonly Entries?: readonly PutEventsEntry[] }): AwsResponse;
  /** Subscribes to all later events. */
  subscribe(listener: (event: BusEvent) => void): void;
}

const maxEvents = 500;

export function createBus(): Bus {
  const events: BusEvent[] = [];
  const listeners: ((event: BusEvent) => void)[] = [];

  const put = ({
    bus = 'default',
    account = accountId,
    resources = [],
    time = new Date().toISOString(),
    ...said
  }: BusEventInput): BusEvent => {
    const id = randomUUID();
    // EventBridge omits milliseconds.
    const event = {
      bus,
      version: '0',
      id,
      ...said,
      account,
      time: time.replace(/\.\d+Z$/, 'Z'),
      region: 'local',
      resources,
    };
    events.push(event);
    if (events.length > maxEvents) events.shift();
    for (const listener of listeners) listener(event);
    return event;
  };

  const putEvents: Bus['putEvents'] = ({ Entries = [] }) => {
    if (Entries.length < 1 || Entries.length > 10)
      return awsError('ValidationException', 'PutEvents takes 1 to 10 entries.');
    const results = Entries.map((entry) => {
      const { Source, DetailType, Detail, Resources, Time, EventBusName } = entry;
      const detail = parseObject(Detail ?? '');
      if (!Source || !DetailType || !Detail)
        return {
          ErrorCode: 'InvalidArgument',
          ErrorMessage: 'Source, DetailType and Detail are needed.',
        };
      if (detail === undefined)
        return { ErrorCode: 'MalformedDetail', ErrorMessage: 'Detail is malformed.' };
      if (Source.startsWith('aws.'))
        return {
          ErrorCode: 'NotAuthorizedForSourceException',
          ErrorMessage: 'Not authorized for the source.',
        };
      const { id } = put({
        source: Source,
        'detail-type': DetailType,
        detail,
        ...(Resources && { resources: Resources }),
        ...(Time !== undefined && { time: new Date(Time * 1000).toISOString() }),
        ...(EventBusName && { bus: EventBusName.split('/').at(-1) ?? '' }),
      });
      return { EventId: id };
    });
    return {
      status: 200,
      body: {
        FailedEntryCount: results.filter((result) => 'ErrorCode' in result).length,
        Entries: results,
      },
    };
  };

  return { events, put, putEvents, subscribe: (listener) => void listeners.push(listener) };
}
