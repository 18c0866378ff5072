import { afterEach, describe, expect, test, vi } from 'vitest';
import { createBus } from '../../../infra/local/events/bus.ts';
import type { EventRule } from '../../../infra/local/template/event-sources.ts';
import { compilePattern } from '../../../infra/local/events/event-pattern.ts';
import { startRules } from '../../../infra/local/events/rules.ts';

// Delivery of events by rules, as EventBridge and Lambda do it.

const stops: (() => Promise<void>)[] = [];
afterEach(async () => {
  vi.useRealTimers();
  for (const stop of stops.splice(0)) await stop();
});

const newRule = (changes: Partial<EventRule> = {}): EventRule => ({
  arn: 'arn:aws:events:local:000000000000:rule/Rule',
  bus: 'Bus',
  matches: compilePattern({ source: ['com.example.crm'] }),
  everyMs: undefined,
  functionNames: ['Consumer'],
  ...changes,
});

interface Options {
  readonly retries?: number;
  readonly timeoutMs?: number;
}

/** Creates buses with rules for one function. */
function newBusWith(
  rules: readonly EventRule[],
  behaviour: (event: any) => unknown = () => undefined,
  { retries = 2, timeoutMs = 60_000 }: Options = {},
) {
  const bus = createBus();
  const received: any[] = [];
  const deadLetters: { bucket: string | undefined; place: string; record: any }[] = [];
  const failures: unknown[] = [];
  const handler = (event: object) => {
    received.push(structuredClone(event));
    return behaviour(event);
  };
  const { stop } = startRules({
    rules,
    bus,
    functions: new Map([['Consumer', { name: 'Consumer', handler, timeoutMs, memoryMb: 128 }]]),
    asynchronous: new Map([['Consumer', { retries, failureBucket: 'Failures' }]]),
    saveDeadLetter: (bucket, place, record) => deadLetters.push({ bucket, place, record }),
    onFailure: (_name, error) => failures.push(error),
    retryDelayMs: 1,
  });
  stops.push(stop);
  return { bus, received, deadLetters, failures, stop };
}

const newEvent = {
  bus: 'Bus',
  source: 'com.example.crm',
  'detail-type': 'User Invite Requested',
  detail: { email: 'ada@example.com' },
};
const eventually = (look: () => unknown) => expect.poll(look, { interval: 2 });

describe('an event', () => {
  test('reaches the function in the format of EventBridge', async () => {
    const { bus, received } = newBusWith([newRule()]);
    const { id } = bus.put({ ...newEvent, account: '123456789012' });
    await eventually(() => received).toEqual([
      {
        version: '0',
        id,
        'detail-type': 'User Invite Requested',
        source: 'com.example.crm',
        account: '123456789012',
        time: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/),
        region: 'local',
        resources: [],
        detail: { email: 'ada@example.com' },
      },
    ]);
  });

  test.each([
    ['of another kind', { source: 'com.example.erp' }],
    ['on another bus', { bus: 'default' }],
  ])('%s does not reach it', async (_, changes) => {
    const { bus, received } = newBusWith([newRule()]);
    bus.put({ ...newEvent, ...changes });
    bus.put(newEvent);
    await eventually(() => received).toHaveLength(1);
    expect(received[0].source).toBe('com.example.crm');
  });

  test('is delivered once per rule', async () => {
    const { bus, received } = newBusWith([newRule(), newRule(), newRule({ bus: 'default' })]);
    bus.put(newEvent);
    await eventually(() => received).toHaveLength(2);
  });
});

describe('a function that fails', () => {
  const failing = (times: number, how: () => unknown) => {
    let failuresLeft = times;
    return () => (failuresLeft-- > 0 ? how() : undefined);
  };
  const throws = () => {
    throw new TypeError('not now');
  };

  test('receives the event again', async () => {
    const { bus, received, deadLetters, failures } = newBusWith([newRule()], failing(2, throws));
    bus.put(newEvent);
    await eventually(() => received).toHaveLength(3);
    expect(received[2]).toEqual(received[0]);
    expect([failures.length, deadLetters]).toEqual([2, []]);
  });

  test('receives the unchanged event, even if it modified the first one', async () => {
    let times = 0;
    const { bus, received } = newBusWith([newRule()], (event: { detail?: object }) => {
      delete event.detail;
      if (times++ === 0) throws();
    });
    bus.put(newEvent);
    await eventually(() => received[1]?.detail).toEqual(newEvent.detail);
    expect(bus.events[0]?.detail).toEqual(newEvent.detail);
  });

  test('receives the event again after a timeout', async () => {
    const { bus, received, failures } = newBusWith(
      [newRule()],
      failing(1, () => new Promise(() => {})),
      { timeoutMs: 20 },
    );
    bus.put(newEvent);
    await eventually(() => received).toHaveLength(2);
    expect(String(failures[0])).toContain('Task timed out after 0.02 seconds');
  });

  test.each([2, 1, 0])(
    'receives the event %i more times, then the event is saved',
    async (retries) => {
      const { bus, received, deadLetters } = newBusWith([newRule()], failing(9, throws), {
        retries,
      });
      bus.put(newEvent);
      await eventually(() => deadLetters).toHaveLength(1);
      expect(received).toHaveLength(retries + 1);
      expect(deadLetters[0]).toEqual({
        bucket: 'Failures',
        place: 'aws/lambda/async/Consumer',
        record: {
          version: '1.0',
          timestamp: expect.any(String),
          requestContext: {
            requestId: expect.any(String),
            functionArn: 'arn:aws:lambda:local:000000000000:function:Consumer:$LATEST',
            condition: 'RetriesExhausted',
            approximateInvokeCount: retries + 1,
          },
          responseContext: {
            statusCode: 200,
            executedVersion: '$LATEST',
            functionError: 'Unhandled',
          },
          requestPayload: received[0],
          responsePayload: { errorType: 'TypeError', errorMessage: 'not now' },
        },
      });
    },
  );
});

describe('a schedule', () => {
  const every = newRule({
    bus: 'default',
    everyMs: 300_000,
    matches: compilePattern({ source: ['aws.events'] }),
  });

  test('invokes the function at each interval', async () => {
    vi.useFakeTimers();
    const { received } = newBusWith([every]);
    await vi.advanceTimersByTimeAsync(299_999);
    expect(received).toEqual([]);
    await vi.advanceTimersByTimeAsync(300_001);
    expect(received).toHaveLength(2);
    expect(received[0]).toMatchObject({
      source: 'aws.events',
      'detail-type': 'Scheduled Event',
      resources: [every.arn],
      detail: {},
    });
  });

  test('stops on shutdown', async () => {
    vi.useFakeTimers();
    const { bus, received, stop } = newBusWith([every, newRule()]);
    await stop();
    await vi.advanceTimersByTimeAsync(600_000);
    bus.put(newEvent);
    expect([received, bus.events.length]).toEqual([[], 1]);
  });
});

test('shutdown waits for running functions and does not retry', async () => {
  let hasEnded = false;
  const { bus, received, deadLetters, stop } = newBusWith([newRule()], async () => {
    await new Promise((resolve) => setTimeout(resolve, 20));
    hasEnded = true;
    throw new Error('not now');
  });
  bus.put(newEvent);
  await stop();
  expect([hasEnded, received.length, deadLetters]).toEqual([true, 1, []]);
});
