import {
  EventBridgeClient,
  type EventBridgeClientConfig,
  PutEventsCommand,
} from '@aws-sdk/client-eventbridge';
import type { EventBus } from '../domain/kernel/event-bus.ts';
import { Failure } from '../domain/kernel/failure.ts';

/** For a call, the SDK's own retries and all of the answer included. Milliseconds. */
const longestCall = 5000;

/** An EventBridge bus, as `roster`. */
export function createEventBridgeBus(
  EventBusName: string,
  config: EventBridgeClientConfig,
): EventBus {
  const client = new EventBridgeClient(config);
  return {
    async put(DetailType, detail, Time) {
      const Entries = [
        { EventBusName, Source: 'roster', DetailType, Detail: JSON.stringify(detail), Time },
      ];
      const unavailable = (cause: unknown) =>
        new Failure('unavailable', 'The event bus cannot be reached right now', { cause });
      const inTime = { abortSignal: AbortSignal.timeout(longestCall) };
      const { FailedEntryCount, Entries: results } = await client
        .send(new PutEventsCommand({ Entries }), inTime)
        .catch((error: unknown) => {
          throw unavailable(error);
        });
      // One that the bus would not take is no error of the call.
      if (FailedEntryCount !== 0)
        throw unavailable(new Error(results?.[0]?.ErrorCode ?? 'the event was not taken'));
    },
  };
}
