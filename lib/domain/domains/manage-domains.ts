import { randomBytes, randomUUID } from 'node:crypto';
import {
  buildAuditEntry,
  buildChangeRecord,
  buildInitialVersion,
  buildNextVersion,
  retryStaleWrite,
} from '../access/change-entity.ts';
import type { Policy } from '../access/policy.ts';
import type { RequestContext } from '../access/request-context.ts';
import type { DomainName } from '../kernel/canonical.ts';
import { type ChangeRecord, collectPreviousValues } from '../kernel/change-record.ts';
import { Failure } from '../kernel/failure.ts';
import type { Uuid } from '../kernel/ids.ts';
import type { DomainChange, DomainStore } from './domain-store.ts';
import { type Domain, maxDomains } from './domain.ts';

export interface DomainDependencies {
  readonly policy: Policy;
  readonly domains: DomainStore;
  readonly now: () => Date;
}

/** Policy context of every change of a domain, which is a change of its tenant. */
export const domainFields = { fields: ['domains'], owner: false } as const;

/**
 * Adds an unverified domain to the tenant. Throws `forbidden`, `domain_rejected` for a public
 * suffix or an email provider, `domain_exists` or `domain_limit_reached`.
 */
export async function createDomain(
  name: DomainName,
  context: RequestContext,
  deps: DomainDependencies,
): Promise<Domain> {
  deps.policy.authorize(context, 'updateTenant', domainFields);
  const { findPublicUse } = await import('./public-domain.ts');
  const publicUse = findPublicUse(name);
  if (publicUse !== undefined) throw domainRejected(publicUse);
  const domain: Domain = {
    tenantId: context.tenant.tenantId,
    domainId: randomUUID(),
    name,
    token: randomBytes(16).toString('hex'),
    ...buildInitialVersion(context, deps.now()),
  };
  const outcome = await deps.domains.write({
    before: undefined,
    after: domain,
    record: buildChangeRecord({ action: 'create', after: domain }, context),
    deadline: context.deadline,
  });
  if (outcome === 'full') throw domainLimitReached();
  if (outcome !== 'written') throw domainExists();
  return domain;
}

interface DomainPage {
  readonly domains: readonly Domain[];
  /** Name after which the next page starts. Undefined on the last page. */
  readonly next: DomainName | undefined;
}

/** Lists the domains of the tenant in the order of their names. Throws `forbidden`. */
export async function listDomains(
  { limit, after }: { limit: number; after: DomainName | undefined },
  context: RequestContext,
  deps: DomainDependencies,
): Promise<DomainPage> {
  deps.policy.authorize(context, 'readTenant', {});
  const remaining = (await deps.domains.list(context.tenant.tenantId)).filter(
    ({ name }) => after === undefined || name > after,
  );
  const domains = remaining.slice(0, limit);
  return { domains, next: remaining.length > limit ? domains.at(-1)?.name : undefined };
}

/** Gets a domain, strongly consistent. Throws `forbidden` or `not_found`. */
export function getDomain(
  domainId: Uuid | undefined,
  context: RequestContext,
  deps: DomainDependencies,
): Promise<Domain> {
  deps.policy.authorize(context, 'readTenant', {});
  return getTenantDomain(domainId, context, deps);
}

/** Gets a domain of the tenant. Throws `not_found`. */
export async function getTenantDomain(
  domainId: Uuid | undefined,
  { tenant }: RequestContext,
  { domains }: Pick<DomainDependencies, 'domains'>,
): Promise<Domain> {
  // Reads all, because they are few and their keys contain the name.
  const domain = (await domains.list(tenant.tenantId)).find((each) => each.domainId === domainId);
  if (!domain) throw new Failure('not_found', 'The domain does not exist in this tenant');
  return domain;
}

/** Deletes a domain and releases its name for other tenants. Throws `forbidden` or `not_found`. */
export async function deleteDomain(
  domainId: Uuid | undefined,
  context: RequestContext,
  deps: DomainDependencies,
): Promise<void> {
  deps.policy.authorize(context, 'updateTenant', domainFields);
  const build = async (before: Domain): Promise<DomainChange> => {
    const after = { ...before, ...buildNextVersion(before, context, deps.now()) };
    const record: ChangeRecord = {
      version: after.version,
      action: 'delete',
      ...buildAuditEntry(context, after.updatedAt),
      ...collectPreviousValues({ before, after: {}, fields: ['name', 'verifiedAt'] }),
    };
    return { before, after, record, deadline: context.deadline, isDeletion: true };
  };
  await retryStaleWrite(
    {
      read: () => getTenantDomain(domainId, context, deps),
      build,
      write: (change) => writeDomain(change, deps),
    },
    context,
    deps.now,
  );
}

/** Writes a change of an existing domain. Throws `domain_taken`. */
export async function writeDomain(
  change: DomainChange,
  { domains }: Pick<DomainDependencies, 'domains'>,
): Promise<'written' | 'stale'> {
  const outcome = await domains.write(change);
  if (outcome === 'taken') throw domainTaken();
  return outcome === 'written' ? 'written' : 'stale';
}

const domainExists = (): Failure =>
  new Failure('domain_exists', 'The tenant already has this domain', {
    details: { field: 'domain' },
  });

const domainLimitReached = (): Failure =>
  new Failure('domain_limit_reached', `A tenant can have at most ${maxDomains} domains`);

const domainTaken = (): Failure =>
  new Failure('domain_taken', 'Another tenant has verified this domain', {
    details: { field: 'domain' },
  });

function domainRejected(reason: 'public_suffix' | 'email_provider'): Failure {
  const message =
    reason === 'public_suffix'
      ? 'must not be a public suffix, below which anyone can register names'
      : 'must not be a domain of an email provider';
  return new Failure('domain_rejected', `domain ${message}`, {
    details: { field: 'domain', reason, issues: [{ path: 'domain', message }] },
  });
}
