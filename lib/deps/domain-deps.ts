import * as z from 'zod';
import { dnsResolversSchema } from './settings.ts';
import { createTxtLookup } from '../aws/dns.ts';
import { createDomainStore } from '../store/domain-store.ts';
import { type Environment, parseEnvironment } from './environment.ts';
import { createHttpParts, type TestOverrides } from './http-deps.ts';

const environmentSchema = z.object({ DNS_RESOLVERS: dnsResolversSchema });

export type DomainDeps = ReturnType<typeof createDomainDeps>;

/** Dependencies of the authenticated HTTP function that changes domains. */
export function createDomainDeps(env: Environment, overrides: TestOverrides = {}) {
  const { DNS_RESOLVERS } = parseEnvironment(environmentSchema, env);
  const { deps, tables, nowMs } = createHttpParts(env, overrides);
  return {
    ...deps,
    domains: createDomainStore(tables, nowMs),
    lookUpTxt: overrides.lookUpTxt ?? createTxtLookup(DNS_RESOLVERS),
  };
}
