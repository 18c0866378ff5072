import * as z from 'zod';
import type { ManagedBy } from '../../../domain/connections/managed-by.ts';
import { formatId, type IdPrefix, idPatterns, toHex } from '../../../domain/kernel/ids.ts';

/** Connection of a managed user or group in responses of the native API. */
export const managedBy = () =>
  z
    .strictObject({
      connectionId: z
        .string()
        .regex(idPatterns.connection)
        .meta({ description: 'ID of the SCIM connection.' }),
    })
    .nullable()
    .meta({
      description: 'SCIM connection that manages the user or group. Null for none.',
    });

export const toManagedBy = (
  manager: Pick<ManagedBy, 'connectionId'> | undefined,
  idPrefix: IdPrefix,
) =>
  manager ? { connectionId: formatId(idPrefix, 'connection', toHex(manager.connectionId)) } : null;
