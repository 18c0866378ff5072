import type { Slug, Uuid } from '../kernel/ids.ts';

/** SCIM connection that manages a user or group. */
export interface ManagedBy {
  readonly connectionId: Uuid;
  /** ID in the identity provider. Several users and groups can have the same. */
  readonly externalId?: string | undefined;
  /** Roles that the connection gave a user. */
  readonly roles?: readonly Slug[] | undefined;
}
