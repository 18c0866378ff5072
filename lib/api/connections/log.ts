import * as z from 'zod';
import type { LogQuery } from '../../domain/connections/connection-log.ts';
import type { ConnectionHealth } from '../../domain/connections/get-health.ts';
import {
  formatId,
  idPatterns,
  type IdPrefix,
  parseUserId,
  toHex,
} from '../../domain/kernel/ids.ts';
import { responseSchema } from '../codec.ts';
import { nativeList } from '../lists.ts';
import { timeFilter } from '../users/fields/filters.ts';
import { entryResponse, toLogResponse } from './log-entry.ts';

const time = () => z.iso.datetime();

const healthResponse = responseSchema(() =>
  z
    .strictObject({
      requests: z.int().meta({
        description: 'Requests of the last 24 hours. At most the newest 1,000 are counted.',
      }),
      failures: z.int().meta({ description: 'Requests with a status of 400 or above.' }),
      lastSuccessTime: time().nullable().meta({ description: 'Time of the latest success.' }),
      lastFailureTime: time().nullable().meta({ description: 'Time of the latest failure.' }),
      tokenExpiresTime: time().nullable().meta({
        description: 'Expiration of the token that expires last. Null if one does not expire.',
      }),
      failingUsers: z
        .array(
          z.strictObject({
            userId: z.string().regex(idPatterns.user),
            failures: z.int().meta({ description: 'Failed changes in the last 24 hours.' }),
            time: time().meta({ description: 'Time of the latest failure.' }),
            httpStatus: z.int().meta({ description: 'Status of the latest failure.' }),
            detail: z.string().nullable().meta({ description: 'Message of the latest failure.' }),
          }),
        )
        .meta({ description: 'Users with several failed changes and no success after them.' }),
      brake: z
        .strictObject({
          held: z.boolean().meta({
            description: 'True if the connection deprovisions no users until it is released.',
          }),
          trippedTime: time()
            .nullable()
            .meta({ description: 'Time of the latest mass deprovisioning.' }),
          userCount: z
            .int()
            .nullable()
            .meta({ description: 'Users deprovisioned in that hour until then.' }),
          threshold: z.int().nullable().meta({ description: 'Threshold in that hour.' }),
          releasedTime: time().nullable().meta({ description: 'Time of the latest release.' }),
        })
        .meta({ description: 'State of the brake.' }),
      warnings: z.array(z.string()).meta({ description: 'Problems in words.' }),
    })
    .meta({ id: 'ScimConnectionHealth' }),
);

/** Log and health of SCIM connections in the native API. */
export const nativeConnectionLog = {
  logList: nativeList(
    { itemsLabel: 'entries', field: 'entries', item: entryResponse, id: 'ScimLogEntryList' },
    () => ({
      userId: z
        .string()
        .refine(
          (id) => parseUserId(id) !== undefined,
          'must be a user ID such as cradl:user:0123456789ab4def8123456789abcdef',
        )
        .optional()
        .meta({ description: 'Returns changes of this user. Pages can then be short.' }),
      failed: z
        .enum(['true', 'false'])
        .optional()
        .meta({ description: 'Returns only failures, or only successes. Pages can be short.' }),
      from: timeFilter('up')
        .optional()
        .meta({ description: 'Returns requests from this time on.' }),
      to: timeFilter('up').optional().meta({ description: 'Returns requests before this time.' }),
    }),
  ),
  toLogFilter: ({
    userId: id,
    failed,
    from,
    to,
  }: Readonly<Record<string, unknown>>): Pick<LogQuery, 'userId' | 'failed' | 'from' | 'to'> => ({
    userId: typeof id === 'string' ? parseUserId(id) : undefined,
    failed: failed === undefined ? undefined : failed === 'true',
    from: typeof from === 'number' ? new Date(from).toISOString() : undefined,
    to: typeof to === 'number' ? new Date(to).toISOString() : undefined,
  }),
  toLogResponse,
  healthResponse,
  toHealthResponse: (health: ConnectionHealth, idPrefix: IdPrefix) => ({
    requests: health.requests,
    failures: health.failures,
    lastSuccessTime: health.lastSuccessAt ?? null,
    lastFailureTime: health.lastFailureAt ?? null,
    tokenExpiresTime: health.tokenExpiresAt ?? null,
    failingUsers: health.failingUsers.map(({ userId: id, failures, at, status, detail }) => ({
      userId: formatId(idPrefix, 'user', toHex(id)),
      failures,
      time: at,
      httpStatus: status,
      detail: detail ?? null,
    })),
    brake: {
      held: health.brake.isHeld,
      trippedTime: health.brake.trippedAt ?? null,
      userCount: health.brake.count ?? null,
      threshold: health.brake.threshold ?? null,
      releasedTime: health.brake.releasedAt ?? null,
    },
    warnings: health.warnings,
  }),
};
