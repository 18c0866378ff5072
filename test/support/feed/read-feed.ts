/** Stream records for the sequencer, and the feed that it writes. */
import { inject } from 'vitest';
import * as z from 'zod';
import { listConsumers } from '../../../infra/constructs/consumer-table.ts';
import { compilePattern } from '../../../infra/local/events/event-pattern.ts';
import { createStreams, type StreamRecord } from '../../../infra/local/events/streams.ts';
import { eventData } from '../../../lib/api/feed/event-types.ts';
import { toCloudEvent } from '../../../lib/domain/feed/cloud-event.ts';
import type { FeedEvent } from '../../../lib/domain/feed/feed-event.ts';
import { hashSegment } from '../../../lib/domain/feed/segment.ts';
import type { Directory } from '../../../lib/store/dynamodb/tables.ts';
import { createFeedReader } from '../../../lib/store/feed/feed-reader.ts';
import { closeAfterFile } from '../cleanup.ts';

const source = new Map(listConsumers()).get('sequencer')?.stream;
const filters = source?.patterns.map(compilePattern) ?? [];
export const sequencerBatchSize = source?.batchSize ?? 0;

/**
 * Creates a function that returns the stream records of a table since its last call that match the
 * filters of the sequencer.
 */
export function createStreamReader(table: string) {
  const controller = new AbortController();
  let iterator: Promise<string> | undefined;
  const open = async (streams: ReturnType<typeof createStreams>): Promise<string> => {
    const arn = await streams.find(table);
    const [shard] = await streams.listShards(arn);
    return streams.iterate(arn, shard?.ShardId ?? '', 'TRIM_HORIZON');
  };
  let streams: ReturnType<typeof createStreams> | undefined;
  return async (): Promise<StreamRecord[]> => {
    if (!streams) closeAfterFile(() => controller.abort());
    streams ??= createStreams(inject('databaseEndpoint'), controller.signal);
    iterator ??= open(streams);
    const read: StreamRecord[] = [];
    for (;;) {
      const { records, next } = await streams.read(await iterator);
      iterator = Promise.resolve(next ?? '');
      read.push(...records.filter((record) => filters.some((matches) => matches(record))));
      if (records.length === 0) return read;
    }
  };
}

/**
 * Reads all events of a tenant, oldest first. Throws if a number is missing or repeated, the hash
 * chain is broken, or an event does not match the schema of its type.
 */
export async function readFeed(tables: Directory, tenantId: string): Promise<FeedEvent[]> {
  const events: FeedEvent[] = [];
  let previousHash = '';
  const reader = createFeedReader(tables, () => 0);
  for await (const segment of reader.listSegments(tenantId, 1)) {
    if (segment.previousHash !== previousHash || segment.hash !== hashSegment(tenantId, segment))
      throw new Error(`The hash of segment ${segment.first} is wrong`);
    previousHash = segment.hash;
    events.push(...(JSON.parse(segment.events) as FeedEvent[]));
  }
  if (events.some(({ sequence }, index) => sequence !== index + 1))
    throw new Error('The numbers of the feed have gaps');
  for (const event of events) assertPublished(tenantId, event);
  return events;
}

/** Throws if the data of an event for webhooks does not match the published schema of its type. */
function assertPublished(tenantId: string, event: FeedEvent): void {
  const { data } = toCloudEvent(tenantId, event, {
    idPrefix: 'cradl',
    apiUrl: 'https://x.example',
  });
  const schema = z.strictObject(eventData(event.type, event.resource.type).shape);
  schema.parse(JSON.parse(JSON.stringify(data)), { jitless: true });
}
