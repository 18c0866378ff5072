import { randomInt } from 'node:crypto';
import type { Slug } from '../kernel/ids.ts';

/** Host name label (RFC 1035 §2.3.1). */
export const tenantSlugPattern = /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/;

/** Labels that the deployment may use, or that users could mistake for it. */
const reservedSlugs: readonly Slug[] = [
  'accept',
  'account',
  'accounts',
  'admin',
  'api',
  'app',
  'auth',
  'cdn',
  'cradl',
  'credible',
  'docs',
  'help',
  'id',
  'jitsudo',
  'localhost',
  'login',
  'mail',
  'native',
  'oauth',
  'oauth2',
  'root',
  'roster',
  'scim',
  'security',
  'sso',
  'static',
  'status',
  'support',
  'system',
  'token',
  'www',
];

/**
 * True if no tenant can use the slug. `xn--` starts A-labels (RFC 5890 §2.3.2.1), which browsers
 * show as other names.
 */
export const isReservedSlug = (slug: Slug): boolean =>
  reservedSlugs.includes(slug) || slug.startsWith('xn--');

const maxSlugLength = 63;
const suffixLength = 4;

/**
 * Generates a slug from the letters and digits of a name. The random suffix distinguishes tenants
 * of the same name.
 */
export function generateSlug(name = ''): Slug {
  const words = name
    .normalize('NFKD')
    .replaceAll(/\p{Mark}/gu, '')
    .toLowerCase()
    .split(/[^a-z0-9]+/)
    .filter((word) => word !== '')
    .join('-')
    .slice(0, maxSlugLength - suffixLength - 1)
    .replace(/-$/, '');
  const suffix = Array.from({ length: suffixLength }, () => randomInt(36).toString(36)).join('');
  return `${words || 'tenant'}-${suffix}`;
}
