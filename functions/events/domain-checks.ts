import { createDomainCheckDeps } from '../../lib/deps/events/domain-check-deps.ts';
import { createDomainChecks } from '../../lib/events/domain-checks.ts';

/** Checks the DNS records of verified domains. */
export const handler = createDomainChecks(createDomainCheckDeps(process.env));
