import type { Actor } from '../kernel/change-record.ts';
import { formatId, type IdKind, type IdPrefix, toHex, type Uuid } from '../kernel/ids.ts';
import { type EventType, type FeedEvent, formatSequence, type ResourceType } from './feed-event.ts';

/** Version of the data of every event type. */
export const dataVersion = 1;

/** Format of IDs in events. */
export interface EventFormat {
  readonly idPrefix: IdPrefix;
  /** Address of the API, which serves the schemas of the event types. */
  readonly apiUrl: string;
}

const idKinds: Readonly<Record<Exclude<ResourceType, 'tenant'>, IdKind>> = {
  user: 'user',
  group: 'group',
  role: 'role',
  appClient: 'app-client',
  domain: 'domain',
  webhook: 'webhook',
  connection: 'connection',
};

/** Formats the ID of a resource as the native API does. */
export const formatResourceId = (
  { type, id }: { readonly type: ResourceType; readonly id: string },
  idPrefix: IdPrefix,
): string =>
  type === 'tenant' ? id : formatId(idPrefix, idKinds[type], isName(type) ? id : toHex(id));

/** True for resources whose IDs can be names with hyphens. */
const isName = (type: ResourceType): boolean => type === 'role' || type === 'appClient';

/** Formats the ID of an actor as the native API does. Undefined if the feed has none. */
export const formatActorId = (actor: Actor, idPrefix: IdPrefix): string | undefined =>
  actor.type === 'user' || actor.type === 'appClient'
    ? formatResourceId(actor, idPrefix)
    : actor.id;

/** Event of the feed, or a test event. */
export type SentEvent = Pick<
  FeedEvent,
  'sequence' | 'id' | 'time' | 'resource' | 'member' | 'actor' | 'changedFields' | 'requestId'
> & { readonly type: EventType | 'webhook.test' };

/** Builds the CloudEvents 1.0 form of an event, for webhooks and the event bus. */
export const toCloudEvent = (
  tenantId: Uuid,
  event: SentEvent,
  { idPrefix, apiUrl }: EventFormat,
) => ({
  specversion: '1.0',
  id: event.id,
  source: `/tenants/${tenantId}`,
  type: event.type,
  time: event.time,
  subject: formatResourceId(event.resource, idPrefix),
  datacontenttype: 'application/json',
  dataschema: `${apiUrl}/v1/event-types/${event.type}/${dataVersion}`,
  /** Text, as in the CloudEvents extension `sequence`. Sorts in the order of the feed. */
  sequence: formatSequence(event.sequence),
  data: {
    tenantId,
    resourceType: event.resource.type,
    version: event.resource.version,
    member: event.member && {
      type: event.member.type,
      id: formatResourceId(event.member, idPrefix),
    },
    actor: { type: event.actor.type, id: formatActorId(event.actor, idPrefix) },
    changedFields: event.changedFields,
    requestId: event.requestId,
  },
});
