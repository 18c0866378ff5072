import { changeEntity } from '../access/change-entity.ts';
import type { RequestContext } from '../access/request-context.ts';
import { Failure } from '../kernel/failure.ts';
import type { Uuid } from '../kernel/ids.ts';
import { checkRecord, type LookUpTxt, type RecordState } from './dns-record.ts';
import { type Domain, getRecordName, getRecordValue } from './domain.ts';
import {
  type DomainDependencies,
  domainFields,
  getTenantDomain,
  writeDomain,
} from './manage-domains.ts';

/**
 * Verifies a domain by its DNS record, and claims the name in the deployment. Returns a verified
 * domain unchanged. Throws `forbidden`, `not_found`, `domain_unverified` without the record, or
 * `domain_taken` if another tenant has verified the name.
 */
export async function verifyDomain(
  domainId: Uuid | undefined,
  context: RequestContext,
  deps: DomainDependencies & { readonly lookUpTxt: LookUpTxt },
): Promise<Domain> {
  deps.policy.authorize(context, 'updateTenant', domainFields);
  const domain = await getTenantDomain(domainId, context, deps);
  if (domain.verifiedAt !== undefined) return domain;
  const state = await checkRecord(domain, deps.lookUpTxt);
  if (state !== 'found') throw domainUnverified(domain, state);
  return changeEntity(
    {
      action: 'verify',
      read: () => getTenantDomain(domainId, context, deps),
      change: ({ verifiedAt = deps.now().toISOString() }) => ({ verifiedAt }),
      write: (change) => writeDomain(change, deps),
    },
    context,
    deps.now,
  );
}

const messages: Readonly<Record<Exclude<RecordState, 'found'>, string>> = {
  record_missing: 'The DNS has no TXT record at this name. Create it and try again.',
  value_mismatch: 'The TXT record has another value. Correct it and try again.',
  lookup_failed: 'The DNS did not answer. Try again later.',
};

function domainUnverified(domain: Domain, reason: Exclude<RecordState, 'found'>): Failure {
  const record = { dnsRecord: getRecordName(domain), dnsValue: getRecordValue(domain) };
  return new Failure('domain_unverified', messages[reason], { details: { reason, ...record } });
}
