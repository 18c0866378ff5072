import { EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge';
import type { BusEvent, EventBus } from '../domain/kernel/event-bus.ts';
import { Failure } from '../domain/kernel/failure.ts';
import { createSdkClient, type SdkConfig } from './sdk-client.ts';

/** Includes the SDK's retries and the whole response. */
const callTimeoutMs = 5000;

/** Sends events with the source `roster`. */
export function createEventBridgeBus(EventBusName: string, config: SdkConfig): EventBus {
  const client = createSdkClient(EventBridgeClient, config);

  /** Sends events. Returns the code of each, which is undefined for an accepted one. */
  const send = async (events: readonly BusEvent[]): Promise<(string | undefined)[]> => {
    const Entries = events.map(({ type, detail, time }) => ({
      EventBusName,
      Source: 'roster',
      DetailType: type,
      Detail: JSON.stringify(detail),
      Time: time,
    }));
    const options = { abortSignal: AbortSignal.timeout(callTimeoutMs) };
    const { Entries: results = [] } = await client
      .send(new PutEventsCommand({ Entries }), options)
      .catch((error: unknown) => {
        throw unavailable(error);
      });
    // A rejected entry does not fail the request.
    return events.map((_, index) =>
      results[index]?.EventId === undefined
        ? (results[index]?.ErrorCode ?? 'event rejected')
        : undefined,
    );
  };

  return {
    async put(type, detail, time) {
      const [code] = await send([{ type, detail, time }]);
      if (code !== undefined) throw unavailable(new Error(code));
    },
    async putAll(events) {
      const codes = await send(events);
      return events.filter((_, index) => codes[index] !== undefined);
    },
  };
}

const unavailable = (cause: unknown): Failure =>
  new Failure('unavailable', 'The event bus cannot be reached right now', { cause });
