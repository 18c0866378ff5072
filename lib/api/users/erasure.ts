import * as z from 'zod';
import { toHex, formatId, idPatterns, type IdPrefix } from '../../domain/kernel/ids.ts';
import type { ErasureRecord } from '../../domain/users/user-store.ts';
import { type ListCodec, nativeList } from '../lists.ts';
import { responseSchema } from '../codec.ts';

/** Record of an erasure, without data of the user. */
const erasureResponse = responseSchema(() =>
  z
    .strictObject({
      userId: z.string().regex(idPatterns.user),
      erasedTime: z.iso.datetime(),
      erasedBy: z.string().meta({ description: '`sub` of the token of the caller.' }),
      issuer: z.string().meta({ description: 'Issuer of the token of the caller.' }),
      requestId: z.string(),
      policies: z
        .array(z.string())
        .meta({ description: 'IDs of the policies that allowed the call.' }),
    })
    .meta({ id: 'Erasure' }),
);

export const erasureList = nativeList({
  itemsLabel: 'erasures',
  field: 'erasures',
  item: erasureResponse,
  id: 'ErasureList',
});

const toErasureResponse = (
  { userId, at, by, issuer, requestId, policies }: ErasureRecord,
  idPrefix: IdPrefix,
): z.infer<ReturnType<typeof erasureResponse>> => ({
  userId: formatId(idPrefix, 'user', toHex(userId)),
  erasedTime: at,
  erasedBy: by,
  issuer,
  requestId,
  policies: [...policies],
});

export interface ErasureCodec {
  readonly list: ListCodec;
  toResponse(erasure: ErasureRecord, idPrefix: IdPrefix): object;
}

export const nativeErasure: ErasureCodec = { list: erasureList, toResponse: toErasureResponse };
