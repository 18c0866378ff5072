import { type AttemptStore, buildLookupCounter, countAttempt } from '../credentials/attempts.ts';
import type { DomainClaimStore } from '../domains/domain-store.ts';
import {
  canonicalizeDomain,
  canonicalizeEmail,
  type DomainName,
  getEmailDomain,
} from '../kernel/canonical.ts';
import { Failure } from '../kernel/failure.ts';
import type { Slug, Uuid } from '../kernel/ids.ts';
import type { Keyring } from '../kernel/keyring.ts';
import type { Tenant } from '../tenants/tenant.ts';
import type { TenantStore } from '../tenants/tenant-store.ts';
import { findUsableTenant } from '../tenants/usable-tenant.ts';

/** `local` is a password of Roster, `oidc` a token of another issuer. */
export const signInMethods = ['local', 'oidc'] as const;

export interface TenantSignIn {
  readonly tenant: Tenant;
  readonly methods: readonly (typeof signInMethods)[number][];
}

/** Slug, verified domain or ID. */
export type TenantName =
  | { readonly slug: Slug }
  | { readonly domain: DomainName }
  | { readonly tenantId: Uuid };

export interface TenantLookupDependencies {
  readonly tenants: TenantStore;
  readonly domainClaims: Pick<DomainClaimStore, 'find'>;
  /** Tenants that other issuers can name. */
  readonly issuers: readonly { readonly tenants: '*' | readonly Uuid[] }[];
  readonly attempts: AttemptStore;
  readonly keyring: Keyring;
  readonly now: () => Date;
}

/**
 * Gets the tenant with a slug, verified domain or ID, and its sign-in methods. Throws
 * `too_many_requests`, and the same `not_found` for an unknown name, an unverified domain and a
 * suspended tenant.
 */
export async function getTenantSignIn(
  name: TenantName,
  ipAddress: string,
  deps: TenantLookupDependencies,
): Promise<TenantSignIn> {
  const tenant = await countUnknown(ipAddress, deps, () => findActiveTenant(name, deps));
  if (tenant === undefined)
    throw new Failure('not_found', 'No tenant has this slug or verified domain');
  const hasIssuer = deps.issuers.some(
    ({ tenants }) => tenants === '*' || tenants.includes(tenant.tenantId),
  );
  return { tenant, methods: signInMethods.filter((method) => method === 'local' || hasIssuer) };
}

/**
 * Finds the tenant that has verified the domain of an email. Undefined for a username. Throws
 * `too_many_requests`.
 */
export async function findTenantIdByEmail(
  email: string,
  ipAddress: string,
  deps: TenantLookupDependencies,
): Promise<Uuid | undefined> {
  if (!email.includes('@')) return undefined;
  const domain = canonicalizeDomain(getEmailDomain(canonicalizeEmail(email)));
  const tenant = await countUnknown(ipAddress, deps, async () =>
    domain === undefined ? undefined : findActiveTenant({ domain }, deps),
  );
  return tenant?.tenantId;
}

async function findActiveTenant(
  name: TenantName,
  deps: TenantLookupDependencies,
): Promise<Tenant | undefined> {
  const tenantId = 'tenantId' in name ? name.tenantId : await findTenantId(name, deps);
  if (tenantId === undefined) return undefined;
  const tenant = await findUsableTenant(tenantId, { roles: [], groups: [] }, deps.tenants);
  return tenant?.status === 'active' ? tenant : undefined;
}

const findTenantId = async (
  name: Exclude<TenantName, { readonly tenantId: Uuid }>,
  { tenants, domainClaims }: TenantLookupDependencies,
): Promise<Uuid | undefined> =>
  'slug' in name
    ? tenants.findIdBySlug(name.slug)
    : (await domainClaims.find(name.domain))?.tenantId;

/** Counts a look-up against its network until it finds a tenant. Throws `too_many_requests`. */
async function countUnknown<Found>(
  ipAddress: string,
  { attempts, keyring, now }: TenantLookupDependencies,
  find: () => Promise<Found | undefined>,
): Promise<Found | undefined> {
  const counter = await buildLookupCounter(ipAddress, keyring);
  await countAttempt([counter], attempts, now());
  const found = await find();
  if (found !== undefined) await attempts.refund(counter, now());
  return found;
}
