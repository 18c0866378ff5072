import * as z from 'zod';
import { type RefFilter, typePatterns } from '../../domain/feed/event-filter.ts';
import type { ResourceType } from '../../domain/feed/feed-event.ts';
import {
  getIdName,
  idPatterns,
  parseDomainId,
  parseGroupId,
  parseUserId,
  parseConnectionId,
  parseWebhookId,
  uuidPattern,
} from '../../domain/kernel/ids.ts';

/** Event types, separated by commas. */
export const typesFilter = () =>
  z
    .string()
    .max(2048, { abort: true })
    .transform((text) => [...new Set(text.split(','))].toSorted())
    .refine((list) => list.every((type) => typePatterns.has(type)), {
      error: 'must be event types such as user.created or user.*, separated by commas',
    })
    .meta({
      description:
        'Event types, separated by commas. `user.*` stands for all types that begin with `user.`.',
      examples: ['user.created,group.*'],
    });

const parsers: Readonly<
  Record<Exclude<ResourceType, 'tenant'>, (id: string) => string | undefined>
> = {
  user: parseUserId,
  group: parseGroupId,
  role: (id) => (idPatterns.role.test(id) ? getIdName(id) : undefined),
  appClient: (id) => (idPatterns['app-client'].test(id) ? getIdName(id) : undefined),
  domain: parseDomainId,
  webhook: parseWebhookId,
  connection: parseConnectionId,
};

/** Parses an ID of the native API. Tenants have UUIDs. */
function parseResource(text: string): RefFilter<ResourceType> | undefined {
  if (uuidPattern.test(text)) return { type: 'tenant', ids: [text.toLowerCase()] };
  for (const type of Object.keys(parsers) as (keyof typeof parsers)[]) {
    const id = parsers[type](text);
    if (id !== undefined) return { type, ids: [id] };
  }
  return undefined;
}

/** ID of a resource, converted to the resource. */
export const resourceFilter = () =>
  z
    .string()
    .max(128, { abort: true })
    .refine((text) => parseResource(text) !== undefined, {
      error: 'must be an ID such as cradl:user:0123456789ab4def8123456789abcdef',
      abort: true,
    })
    .transform((text) => parseResource(text))
    .meta({
      description:
        'ID of a user, group, role, app client, domain, webhook, SCIM connection or tenant. Also selects changes of the groups of the user, app client or group.',
      examples: ['cradl:user:0123456789ab4def8123456789abcdef'],
    });

/** ID of an actor: a user, an app client, or the `id` of any other actor. */
export const actorFilter = () =>
  z
    .string()
    .max(128)
    .transform((text): RefFilter => parseResource(text) ?? { ids: [text] })
    .meta({
      description:
        'ID of the user or app client that acted, or `actor.id` of an entry with another actor.',
      examples: ['cradl:user:0123456789ab4def8123456789abcdef'],
    });
