import type { Entity, EntityChange } from '../access/change-entity.ts';
import type { Role } from '../roles/role.ts';
import type { ChangeRecord, CreationRecord, User } from '../users/user.ts';

/** A customer of the team that runs this deployment, and the boundary that nothing crosses. */
export interface Tenant extends Entity {
  /** Lower-case UUID. */
  readonly tenantId: string;
  /** Its label in host names; unique in the deployment and never reused. */
  readonly slug: string;
  readonly name: string;
  /** Where links in mails lead, and nowhere else. */
  readonly origin: string;
  /** In whose space e-mails and user names are unique: its own, or the one shared by all `system` tenants. Fixed. */
  readonly uniqueness: 'tenant' | 'system';
  readonly status: 'active' | 'suspended';
  /** The language of its mails where a person's own is not known: a BCP 47 tag. */
  readonly locale: string;
  /** The user to whom nobody can do what only they may undo. A tenant that was set up without one has none. */
  readonly ownerUserId?: string | undefined;
  /** Whether administrators may set the passwords of others; only system administrators where it is not set. */
  readonly administratorsSetPasswords?: boolean | undefined;
  /** True if passwords set by others carry no roles until the holder changes them. */
  readonly requireOwnPassword?: boolean | undefined;
  /** For how many days its invitations are good, 1 to 30; the deployment's setting where it is not set. */
  readonly invitationDays?: number | undefined;
  /** The page on which its people accept invitations; `<origin>/accept` where it is not set. */
  readonly acceptUrl?: string | undefined;
  /** The page on which its people choose a new password by a link; `<origin>/reset` where it is not set. */
  readonly resetUrl?: string | undefined;
  /** Page on which account holders confirm a credential by a link. Default: `<origin>/confirm`. */
  readonly confirmUrl?: string | undefined;
  /** Whom its mails come from: an address that SES has verified; the deployment's where it is not set. */
  readonly sender?: string | undefined;
}

/** A tenant with what every decision in it needs: all its roles by slug, the built-in ones included. */
export interface TenantWithRoles extends Tenant {
  readonly roles: ReadonlyMap<string, Role>;
  /** Slugs of deleted roles, which never come back. */
  readonly deletedRoles: ReadonlySet<string>;
  /** ISO 8601: it has sent so many mails that there are none until then. */
  readonly mailHoldUntil?: string | undefined;
}

/** Tenants with their roles. */
export interface TenantStore {
  /** Up to 30 s old: for reads only. A suspension or a changed role takes effect on them within that time. */
  find(tenantId: string): Promise<TenantWithRoles | undefined>;
  /** Strongly consistent: for permanent decisions. */
  findCurrent(tenantId: string): Promise<TenantWithRoles | undefined>;
  findIdBySlug(slug: string): Promise<string | undefined>;
  /** Who owns the tenant as it was last written: for what must not be decided on something that is 30 s old. */
  getOwnerId(tenantId: string): Promise<string | undefined>;
  /** Strongly consistent, and without reading the roles. */
  getStatus(tenantId: string): Promise<Tenant['status'] | undefined>;
}

/** A user who becomes the owner, with the record of it. */
export interface OwnershipTransfer {
  readonly before: User;
  readonly after: User;
  readonly record: ChangeRecord;
}

/** Tenants as they were last written, for those who manage them. */
export interface TenantAdminStore {
  /**
   * Writes a tenant, its slug, its place in the list, its first app client and its owner, all of it or none. Fails with
   * `slug_taken` when the slug is taken or was, with `user_exists` (`ownerEmail`) when the owner's
   * address is, and with `unavailable` when the outcome could not be known before `deadline` (epoch milliseconds).
   */
  create(
    tenant: Tenant,
    more: {
      readonly record: ChangeRecord;
      readonly owner: { readonly user: User; readonly creation: CreationRecord };
      readonly deadline: number;
    },
  ): Promise<void>;
  get(tenantId: string): Promise<Tenant | undefined>;
  /** In the order of their slugs, behind `after`. */
  list(page: { readonly after: string | undefined; readonly limit: number }): Promise<{
    readonly tenants: readonly Tenant[];
    /** The slug to go on behind; undefined at the end. */
    readonly next: string | undefined;
  }>;
  /** Writes a change and, where the tenant gets another owner by it, that user: provided that nobody has changed either since, else `stale`. */
  write(change: EntityChange<Tenant>, promotion?: OwnershipTransfer): Promise<'written' | 'stale'>;
  /** The e-mail addresses of the owners of these, by tenant id. */
  getOwnerEmails(tenants: readonly Tenant[]): Promise<ReadonlyMap<string, string>>;
}
