/**
 * Ids are UUIDv4, made here and never reused. On the wire a user is `cradl:user:<32 hex>`, in JITSudo the UUID with the
 * same bits. Older Cradl clients write `las:` for `cradl:`; both are read, and a deployment chooses which is written.
 */
export type IdPrefix = 'cradl' | 'las';
export type IdKind = 'user' | 'profile' | 'role' | 'app-client' | 'invitation' | 'organization';

/** Cradl's published patterns (POST /users), and ours for what Cradl has not. A user id that fits but was not made here is simply not found. */
export const idPatterns = {
  user: /^(cradl|las):user:[0-9A-Za-z\-_]+$/,
  profile: /^(cradl|las):profile:[a-f0-9]{32}$/,
  role: /^(cradl|las):role:[0-9A-Za-z\-_]{1,32}$/,
  'app-client': /^(cradl|las):app-client:[a-z0-9\-_]+$/,
  invitation: /^(cradl|las):invitation:[a-f0-9]{32}$/,
  organization: /^(cradl|las):organization:[a-z0-9\-_]+$/,
} as const satisfies Record<IdKind, RegExp>;

export const uuidPattern = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

/** `('cradl', 'role', 'admin')` → `cradl:role:admin`. A UUID loses its hyphens first: `formatId('cradl', 'user', toHex(uuid))`. */
export const formatId = (prefix: IdPrefix, kind: IdKind, name: string): string =>
  `${prefix}:${kind}:${name}`;

/** The part after the kind: `cradl:role:admin` → `admin`. The id must fit its pattern. */
export const getIdName = (id: string): string => id.slice(id.indexOf(':', id.indexOf(':') + 1) + 1);

/** 32 hex digits → the UUID with the same bits. */
export const toUuid = (hex: string): string =>
  hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');

export const toHex = (uuid: string): string => uuid.replaceAll('-', '');

/** The UUID with the bits of a `cradl:user:` id; undefined for what is none of ours. */
export function parseUserId(id: string): string | undefined {
  const hex = /^(?:cradl|las):user:([0-9a-f]{32})$/.exec(id)?.[1];
  return hex && toUuid(hex);
}

/** The same of a `cradl:organization:` id, which is what Cradl calls a tenant. */
export function parseOrganizationId(id: string): string | undefined {
  const hex = /^(?:cradl|las):organization:([0-9a-f]{32})$/.exec(id)?.[1];
  return hex && toUuid(hex);
}
