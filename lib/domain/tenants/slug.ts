/** A label of a host name (RFC 1035 §2.3.1): 1 to 63 lower-case letters, digits and inner hyphens. */
export const slugPattern = /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/;

/** Labels that a deployment may want for itself, or that people would take for it. */
const reservedSlugs: readonly string[] = [
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

/** Whether no tenant can have it. `xn--` begins names that are shown as others (RFC 5890 §2.3.2.1). */
export const isReservedSlug = (slug: string): boolean =>
  reservedSlugs.includes(slug) || slug.startsWith('xn--');
