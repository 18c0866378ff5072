import type { DialectsServing } from '../routes.ts';
import { type ExportCodec, nativeExport } from './native.ts';

/** Codecs of every dialect that routes.ts lists for the export of a user. */
export const exportCodecs = {
  native: nativeExport,
} satisfies Record<DialectsServing<'exportUser'>, ExportCodec>;
