import { createTxtLookup } from '../../aws/dns.ts';
import { dnsResolversSchema } from '../settings.ts';
import { createDomainClaimStore, createDomainStore } from '../../store/domain-store.ts';
import { createTenantStore } from '../../store/tenants/tenant-store.ts';
import { createTables, type Environment, parseEnvironment, tablesSchema } from '../environment.ts';
import type { TestOverrides } from '../http-deps.ts';

const environmentSchema = tablesSchema.extend({ DNS_RESOLVERS: dnsResolversSchema });

/** Dependencies of the function that checks verified domains. It needs no tokens and policies. */
export function createDomainCheckDeps(
  env: Environment,
  { now = () => new Date(), lookUpTxt }: Pick<TestOverrides, 'now' | 'lookUpTxt'> = {},
) {
  const { DNS_RESOLVERS, ...names } = parseEnvironment(environmentSchema, env);
  const tables = createTables(names, env);
  const nowMs = () => now().getTime();
  return {
    now,
    tenants: createTenantStore(tables, nowMs, []),
    domains: createDomainStore(tables, nowMs),
    domainClaims: createDomainClaimStore(tables),
    lookUpTxt: lookUpTxt ?? createTxtLookup(DNS_RESOLVERS),
  };
}
