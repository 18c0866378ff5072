import type { ChangeRecord } from '../kernel/change-record.ts';
import type { TenantStore } from '../tenants/tenant-store.ts';
import type { DurationMs, EpochMs } from '../kernel/time.ts';
import { checkRecord, type LookUpTxt, type RecordState } from './dns-record.ts';
import type { DomainClaimStore, DomainStore } from './domain-store.ts';
import { checkIntervalMs, type Domain, type DomainClaim } from './domain.ts';

/** Time from a failed check to the next. */
const retryIntervalMs: DurationMs = 24 * 3600 * 1000;
/** A daily run can start earlier than 24 h after a check of the last run. */
const runToleranceMs: DurationMs = 3600 * 1000;
/** Failed checks in a row after which a domain is no longer verified. */
const maxFailures = 3;
const concurrency = 10;
const writeTimeoutMs: DurationMs = 5000;

/** Result of a check. `lost` is the last of several failed checks. */
type CheckOutcome = RecordState | 'lost';

export interface CheckDependencies {
  readonly tenants: Pick<TenantStore, 'getStatus'>;
  readonly domains: DomainStore;
  readonly domainClaims: DomainClaimStore;
  readonly lookUpTxt: LookUpTxt;
  readonly now: () => Date;
  readonly onChecked: (claim: DomainClaim, outcome: CheckOutcome) => void;
}

/**
 * Checks the DNS records of verified domains that are due. Starts no check after the deadline. A
 * check without an answer counts neither as failed nor as passed, and runs again next time. Throws
 * the first error of a check after all checks have ended.
 */
export async function checkDomains(deadline: EpochMs, deps: CheckDependencies): Promise<void> {
  const inFlight = new Set<Promise<void>>();
  const errors: unknown[] = [];
  const dueUntil = new Date(deps.now().getTime() + runToleranceMs).toISOString();
  for await (const claim of deps.domainClaims.listDue(dueUntil)) {
    if (deps.now().getTime() >= deadline) break;
    const check = checkClaim(claim, deps)
      .catch((error: unknown) => void errors.push(error))
      .finally(() => inFlight.delete(check));
    inFlight.add(check);
    if (inFlight.size >= concurrency) await Promise.race(inFlight);
  }
  await Promise.all(inFlight);
  if (errors.length > 0) throw errors[0];
}

async function checkClaim(
  claim: DomainClaim,
  { tenants, domains, domainClaims, lookUpTxt, now, onChecked }: CheckDependencies,
): Promise<void> {
  // A deleted tenant keeps its domains while it can be restored.
  if ((await tenants.getStatus(claim.tenantId)) === 'deleted') return;
  const domain = await domains.get(claim.tenantId, claim.name);
  // The domain was deleted after the list was read.
  if (domain?.domainId !== claim.domainId || domain.verifiedAt === undefined) return;
  const state = await checkRecord(domain, lookUpTxt);
  if (state === 'lookup_failed') return onChecked(claim, state);
  const failures = state === 'found' ? 0 : claim.failures + 1;
  if (failures >= maxFailures) {
    const deadline = now().getTime() + writeTimeoutMs;
    const outcome = await domains.write({ ...buildLoss(domain, now()), deadline });
    return outcome === 'written' ? onChecked(claim, 'lost') : undefined;
  }
  const intervalMs = failures === 0 ? checkIntervalMs : retryIntervalMs;
  const checkAt = new Date(now().getTime() + intervalMs).toISOString();
  await domainClaims.saveCheck(claim, { checkAt, failures });
  onChecked(claim, state);
}

/** Stands for the caller in the change record. */
const checker = 'domain-check';

function buildLoss(before: Domain, now: Date) {
  const at = now.toISOString();
  const version = before.version + 1;
  const after: Domain = {
    ...before,
    verifiedAt: undefined,
    version,
    updatedAt: at,
    updatedBy: checker,
  };
  const record: ChangeRecord = {
    version,
    action: 'lose',
    at,
    actor: { type: 'system', id: checker },
    by: checker,
    issuer: checker,
    requestId: checker,
    policies: [],
    before: { verifiedAt: before.verifiedAt ?? null },
  };
  return { before, after, record };
}
