import * as z from 'zod';
import type { EventFilter, RefFilter } from '../../domain/feed/event-filter.ts';
import type { ResourceType } from '../../domain/feed/feed-event.ts';
import type { Actor } from '../../domain/kernel/change-record.ts';
import { toHex, toUuid } from '../../domain/kernel/ids.ts';
import { buildOnce, responseSchema } from '../codec.ts';
import { typesFilter } from '../feed/filters.ts';
import { jitsudoList } from '../lists.ts';
import { timeFilter } from '../users/fields/filters.ts';
import { type AuditLogCodec, toPeriod } from './audit-log-codec.ts';

const resourceTypes = {
  user: 'user',
  group: 'group',
  role: 'role',
  api_key: 'appClient',
  domain: 'domain',
  webhook: 'webhook',
  connection: 'connection',
  tenant: 'tenant',
} as const satisfies Readonly<Record<string, ResourceType>>;
type WireType = keyof typeof resourceTypes;
const wireTypes = Object.keys(resourceTypes) as WireType[];

/** JITSudo has no type for users of this directory. All users are `oidc`. */
const actorTypes = {
  user: 'oidc',
  external: 'oidc',
  appClient: 'api_key',
  system: 'system',
} as const satisfies Readonly<Record<Actor['type'], string>>;

const response = responseSchema(() =>
  z
    .strictObject({
      id: z.guid(),
      actor_id: z.string().nullable().meta({
        description:
          'ID of the user or API key, name of the component of the service, or keyed hash of a subject of another issuer. `metadata.subject` has the subject.',
      }),
      actor_type: z
        .enum(['api_key', 'oidc', 'system'])
        .meta({ description: 'Type of the actor. All users are `oidc`.' }),
      action: z.string().meta({ description: 'Type of the event, such as `user.created`.' }),
      resource_type: z.enum(wireTypes).meta({ description: 'Type of the resource.' }),
      resource_id: z.string().meta({ description: 'ID of the resource.' }),
      metadata: z.record(z.string(), z.unknown()).meta({
        description:
          'Number and digest of the event, changed fields, previous values, policies and further facts. `values_erased` is true if the values are erased or have expired.',
      }),
      reasoning: z
        .null()
        .meta({ description: 'Always null. Policies decide without a reasoning.' }),
      created_at: z.iso.datetime(),
    })
    .meta({ id: 'JitsudoAuditEntry' }),
);

/** IDs of API keys are UUIDs here, and 32 digits elsewhere. */
const toIds = (id: unknown): readonly string[] => [String(id), toHex(String(id))];

/** Formats a generated ID of an API key as a UUID. All other IDs stay as they are. */
const formatRef = ({ type, id }: { readonly type: string; readonly id: string }): string =>
  type === 'appClient' && /^[0-9a-f]{32}$/.test(id) ? toUuid(id) : id;

const list = jitsudoList({ itemsLabel: 'entries', item: response, id: 'JitsudoAuditEntryList' });
const idFilter = () => z.string().min(1).max(128).optional();

/** Audit log of JITSudo, `/v1/audit-log` (jitsudo-docs, operations listAuditLog, getAuditLogEntry). */
export const jitsudoAuditLog: AuditLogCodec = {
  list: {
    ...list,
    query: buildOnce(() =>
      list.query().extend({
        actor_id: idFilter().meta({ description: 'ID of the user or API key that acted.' }),
        resource_type: z.enum(wireTypes).optional(),
        resource_id: idFilter(),
        action: typesFilter().optional(),
        from: timeFilter('down').optional(),
        to: timeFilter('up').optional(),
      }),
    ),
  },
  response,
  pathParameter: {
    name: 'id',
    description: 'ID of the entry.',
    example: '00000000-002a-8f3c-9a5b-0123456789ab',
  },
  toFilter: ({ actor_id: actorId, resource_type: type, resource_id: id, action, ...rest }) => ({
    filter: {
      ...(action !== undefined && { types: action }),
      ...(actorId !== undefined && { actor: { ids: toIds(actorId) } satisfies RefFilter }),
      ...((type !== undefined || id !== undefined) && {
        resource: {
          ...(type !== undefined && { type: resourceTypes[type as WireType] }),
          ...(id !== undefined && { ids: toIds(id) }),
        } satisfies RefFilter,
      }),
    } as EventFilter,
    period: toPeriod(rest),
  }),
  toResponse: ({ event, values }) => {
    const { actor, resource, member } = event;
    return {
      id: event.id,
      actor_id: actor.id === undefined ? null : formatRef({ type: actor.type, id: actor.id }),
      actor_type: actorTypes[actor.type],
      action: event.type,
      resource_type: wireTypes.find((type) => resourceTypes[type] === resource.type),
      resource_id: formatRef(resource),
      metadata: {
        sequence: event.sequence,
        numbered_at: event.numberedAt,
        version: resource.version ?? null,
        member_type: member?.type ?? null,
        member_id: member ? formatRef(member) : null,
        changed_fields: event.changedFields,
        before: values?.before ?? null,
        omitted: values?.omitted ?? null,
        after: values?.after ?? null,
        details: values?.details ?? null,
        count: values?.count ?? null,
        values_erased: values === undefined,
        subject: values?.by ?? null,
        issuer: values?.issuer ?? null,
        request_id: event.requestId,
        policies: event.policies,
        digest: event.digest ?? null,
      },
      reasoning: null,
      created_at: event.time,
    };
  },
};
