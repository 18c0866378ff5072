import * as z from 'zod';
import type { LogEntry } from '../../domain/connections/connection-log.ts';
import { formatId, idPatterns, type IdPrefix, toHex } from '../../domain/kernel/ids.ts';
import { responseSchema } from '../codec.ts';

export const entryResponse = responseSchema(() =>
  z
    .strictObject({
      requestId: z.string(),
      time: z.iso.datetime().meta({ description: 'Time of the request.' }),
      method: z.string().meta({ description: 'HTTP method.' }),
      path: z.string().meta({ description: 'Path of the request.' }),
      query: z.string().nullable().meta({ description: 'Query as sent.' }),
      body: z.string().nullable().meta({
        description: 'JSON as sent, without passwords. A body above 8 KiB is cut.',
      }),
      quirks: z.array(z.string()).meta({
        description: 'Departures from the RFC that were understood, such as `text-boolean`.',
      }),
      skipped: z
        .array(
          z.strictObject({
            reason: z.string().meta({ description: 'Reason in words.' }),
            name: z.string().nullable().meta({ description: 'Name of the attribute or value.' }),
            id: z.string().nullable().meta({ description: 'ID of the user or group.' }),
          }),
        )
        .meta({ description: 'Parts of the request that had no effect.' }),
      userId: z
        .string()
        .regex(idPatterns.user)
        .nullable()
        .meta({ description: 'User that the request was about.' }),
      groupId: z
        .string()
        .regex(idPatterns.group)
        .nullable()
        .meta({ description: 'Group that the request was about.' }),
      changedAttributes: z
        .array(z.string())
        .meta({ description: 'Names of the attributes that changed.' }),
      httpStatus: z.int().meta({ description: 'Status of the response.' }),
      scimType: z.string().nullable().meta({ description: 'Keyword of the error (RFC 7644).' }),
      detail: z.string().nullable().meta({ description: 'Message of the error.' }),
      durationMs: z.int().meta({ description: 'Duration of the request in milliseconds.' }),
    })
    .meta({ id: 'ScimLogEntry' }),
);

export const toLogResponse = (entry: LogEntry, idPrefix: IdPrefix) => ({
  requestId: entry.requestId,
  time: entry.at,
  method: entry.method,
  path: entry.path,
  query: entry.query ?? null,
  body: entry.body ?? null,
  quirks: entry.quirks,
  skipped: entry.skipped.map(({ reason, name, id }) => ({
    reason,
    name: name ?? null,
    id: id ?? null,
  })),
  userId: entry.userId === undefined ? null : formatId(idPrefix, 'user', toHex(entry.userId)),
  groupId: entry.groupId === undefined ? null : formatId(idPrefix, 'group', toHex(entry.groupId)),
  changedAttributes: entry.changedAttributes,
  httpStatus: entry.status,
  scimType: entry.scimType ?? null,
  detail: entry.detail ?? null,
  durationMs: Math.round(entry.durationMs),
});
