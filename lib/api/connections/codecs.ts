import type { DialectsServing } from '../routes.ts';
import { nativeConnectionLog } from './log.ts';
import { nativeConnection } from './native.ts';

export type ConnectionOperation =
  | 'createConnection'
  | 'listConnections'
  | 'getConnection'
  | 'updateConnection'
  | 'deleteConnection'
  | 'createConnectionToken'
  | 'deleteConnectionToken'
  | 'listConnectionLog'
  | 'getConnectionHealth'
  | 'releaseConnectionBrake'
  | 'approveConnectionUser'
  | 'releaseConnectionUser';

/** Codecs of every dialect that routes.ts lists for a connection operation. */
export const connectionCodecs = {
  native: { ...nativeConnection, ...nativeConnectionLog },
} satisfies Record<DialectsServing<ConnectionOperation>, object>;
