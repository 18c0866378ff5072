import { domainHandlers } from '../lib/api/domains/handlers.ts';
import { authenticatedApi } from '../lib/api/http/api.ts';
import { createDomainDeps, type DomainDeps } from '../lib/deps/domain-deps.ts';

/** Email domains. Looks up DNS records, and reads no users. */
export const domainsApi = (deps: DomainDeps) => authenticatedApi(domainHandlers(deps), deps);

export const handler = domainsApi(createDomainDeps(process.env));
