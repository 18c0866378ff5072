/** UUID in lower case. */
export type Uuid = string;

/** URL-safe name of a tenant or role: lower-case letters, digits, hyphens. Roles also allow `_`. */
export type Slug = string;

/** Prefix of IDs on the wire, up to 32 characters. The configuration selects the written ones. */
export type IdPrefix = string;
export type IdKind =
  | 'user'
  | 'profile'
  | 'role'
  | 'app-client'
  | 'invitation'
  | 'organization'
  | 'domain'
  | 'group'
  | 'webhook'
  | 'connection';

/**
 * Prefix of IDs in requests. Every prefix is read, so clients can keep their IDs when a deployment
 * changes its prefix.
 */
const anyPrefix = '[a-z][a-z0-9-]{0,31}';
export const idPrefixPattern = new RegExp(`^${anyPrefix}$`);

/** Patterns that Cradl publishes (POST /users), and matching ones for kinds that Cradl lacks. */
const buildIdPatterns = (prefix: string) =>
  ({
    user: new RegExp(`^${prefix}:user:[0-9A-Za-z_-]+$`),
    profile: new RegExp(`^${prefix}:profile:[a-f0-9]{32}$`),
    role: new RegExp(`^${prefix}:role:[0-9A-Za-z_-]{1,32}$`),
    'app-client': new RegExp(`^${prefix}:app-client:[a-z0-9_-]+$`),
    invitation: new RegExp(`^${prefix}:invitation:[a-f0-9]{32}$`),
    organization: new RegExp(`^${prefix}:organization:[a-z0-9_-]+$`),
    domain: new RegExp(`^${prefix}:domain:[a-f0-9]{32}$`),
    group: new RegExp(`^${prefix}:group:[a-f0-9]{32}$`),
    webhook: new RegExp(`^${prefix}:webhook:[a-f0-9]{32}$`),
    connection: new RegExp(`^${prefix}:connection:[a-f0-9]{32}$`),
  }) as const satisfies Record<IdKind, RegExp>;

// Pure calls, so bundles omit the patterns and parsers that they do not use.

/** IDs with any prefix. */
export const idPatterns = /* @__PURE__ */ buildIdPatterns(anyPrefix);

/** Prefixes of Cradl's IDs. Older clients of Cradl expect `las`. */
export const cradlIdPrefixes = ['cradl', 'las'] as const;
export type CradlIdPrefix = (typeof cradlIdPrefixes)[number];

/** IDs in responses of Cradl's API. */
export const cradlIdPatterns = /* @__PURE__ */ buildIdPatterns('(cradl|las)');

export const uuidPattern = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

/** `('cradl', 'role', 'admin')` → `cradl:role:admin`. Pass a UUID as `toHex(uuid)`. */
export const formatId = (prefix: IdPrefix, kind: IdKind, name: string): string =>
  `${prefix}:${kind}:${name}`;

/** `cradl:role:admin` → `admin`. The ID must match its pattern. */
export const getIdName = (id: string): string => id.slice(id.indexOf(':', id.indexOf(':') + 1) + 1);

/** Formats 32 hexadecimal digits as a UUID. */
export const toUuid = (hex: string): Uuid =>
  hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');

export const toHex = (uuid: Uuid): string => uuid.replaceAll('-', '');

/** Creates the function that parses the UUID of an ID. It returns undefined for other IDs. */
function createUuidParser(kind: IdKind): (id: string) => Uuid | undefined {
  const pattern = new RegExp(`^${anyPrefix}:${kind}:([0-9a-f]{32})$`);
  return (id) => {
    const hex = pattern.exec(id)?.[1];
    return hex && toUuid(hex);
  };
}

export const parseUserId = /* @__PURE__ */ createUuidParser('user');
export const parseGroupId = /* @__PURE__ */ createUuidParser('group');
export const parseDomainId = /* @__PURE__ */ createUuidParser('domain');
export const parseWebhookId = /* @__PURE__ */ createUuidParser('webhook');
export const parseConnectionId = /* @__PURE__ */ createUuidParser('connection');
export const parseProfileId = /* @__PURE__ */ createUuidParser('profile');
/** Parses the ID of a tenant, which Cradl calls an organization. */
export const parseOrganizationId = /* @__PURE__ */ createUuidParser('organization');

/** The random bits of a UUIDv4 (RFC 9562 §5.4): all but version and variant. */
const randomBits = 0xffffffffffff0fff3fffffffffffffffn;

/**
 * Maps the ID of a user to the ID of their profile, and back, by inverting the random bits. A
 * profile therefore needs no index. Users of earlier versions have random profile IDs.
 */
export const mirrorUuid = (uuid: Uuid): Uuid =>
  toUuid((BigInt(`0x${toHex(uuid)}`) ^ randomBits).toString(16).padStart(32, '0'));
