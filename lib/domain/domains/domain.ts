import type { DomainName } from '../kernel/canonical.ts';
import type { Entity } from '../kernel/entity.ts';
import type { Uuid } from '../kernel/ids.ts';
import type { DurationMs, Timestamp } from '../kernel/time.ts';

/** Email domain of a tenant. */
export interface Domain extends Entity {
  readonly tenantId: Uuid;
  readonly domainId: Uuid;
  readonly name: DomainName;
  /** Random text in the DNS record. Not secret, because DNS is public. */
  readonly token: string;
  /** Undefined until the tenant proves control of the domain. */
  readonly verifiedAt?: Timestamp | undefined;
}

/** Verified domain. At most one tenant of the deployment has it. */
export interface DomainClaim {
  readonly name: DomainName;
  readonly tenantId: Uuid;
  readonly domainId: Uuid;
  /** Time of the next check. */
  readonly checkAt: Timestamp;
  /** Failed checks in a row. */
  readonly failures: number;
}

/** Time from one check of a verified domain to the next. */
export const checkIntervalMs: DurationMs = 7 * 24 * 3600 * 1000;

/** Maximum per tenant. */
export const maxDomains = 50;

const recordPrefix = '_roster.';

/** Maximum length of a domain name (RFC 1035 §2.3.4), with room for the prefix of the record. */
export const maxDomainLength = 253 - recordPrefix.length;

/** Name of the TXT record that verifies the domain. */
export const getRecordName = ({ name }: Pick<Domain, 'name'>): string => `${recordPrefix}${name}`;

/** Value of the TXT record. */
export const getRecordValue = ({ token }: Pick<Domain, 'token'>): string =>
  `roster-verification=${token}`;
