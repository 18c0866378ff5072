import type { IdPrefix } from '../../domain/kernel/ids.ts';
import { type SignInDependencies, signIn } from '../../domain/sign-in/sign-in.ts';
import type { TenantStore } from '../../domain/tenants/tenant-store.ts';
import { resolveRequestTenant } from '../auth/tenant-hint.ts';
import { getSourceIp, type Operations } from '../http/request.ts';
import { parse } from '../parse.ts';
import { signInCodecs } from './codecs.ts';

type Dependencies = SignInDependencies & {
  readonly tenants: TenantStore;
  readonly tenantHostSuffix: string | undefined;
  readonly idPrefix: IdPrefix;
};

export const signInHandlers = (deps: Dependencies) =>
  ({
    signIn: async (request) => {
      const { signInInput, tenantField, toResponse } = signInCodecs[request.dialect];
      const { tenant: value, ...credentials } = parse(signInInput(), request.body);
      const bodyTenant = { field: tenantField, value };
      const tenant = await resolveRequestTenant(request.event, bodyTenant, deps);
      const ipAddress = getSourceIp(request);
      const result = await signIn({ ...credentials, tenant, ipAddress }, deps);
      return toResponse(result, { idPrefix: deps.idPrefix });
    },
  }) satisfies Operations<undefined>;
