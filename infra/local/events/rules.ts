import { setTimeout as sleep } from 'node:timers/promises';
import type { Bus, BusEvent } from './bus.ts';
import type { AllAsynchronousSettings, EventRule } from '../template/event-sources.ts';
import { buildDeadLetter, type SaveDeadLetter } from './dead-letters.ts';
import { invoke, type LocalFunction, timedOut } from '../gateway/invoke.ts';

interface RuleOptions {
  readonly rules: readonly EventRule[];
  readonly bus: Bus;
  readonly functions: ReadonlyMap<string, LocalFunction>;
  readonly asynchronous: AllAsynchronousSettings;
  readonly saveDeadLetter: SaveDeadLetter;
  /** Reports each failure with the name of the function. */
  readonly onFailure: (name: string, error: unknown) => void;
  /** Delay before the first retry, doubled before the second. Lambda waits 1 min. */
  readonly retryDelayMs?: number;
}

/** Defaults of Lambda. */
const defaultSettings = { retries: 2, failureBucket: undefined };

/**
 * Delivers events to the targets of EventBridge rules, and emits scheduled events, until it is
 * stopped.
 */
export function startRules({
  rules,
  bus,
  functions,
  asynchronous,
  saveDeadLetter,
  onFailure,
  retryDelayMs = 1000,
}: RuleOptions) {
  const controller = new AbortController();
  const running = new Set<Promise<void>>();

  const invokeUntilDone = async (target: LocalFunction, event: Omit<BusEvent, 'bus'>) => {
    const { retries, failureBucket } = asynchronous.get(target.name) ?? defaultSettings;
    for (let invocations = 1; !controller.signal.aborted; invocations++) {
      try {
        const result = await invoke(target, structuredClone(event));
        if (result === timedOut)
          throw new Error(`Task timed out after ${target.timeoutMs / 1000} seconds`);
        return;
      } catch (error) {
        onFailure(target.name, error);
        if (invocations > retries) {
          const { name, message } = error as Error;
          saveDeadLetter(failureBucket, `aws/lambda/async/${target.name}`, {
            ...buildDeadLetter({
              functionName: target.name,
              condition: 'RetriesExhausted',
              invocations,
              functionError: 'Unhandled',
            }),
            requestPayload: event,
            responsePayload: { errorType: name, errorMessage: message },
          });
          return;
        }
      }
      await sleep(retryDelayMs * invocations, undefined, {
        ref: false,
        signal: controller.signal,
      }).catch(() => {});
    }
  };

  bus.subscribe(({ bus: name, ...event }) => {
    for (const { functionNames } of rules.filter(
      (rule) => rule.bus === name && rule.matches(event),
    )) {
      for (const target of functionNames.map((functionName) => functions.get(functionName))) {
        if (target === undefined) continue;
        const delivery = invokeUntilDone(target, event).finally(() => running.delete(delivery));
        running.add(delivery);
      }
    }
  });

  const timers = rules.flatMap(({ arn, everyMs }) => {
    const announce = () =>
      bus.put({
        source: 'aws.events',
        'detail-type': 'Scheduled Event',
        resources: [arn],
        detail: {},
      });
    return everyMs === undefined ? [] : [setInterval(announce, everyMs).unref()];
  });

  return {
    /** Waits for running functions and cancels retries. */
    async stop(): Promise<void> {
      controller.abort();
      for (const timer of timers) clearInterval(timer);
      await Promise.all(running);
    },
  };
}
