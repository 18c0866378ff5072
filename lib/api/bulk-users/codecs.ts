import type { DialectsServing } from '../routes.ts';
import type { BulkUserCodec, BulkUserOperation } from './bulk-user-codec.ts';
import { nativeBulkUsers } from './native.ts';

/** Codecs of every dialect that routes.ts lists for bulk requests. */
export const bulkUserCodecs = {
  native: nativeBulkUsers,
} satisfies Record<DialectsServing<BulkUserOperation>, BulkUserCodec>;
