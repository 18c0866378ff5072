import type * as z from 'zod';
import type { RedeemedLink } from '../../domain/links/redeem-link.ts';
import type { ErrorMapping, Reply } from '../codec.ts';
import type { IdPrefix } from '../../domain/kernel/ids.ts';

/** Acceptance of an invitation in one dialect. */
export interface AcceptanceCodec {
  readonly acceptInput: z.ZodType<{ readonly token: string; readonly password: string }>;
  readonly response: z.ZodType;
  toResponse(link: RedeemedLink, idPrefix: IdPrefix): Reply;
  readonly mapError?: ErrorMapping;
}
