import type { Permission } from '../access/permissions.ts';
import type { Entity } from '../kernel/entity.ts';
import type { Slug, Uuid } from '../kernel/ids.ts';
import type { Timestamp } from '../kernel/time.ts';
import type { GroupsById } from '../groups/group-roles.ts';
import type { MemberJob } from '../groups/member-job.ts';
import type { Branding } from '../branding/branding.ts';
import type { Role } from '../roles/role.ts';

/** Status of a tenant that is not deleted. */
export type UsableTenantStatus = 'active' | 'suspended';

/** Deletion of a tenant. Absent after it is restored. */
export interface TenantDeletion {
  readonly at: Timestamp;
  /** Subject (`sub`) of the caller. */
  readonly by: string;
  /** Time at which the tenant can no longer be restored. */
  readonly eraseAfter: Timestamp;
  /** Subject of the caller who ended the restore window. */
  readonly erasedBy?: string | undefined;
  /** Status before the deletion. */
  readonly status: UsableTenantStatus;
}

/** Progress of the erasure of a deleted tenant. */
export interface TenantErasure {
  readonly startedAt: Timestamp;
  readonly finishedAt?: Timestamp | undefined;
  readonly erasedUsers: number;
}

/** Sign-ins that are recorded and are events of the feed. */
export const signInEventSettings = ['off', 'successes', 'all'] as const;
export type SignInEvents = (typeof signInEventSettings)[number];

/** A customer of the deployment. No request crosses the boundary between tenants. */
export interface Tenant extends Entity {
  readonly tenantId: Uuid;
  /** Label in host names. Unique in the deployment and never reused. */
  readonly slug: Slug;
  readonly name: string;
  /** Free text about the customer. */
  readonly description?: string | undefined;
  /** Base URL of all links in mails. */
  readonly origin: string;
  /**
   * Space in which emails and usernames are unique: the tenant, or all `system` tenants together.
   * Fixed.
   */
  readonly uniqueness: 'tenant' | 'system';
  /** A deleted tenant is found only by operations that restore or erase it. */
  readonly status: UsableTenantStatus | 'deleted';
  readonly deletion?: TenantDeletion | undefined;
  readonly erasure?: TenantErasure | undefined;
  /** Language of mails to users without a locale (BCP 47). */
  readonly locale: string;
  /** User protected from other administrators. Undefined for a tenant created without an owner. */
  readonly ownerUserId?: Uuid | undefined;
  /** True if administrators may set passwords of other users. System administrators always may. */
  readonly administratorsSetPasswords?: boolean | undefined;
  /** True if roles are inactive until the user replaces a password that another principal set. */
  readonly requireOwnPassword?: boolean | undefined;
  /** Recorded sign-ins. Default: `all`. */
  readonly signInEvents?: SignInEvents | undefined;
  /** Role of new users whose creator sends no list of roles. */
  readonly defaultRole?: Slug | undefined;
  /** Validity of invitations, 1 to 30. Default: the deployment's setting. */
  readonly invitationDays?: number | undefined;
  /** Minimum length of new passwords, 8 to 64. Default: the deployment's setting, if higher. */
  readonly passwordMinLength?: number | undefined;
  readonly branding?: Branding | undefined;
  /** Page on which users accept invitations. Default: `<origin>/accept`. */
  readonly acceptUrl?: string | undefined;
  /** Page on which users reset their passwords. Default: `<origin>/reset`. */
  readonly resetUrl?: string | undefined;
  /** Page on which account holders confirm a credential. Default: `<origin>/confirm`. */
  readonly confirmUrl?: string | undefined;
  /** Page on which users verify their emails. Default: `<origin>/verify`. */
  readonly verifyUrl?: string | undefined;
  /** From address of mails, verified by SES. Default: the deployment's sender. */
  readonly sender?: string | undefined;
}

/** A tenant with the data that every decision in it needs. */
export interface TenantWithRoles extends Tenant {
  /** Roles by slug, including built-in ones. */
  readonly roles: ReadonlyMap<Slug, Role>;
  /** Permissions that the deployment declares. */
  readonly declaredPermissions: readonly Permission[];
  /** Groups that have roles or are members of other groups. */
  readonly groups: GroupsById;
  /** Large changes of members. Readers of memberships overlay those that are not finished. */
  readonly memberJobs: readonly MemberJob[];
  /** Slugs of deleted roles, which are never reused. */
  readonly deletedRoles: ReadonlySet<Slug>;
  /** End of the current mail hold, after the tenant reached its limit of mails. */
  readonly mailHoldUntil?: Timestamp | undefined;
}
