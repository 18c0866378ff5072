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
import type { TenantStore } from '../tenants/tenant-store.ts';
import { findUsableTenant } from '../tenants/usable-tenant.ts';

/** `local` is a password of Roster, `oidc` a token of another issuer. */
export const signInMethods = ['local', 'oidc'] as const;

export interface TenantSignIn {
  readonly tenantId: Uuid;
  readonly methods: readonly (typeof signInMethods)[number][];
}

/** Slug or verified domain. */
export type TenantName = { readonly slug: Slug } | { readonly domain: DomainName };

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
 * Gets the tenant with a slug or verified domain, and its sign-in methods. Throws
 * `too_many_requests`, and the same `not_found` for an unknown name, an unverified domain and a
 * suspended tenant.
 */
export async function getTenantSignIn(
  name: TenantName,
  ipAddress: string,
  deps: TenantLookupDependencies,
): Promise<TenantSignIn> {
  const tenantId = await countUnknown(ipAddress, deps, () => findActiveTenantId(name, deps));
  if (tenantId === undefined)
    throw new Failure('not_found', 'No tenant has this slug or verified domain');
  const hasIssuer = deps.issuers.some(
    ({ tenants }) => tenants === '*' || tenants.includes(tenantId),
  );
  return { tenantId, methods: signInMethods.filter((method) => method === 'local' || hasIssuer) };
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
  return countUnknown(ipAddress, deps, async () => domain && findActiveTenantId({ domain }, deps));
}

async function findActiveTenantId(
  name: TenantName,
  { tenants, domainClaims }: TenantLookupDependencies,
): Promise<Uuid | undefined> {
  const tenantId =
    'slug' in name
      ? await tenants.findIdBySlug(name.slug)
      : (await domainClaims.find(name.domain))?.tenantId;
  const tenant = tenantId && (await findUsableTenant(tenantId, { roles: [], groups: [] }, tenants));
  return tenant && tenant.status === 'active' ? tenantId : undefined;
}

/** Counts a look-up against its network until it finds a tenant. Throws `too_many_requests`. */
async function countUnknown(
  ipAddress: string,
  { attempts, keyring, now }: TenantLookupDependencies,
  find: () => Promise<Uuid | undefined>,
): Promise<Uuid | undefined> {
  const counter = await buildLookupCounter(ipAddress, keyring);
  await countAttempt([counter], attempts, now());
  const tenantId = await find();
  if (tenantId !== undefined) await attempts.refund(counter, now());
  return tenantId;
}
