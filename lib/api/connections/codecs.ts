import type { DialectsServing } from '../routes.ts';
import { nativeConnection } from './native.ts';

export type ConnectionOperation =
  | 'createConnection'
  | 'listConnections'
  | 'getConnection'
  | 'updateConnection'
  | 'deleteConnection'
  | 'createConnectionToken'
  | 'deleteConnectionToken';

/** Codecs of every dialect that routes.ts lists for a connection operation. */
export const connectionCodecs = {
  native: nativeConnection,
} satisfies Record<DialectsServing<ConnectionOperation>, object>;
