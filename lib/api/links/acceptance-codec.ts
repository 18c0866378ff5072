import type { RedeemedLink } from '../../domain/links/redeem-link.ts';
import type { ErrorMapping, LazySchema, Reply } from '../codec.ts';
import type { IdPrefix } from '../../domain/kernel/ids.ts';

/** Acceptance of an invitation in one dialect. */
export interface AcceptanceCodec {
  readonly acceptInput: LazySchema<{ readonly token: string; readonly password: string }>;
  readonly response: LazySchema;
  toResponse(link: RedeemedLink, idPrefix: IdPrefix): Reply;
  readonly mapError?: ErrorMapping;
}
