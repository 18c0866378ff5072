import type { Role } from './roles.ts';

/** A customer of the team that runs this deployment, and the boundary that nothing crosses. */
export interface Tenant {
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
  readonly locale: string;
  readonly ownerUserId?: string | undefined;
  /** For how many days its invitations are good, 1 to 30; the deployment's setting where it is not set. */
  readonly invitationDays?: number | undefined;
  /** The page on which its people accept invitations; `<origin>/accept` where it is not set. */
  readonly acceptUrl?: string | undefined;
  /** Whom its mails come from: an address that SES has verified; the deployment's where it is not set. */
  readonly sender?: string | undefined;
  readonly createdTime: string;
}

/** A tenant with what every decision in it needs: all its roles by slug, the built-in ones included. */
export interface TenantWithRoles extends Tenant {
  readonly roles: ReadonlyMap<string, Role>;
  /** ISO 8601: it has sent so many mails that there are none until then. */
  readonly mailsHeldUntil?: string | undefined;
}

/** Reads may be up to 30 s old: that is the bound within which a suspension or a changed role takes effect. */
export interface TenantStore {
  find(tenantId: string): Promise<TenantWithRoles | undefined>;
  findIdBySlug(slug: string): Promise<string | undefined>;
}
