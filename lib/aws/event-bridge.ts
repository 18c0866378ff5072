import { EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge';
import type { EventBus } from '../domain/kernel/event-bus.ts';
import { Failure } from '../domain/kernel/failure.ts';
import { createSdkClient, type SdkConfig } from './sdk-client.ts';

/** Includes the SDK's retries and the whole response. */
const callTimeoutMs = 5000;

/** Sends events with the source `roster`. */
export function createEventBridgeBus(EventBusName: string, config: SdkConfig): EventBus {
  const client = createSdkClient(EventBridgeClient, config);
  return {
    async put(DetailType, detail, Time) {
      const Entries = [
        { EventBusName, Source: 'roster', DetailType, Detail: JSON.stringify(detail), Time },
      ];
      const unavailable = (cause: unknown) =>
        new Failure('unavailable', 'The event bus cannot be reached right now', { cause });
      const options = { abortSignal: AbortSignal.timeout(callTimeoutMs) };
      const { FailedEntryCount, Entries: results } = await client
        .send(new PutEventsCommand({ Entries }), options)
        .catch((error: unknown) => {
          throw unavailable(error);
        });
      // A rejected entry does not fail the request.
      if (FailedEntryCount !== 0)
        throw unavailable(new Error(results?.[0]?.ErrorCode ?? 'event rejected'));
    },
  };
}
