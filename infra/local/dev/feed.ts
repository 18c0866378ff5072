import type { FeedReader } from '../../../lib/domain/feed/feed-store.ts';
import type { GatewayResponse } from '../gateway/response.ts';
import { type GatewayRequest, getQuery } from '../gateway/request-event.ts';
import { textResponse } from '../gateway/server.ts';
import { respondLive } from './live-page.ts';
import { sampleTenants } from './samples.ts';

const maxEvents = 200;

interface FeedOptions {
  readonly feed: FeedReader;
  /** Finds a tenant by slug or ID. */
  readonly findTenantId: (slugOrId: string) => Promise<string | undefined>;
}

/** Lists the newest events in the feed of a tenant. `?tenant=` has its slug or ID. */
export async function listFeed(
  request: GatewayRequest,
  { feed, findTenantId }: FeedOptions,
): Promise<GatewayResponse> {
  const tenant =
    new URLSearchParams(getQuery(request.target)).get('tenant') ?? sampleTenants[0].slug;
  const tenantId = await findTenantId(tenant);
  if (tenantId === undefined)
    return textResponse(404, `No tenant has the slug or ID ${JSON.stringify(tenant)}.\n`);
  const { events } = await feed.readBefore(tenantId, Infinity, maxEvents);
  return respondLive(request, {
    title: `Feed of ${tenant}`,
    description: `The newest ${maxEvents} events, newest first.`,
    links: Object.fromEntries(sampleTenants.map(({ slug }) => [slug, `?tenant=${slug}`])),
    columns: {
      Number: 'sequence',
      Time: 'time',
      Type: 'type',
      Resource: 'resource.id',
      Actor: 'actor.id',
      Changed: 'changedFields',
    },
    name: 'events',
    items: events,
  });
}
