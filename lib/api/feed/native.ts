import * as z from 'zod';
import { formatActorId, formatResourceId } from '../../domain/feed/cloud-event.ts';
import type { EventFilter } from '../../domain/feed/event-filter.ts';
import type { FeedEvent, ResourceType } from '../../domain/feed/feed-event.ts';
import type { IdPrefix } from '../../domain/kernel/ids.ts';
import { buildOnce, responseSchema } from '../codec.ts';
import { limitField } from '../lists.ts';
import { resourceFilter, typesFilter } from './filters.ts';

const resourceTypes = [
  'user',
  'group',
  'role',
  'appClient',
  'domain',
  'webhook',
  'connection',
  'tenant',
] as const satisfies readonly ResourceType[];

/** Fields that the event feed and the audit log share. */
export const eventFields = () => ({
  sequence: z.int().meta({ description: 'Number of the event in the feed of the tenant, from 1.' }),
  eventId: z.guid().meta({
    description: 'ID of the event, the same in the feed, in webhooks and on the event bus.',
  }),
  type: z.string().meta({ description: 'Type of the event. `GET /v1/event-types` lists all.' }),
  time: z.iso.datetime().meta({ description: 'Time of the request that caused the event.' }),
  numberedTime: z.iso
    .datetime()
    .meta({ description: 'Time of the numbering. Never decreases in a feed.' }),
  resource: z
    .strictObject({
      type: z.enum(resourceTypes).meta({ description: 'Type of the resource.' }),
      id: z.string().meta({ description: 'ID of the resource. A tenant has a UUID.' }),
      version: z
        .int()
        .nullable()
        .meta({ description: 'Version after the change. Null if no resource changed.' }),
    })
    .meta({ description: 'Resource that the event is about.' }),
  member: z
    .strictObject({
      type: z.enum(['user', 'appClient', 'group']).meta({ description: 'Type of the member.' }),
      id: z.string().meta({ description: 'ID of the member.' }),
    })
    .nullable()
    .meta({ description: 'Member of the group, in events about members. Otherwise null.' }),
  changedFields: z.array(z.string()).meta({ description: 'Names of the changed fields, sorted.' }),
  requestId: z.string(),
  policies: z.array(z.string()).meta({ description: 'IDs of the policies that decided.' }),
  digest: z.string().nullable().meta({
    description:
      'Salted SHA-256 (hex) of the previous values, which proves that they are unchanged. Null without previous values.',
  }),
});

export const actorDescription = 'Principal that caused the event.';

export const actorFields = () => ({
  type: z
    .enum(['user', 'appClient', 'external', 'system'])
    .meta({ description: '`external` is a subject of another issuer, `system` the service.' }),
  id: z.string().nullable().meta({
    description:
      'ID of the user or app client, name of the component of the service, or keyed hash of a subject of another issuer.',
  }),
});

const eventResponse = responseSchema(() =>
  z
    .strictObject({
      ...eventFields(),
      actor: z.strictObject(actorFields()).meta({ description: actorDescription }),
    })
    .meta({ id: 'Event' }),
);

export const toEventResponse = (event: FeedEvent, idPrefix: IdPrefix) => ({
  sequence: event.sequence,
  eventId: event.id,
  type: event.type,
  time: event.time,
  numberedTime: event.numberedAt,
  resource: {
    type: event.resource.type,
    id: formatResourceId(event.resource, idPrefix),
    version: event.resource.version ?? null,
  },
  member: event.member
    ? { type: event.member.type, id: formatResourceId(event.member, idPrefix) }
    : null,
  actor: { type: event.actor.type, id: formatActorId(event.actor, idPrefix) ?? null },
  changedFields: event.changedFields,
  requestId: event.requestId,
  policies: event.policies,
  digest: event.digest ?? null,
});

/** Page of the event feed. A feed has no last page, so its cursor is never null. */
export const eventList = {
  query: buildOnce(() =>
    z.strictObject({
      after: z.string().max(4096).optional().meta({
        description:
          '`nextCursor` of the previous page, or `latest` to start after the newest event. Default: the oldest event.',
      }),
      limit: limitField('events'),
      types: typesFilter().optional(),
      resource: resourceFilter().optional(),
    }),
  ),
  response: responseSchema(() =>
    z
      .strictObject({
        events: z.array(eventResponse()).meta({ description: 'A page of events, oldest first.' }),
        nextCursor: z.string().meta({
          description:
            'Cursor of the next page. Save it after the events are processed. Also moves on over events that the filter excludes.',
        }),
        hasMore: z
          .boolean()
          .meta({ description: 'True if the next page can be requested at once.' }),
      })
      .meta({ id: 'EventPage' }),
  ),
};

/** Converts the parameters of the feed. The filter has no absent members. */
export const toEventQuery = ({
  after,
  limit,
  types,
  resource,
}: z.output<ReturnType<typeof eventList.query>>) => ({
  after,
  limit: Math.min(Number(limit), 100),
  filter: {
    ...(types && { types }),
    ...(resource && { subject: resource }),
  } satisfies EventFilter,
});
