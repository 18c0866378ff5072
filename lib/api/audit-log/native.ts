import * as z from 'zod';
import type { EventFilter, RefFilter } from '../../domain/feed/event-filter.ts';
import { responseSchema } from '../codec.ts';
import { actorFilter, resourceFilter, typesFilter } from '../feed/filters.ts';
import { actorDescription, actorFields, eventFields, toEventResponse } from '../feed/native.ts';
import { nativeList } from '../lists.ts';
import { timeFilter } from '../users/fields/filters.ts';
import { type AuditLogCodec, toPeriod } from './audit-log-codec.ts';

const values = () => z.record(z.string(), z.unknown()).nullable();

const response = responseSchema(() =>
  z
    .strictObject({
      ...eventFields(),
      actor: z
        .strictObject({
          ...actorFields(),
          subject: z.string().nullable().meta({ description: 'Subject (`sub`) of the caller.' }),
          issuer: z.string().nullable().meta({ description: 'Issuer of the token of the caller.' }),
        })
        .meta({ description: actorDescription }),
      before: values().meta({
        description:
          'Changed fields with their previous values, null for an empty field. Secrets and avatars are listed without values. `metadata`, `profileMetadata` and `tutorialStatus` contain only the changed members, as a merge patch that restores them (RFC 7396).',
      }),
      omitted: z
        .record(z.string(), z.strictObject({ bytes: z.int(), sha256: z.string() }))
        .nullable()
        .meta({
          description:
            'Changed fields whose previous values are too long for a record: size and SHA-256 (hex) of their JSON with sorted names.',
        }),
      after: values().meta({
        description:
          'New values of fields that limit or verify credentials, and new status of a member.',
      }),
      details: values().meta({
        description:
          'Facts about an event that changed no resource: the client of a sign-in, the denied operation, the filters of a read.',
      }),
      count: z.int().nullable().meta({
        description: 'Number of equal events in the window that starts with this one.',
      }),
      valuesErased: z.boolean().meta({
        description:
          'True if the values and the subject are erased with their user or have expired. The digest remains.',
      }),
    })
    .meta({ id: 'AuditLogEntry' }),
);

export const nativeAuditLog: AuditLogCodec = {
  list: nativeList(
    { itemsLabel: 'entries', field: 'entries', item: response, id: 'AuditLogEntryList' },
    () => ({
      types: typesFilter().optional(),
      actor: actorFilter().optional(),
      resource: resourceFilter().optional(),
      from: timeFilter('down').optional().meta({ description: 'First time of numbering.' }),
      to: timeFilter('up')
        .optional()
        .meta({ description: 'Time before which events were numbered.' }),
    }),
  ),
  response,
  pathParameter: {
    name: 'eventId',
    description: 'ID of the event.',
    example: '00000000-002a-8f3c-9a5b-0123456789ab',
  },
  toFilter: ({ types, actor, resource, ...rest }) => ({
    filter: {
      ...(types !== undefined && { types }),
      ...(actor !== undefined && { actor: actor as RefFilter }),
      ...(resource !== undefined && { subject: resource as RefFilter }),
    } as EventFilter,
    period: toPeriod(rest),
  }),
  toResponse: ({ event, values: found }, idPrefix) => {
    const { actor, ...fields } = toEventResponse(event, idPrefix);
    return {
      ...fields,
      actor: { ...actor, subject: found?.by ?? null, issuer: found?.issuer ?? null },
      before: found?.before ?? null,
      omitted: found?.omitted ?? null,
      after: found?.after ?? null,
      details: found?.details ?? null,
      count: found?.count ?? null,
      valuesErased: found === undefined,
    };
  },
};
