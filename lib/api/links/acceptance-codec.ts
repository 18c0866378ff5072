import type * as z from 'zod';
import type { ErrorMapping } from '../codec.ts';
import type { RedeemedLink } from '../../domain/links/redeem-link.ts';
import type { Reply } from '../users/user-codec.ts';
import type { IdPrefix } from '../../domain/kernel/ids.ts';

/** Accepting an invitation on the wire of one dialect. */
export interface AcceptanceCodec {
  readonly acceptInput: z.ZodType<{ readonly token: string; readonly password: string }>;
  readonly response: z.ZodType;
  toResponse(accepted: RedeemedLink, idPrefix: IdPrefix): Reply;
  readonly mapError?: ErrorMapping;
}
