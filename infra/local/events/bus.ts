import { randomUUID } from 'node:crypto';
import type { EventBridgeEvent } from 'aws-lambda';
import { type AwsAnswer, refused } from '../fakes/aws-response.ts';
import { accountId } from '../gateway/request-event.ts';
import { parseObject } from '../fakes/json.ts';

/** An event as a Lambda gets it, and the bus that it was on. */
export interface BusEvent extends EventBridgeEvent<string, unknown> {
  readonly bus: string;
}

interface PutEventsEntry {
  readonly Source?: string;
  readonly DetailType?: string;
  /** JSON of an object. */
  readonly Detail?: string;
  readonly Resources?: string[];
  /** Epoch seconds. */
  readonly Time?: number;
  /** Name or ARN; without it the account's default bus. */
  readonly EventBusName?: string;
}

/** What an event says for itself; the rest of it the bus writes. */
export type Announced = Pick<BusEvent, 'source' | 'detail-type' | 'detail'> &
  Partial<Pick<BusEvent, 'account' | 'resources' | 'time' | 'bus'>>;

/** The event buses of EventBridge, all in one: an event says on which it is. */
export interface Bus {
  /** The last 500, the newest last. */
  readonly events: readonly BusEvent[];
  /** Puts an event on a bus, as a service of AWS or another account would. */
  put(event: Announced): BusEvent;
  /** What EventBridge makes of a `PutEvents`. */
  putEvents(input: { readonly Entries?: readonly PutEventsEntry[] }): AwsAnswer;
  /** Hears every event from now on. */
  subscribe(listener: (event: BusEvent) => void): void;
}

const kept = 500;

export function createBus(): Bus {
  const events: BusEvent[] = [];
  const listeners: ((event: BusEvent) => void)[] = [];

  const put = ({
    bus = 'default',
    account = accountId,
    resources = [],
    time = new Date().toISOString(),
    ...said
  }: Announced): BusEvent => {
    const id = randomUUID();
    // To the second, as EventBridge writes it.
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
    if (events.length > kept) events.shift();
    for (const listener of listeners) listener(event);
    return event;
  };

  const putEvents: Bus['putEvents'] = ({ Entries = [] }) => {
    if (Entries.length < 1 || Entries.length > 10)
      return refused('ValidationException', 'PutEvents takes 1 to 10 entries.');
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
