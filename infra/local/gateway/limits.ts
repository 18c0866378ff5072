import { dialectNames } from '../../../lib/api/path-routes.ts';
import type { DialectName } from '../../../lib/api/routes.ts';
import { isReservedPermission, permissionPattern } from '../../../lib/domain/access/permissions.ts';
import { idPrefixPattern } from '../../../lib/domain/kernel/ids.ts';

interface Limit {
  /** Default. */
  readonly value: string;
  readonly min: number;
  readonly max: number;
  readonly fraction?: boolean;
}

/** Limits that variables of `npm start` set. By default no limit on requests applies. */
export const localLimits: Readonly<Record<string, Limit>> = {
  PASSWORD_MIN_LENGTH: { value: '15', min: 8, max: 64 },
  INVITATION_DAYS: { value: '7', min: 1, max: 30 },
  RESTORE_DAYS: { value: '30', min: 0, max: 3650 },
  AUDIT_DAYS: { value: '400', min: 30, max: 3650 },
  MAILS_PER_TENANT_HOUR: { value: '500', min: 1, max: 100_000 },
  MAILS_PER_RECIPIENT_DAY: { value: '5', min: 1, max: 100 },
  MAILS_PER_SECOND: { value: '80', min: 1, max: 1_000_000 },
  TENANT_REQUESTS_PER_SECOND: { value: '1000000', min: 1, max: 1_000_000 },
  TENANT_UNITS_PER_SECOND: { value: '1000000', min: 1, max: 1_000_000 },
  PRINCIPAL_SHARE: { value: '1', min: 0.01, max: 1, fraction: true },
};

type Environment = Readonly<Record<string, string | undefined>>;

/** Reads the limits. Throws if a variable is not a number in its range. */
export const readLimits = (environment: Environment): Record<string, string> =>
  Object.fromEntries(
    Object.entries(localLimits).map(([name, limit]) => [
      name,
      readLimit(name, environment[name], limit),
    ]),
  );

function readLimit(
  name: string,
  text: string | undefined,
  { value, min, max, fraction = false }: Limit,
): string {
  if (!text) return value;
  const number = Number(text);
  if (number >= min && number <= max && (fraction || Number.isInteger(number))) return text;
  throw new Error(
    `${name} must be a ${fraction ? 'number' : 'whole number'} from ${min} to ${max}.`,
  );
}

/** Reads the audiences of other services. Throws if one is not an absolute URI. */
export function readResourceServers({ RESOURCE_SERVERS }: Environment): string[] {
  const audiences = RESOURCE_SERVERS ? RESOURCE_SERVERS.split(',') : [];
  if (audiences.every((audience) => URL.canParse(audience) && !/[#\s]/.test(audience)))
    return audiences;
  throw new Error(
    'RESOURCE_SERVERS must be absolute URIs without a fragment, separated by commas.',
  );
}

/**
 * Reads the addresses and domains that tenants can send from. Undefined means those of the example
 * configuration. Throws if an entry is neither.
 */
export function readSenders({ MAIL_SENDERS }: Environment): string | undefined {
  if (!MAIL_SENDERS) return undefined;
  if (
    MAIL_SENDERS.split(',').every((sender) => /^([^\s@]+@)?[a-z0-9-]+(\.[a-z0-9-]+)+$/.test(sender))
  )
    return MAIL_SENDERS;
  throw new Error(
    'MAIL_SENDERS must be email addresses and domain names in lower case, separated by commas.',
  );
}

/**
 * Reads the prefix of IDs and the permissions of other services, if they are set. Throws if one is
 * not valid.
 */
export function readNames({ ID_PREFIX, PERMISSIONS }: Environment): Record<string, string> {
  if (ID_PREFIX && !idPrefixPattern.test(ID_PREFIX))
    throw new Error(
      'ID_PREFIX must be 1 to 32 lower-case letters, digits and hyphens, and begin with a letter.',
    );
  const isPermission = (name: string) =>
    permissionPattern.test(name) && !isReservedPermission(name);
  if (PERMISSIONS && !PERMISSIONS.split(',').every(isPermission))
    throw new Error(
      'PERMISSIONS must be names such as invoices:approve, separated by commas, with other resources than those of Roster.',
    );
  return { ...(ID_PREFIX && { ID_PREFIX }), ...(PERMISSIONS && { PERMISSIONS }) };
}

/** Reads the dialects to serve. Throws if one is unknown or `native` is missing. */
export function readDialects({ DIALECTS }: Environment): readonly DialectName[] {
  if (!DIALECTS) return dialectNames;
  const names = DIALECTS.split(',');
  const dialects = dialectNames.filter((name) => names.includes(name));
  if (dialects.includes('native') && dialects.length === names.length) return dialects;
  throw new Error(
    `DIALECTS must be native, or native and some of ${dialectNames.slice(1).join(', ')}, separated by commas.`,
  );
}
