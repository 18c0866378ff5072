import type { Logo } from '../branding/logo.ts';
import type { ChangeRecord } from '../kernel/change-record.ts';
import type { EntityChange } from '../kernel/entity.ts';
import type { Slug, Uuid } from '../kernel/ids.ts';
import type { EpochMs, Timestamp } from '../kernel/time.ts';
import type { MemberJob } from '../groups/member-job.ts';
import type { CustomRole } from '../roles/role.ts';
import type { CreationRecord } from '../users/user-store.ts';
import type { User } from '../users/user.ts';
import type { Tenant, TenantWithRoles } from './tenant.ts';

/** Tenants with their roles, for every request. Deleted tenants do not exist. */
export interface TenantStore {
  /** Up to 30 s old, so use it for reads only. */
  find(tenantId: Uuid): Promise<TenantWithRoles | undefined>;
  /** Strongly consistent, for permanent decisions. */
  findCurrent(tenantId: Uuid): Promise<TenantWithRoles | undefined>;
  /** Finds the large changes of members, as `find` does. */
  findMemberJobs(tenantId: Uuid): Promise<readonly MemberJob[]>;
  /** Strongly consistent. Also finds a deleted tenant. */
  findIncludingDeleted(tenantId: Uuid): Promise<TenantWithRoles | undefined>;
  /** Also finds the ID of a deleted tenant. */
  findIdBySlug(slug: Slug): Promise<Uuid | undefined>;
  /** Strongly consistent. */
  getOwnerId(tenantId: Uuid): Promise<Uuid | undefined>;
  /** Strongly consistent. Does not read the roles. */
  getStatus(tenantId: Uuid): Promise<Tenant['status'] | undefined>;
}

/** Change of the user who becomes the owner. */
export interface OwnershipTransfer {
  readonly before: User;
  readonly after: User;
  readonly record: ChangeRecord;
}

/** Role of a new tenant, with the record of its creation. */
export interface NewRole {
  readonly role: CustomRole;
  readonly record: ChangeRecord;
}

export interface TenantPageRequest {
  readonly after: Slug | undefined;
  readonly limit: number;
  /** True for deleted tenants only. */
  readonly deleted: boolean;
}

/** Further items that change with a tenant. */
export interface TenantWriteOptions {
  readonly transfer?: OwnershipTransfer | undefined;
  /** Image of a new logo. */
  readonly newLogo?: Logo | undefined;
}

export interface TenantPage {
  readonly tenants: readonly Tenant[];
  /** Slug after which the next page starts. Undefined on the last page. */
  readonly next: Slug | undefined;
}

/** Tenants for callers who manage them. Reads are strongly consistent. */
export interface TenantAdminStore {
  /**
   * Writes a tenant, its slug, its list entry and its owner, if any, in one transaction. Throws
   * `slug_taken` for a slug that is or was in use, `user_exists` (`ownerEmail`), or `unavailable`
   * if the outcome is unknown at the deadline.
   */
  create(
    tenant: Tenant,
    options: {
      readonly record: ChangeRecord;
      readonly owner: { readonly user: User; readonly creation: CreationRecord } | undefined;
      readonly roles: readonly NewRole[];
      readonly newLogo: Logo | undefined;
      readonly deadline: EpochMs;
    },
  ): Promise<void>;
  get(tenantId: Uuid): Promise<Tenant | undefined>;
  /** Lists the deleted tenants, or all others, in slug order. */
  list(page: TenantPageRequest): Promise<TenantPage>;
  /**
   * Writes a change, and the new owner and logo, if any. Moves the list entry of a tenant that is
   * deleted or restored. Returns `stale` if the tenant or the user changed since.
   */
  write(change: EntityChange<Tenant>, options?: TenantWriteOptions): Promise<'written' | 'stale'>;
  /** Gets the email of each tenant's owner by tenant ID. */
  getOwnerEmails(tenants: readonly Tenant[]): Promise<ReadonlyMap<Uuid, string>>;
}

/** Tenant for a function that visits all tenants. */
export interface ListedTenant {
  readonly tenantId: Uuid;
  /** Time of the erasure of everything but its feed. */
  readonly erasedAt?: Timestamp | undefined;
}

export interface TenantList {
  /** Yields all tenants, including deleted and erased ones. Strongly consistent. Throws `unavailable`. */
  listAll(): AsyncIterable<ListedTenant>;
}
