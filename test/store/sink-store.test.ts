/** Leases and due times of sinks. */
import { randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { SinkState } from '../../lib/domain/sinks/sink-store.ts';
import { createSinkStore } from '../../lib/store/feed/sink-store.ts';
import { createTestTables } from '../support/database/tables.ts';

const tenantId = randomUUID();
const webhookId = randomUUID();
const bus = { tenantId, sinkId: 'bus' };
const retry = { sequence: 6, resource: 'user#1', attempts: 1, dueAt: '2026-01-01T00:01:00.000Z' };

describe('sink store', () => {
  it('gives the lease to one process at a time and lists due sinks', async () => {
    const tables = await createTestTables({ hasOutboxIndex: true });
    let nowMs = 1000;
    const sinks = createSinkStore(tables, () => nowMs);
    const first = { id: randomUUID(), untilMs: 31_000 };
    const second = { id: randomUUID(), untilMs: 61_000 };

    expect(await sinks.get(bus)).toBeUndefined();
    const state = await sinks.acquire(bus, first, 5);
    expect(state).toEqual({ ...bus, cursor: 5, retries: [], attempts: 0 });
    expect(await sinks.acquire(bus, first, 0), 'repeated request').toEqual(state);
    expect(await sinks.acquire(bus, second, 0)).toBeUndefined();

    const saved: SinkState = { ...bus, cursor: 7, retries: [retry], attempts: 0 };
    expect(await sinks.save(saved, { ...first, untilMs: 40_000 })).toBe(true);
    nowMs = 39_999;
    expect(await sinks.acquire(bus, second, 0)).toBeUndefined();

    nowMs = 40_000;
    expect(await sinks.acquire(bus, second, 0)).toEqual(saved);
    expect(await sinks.save(saved, first)).toBe(false);
    expect(await sinks.release(saved, first.id)).toBe(false);

    const released: SinkState = { ...saved, cursor: 8, dueAt: retry.dueAt };
    expect(await sinks.release(released, second.id)).toBe(true);
    expect(await sinks.release(released, second.id), 'repeated request').toBe(true);
    expect(await sinks.get(bus)).toEqual(released);

    const webhook = { tenantId, sinkId: webhookId };
    const waiting: SinkState = { ...webhook, cursor: 0, retries: [], attempts: 0 };
    expect(await sinks.acquire(webhook, first, 0)).toEqual(waiting);
    await sinks.release({ ...waiting, attempts: 1, dueAt: retry.dueAt }, first.id);
    const list = (group: 'EXPORTS' | 'WEBHOOKS', time: string) =>
      Array.fromAsync(sinks.listDue(group, time));
    expect(await list('EXPORTS', '2026-01-01T00:00:59.999Z')).toEqual([]);
    expect(await list('EXPORTS', retry.dueAt)).toEqual([{ ...bus, dueAt: retry.dueAt }]);
    expect(await list('WEBHOOKS', retry.dueAt)).toEqual([{ ...webhook, dueAt: retry.dueAt }]);

    expect(await sinks.acquire(bus, first, 0)).toEqual(released);
    await sinks.remove(bus);
    expect(await sinks.release(released, first.id), 'removed').toBe(false);
    expect(await sinks.get(bus)).toBeUndefined();
  });
});
