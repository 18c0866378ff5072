import type * as z from 'zod';
import type { AsDocumented } from '../codec.ts';
import type { RedeemedLink } from '../../domain/links/redeem-link.ts';
import type { Reply } from '../users/user-codec.ts';
import type { IdPrefix } from '../../domain/kernel/ids.ts';

/** Accepting an invitation on the wire of one dialect. */
export interface AcceptanceWire {
  readonly request: z.ZodType<{ readonly token: string; readonly password: string }>;
  readonly answer: z.ZodType;
  view(accepted: RedeemedLink, idPrefix: IdPrefix): Reply;
  readonly asDocumented?: AsDocumented;
}
