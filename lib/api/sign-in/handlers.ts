import type { IdPrefix } from '../../domain/kernel/ids.ts';
import { type SignInDependencies, signIn } from '../../domain/sign-in/sign-in.ts';
import {
  findTenantIdByEmail,
  getTenantSignIn,
  type TenantLookupDependencies,
} from '../../domain/sign-in/sign-in-methods.ts';
import { readTenantHint, resolveRequestTenant } from '../auth/tenant-hint.ts';
import { getSourceIp, type Operations } from '../http/request.ts';
import { parse } from '../parse.ts';
import { readQuery } from '../http/query.ts';
import { signInCodecs } from './codecs.ts';
import { signInMethodsCodecs, signInMethodsQuery, toTenantName } from './methods-codec.ts';

type Dependencies = SignInDependencies &
  TenantLookupDependencies & {
    readonly tenantHostSuffix: string | undefined;
    readonly idPrefix: IdPrefix;
  };

export const signInHandlers = (deps: Dependencies) =>
  ({
    signIn: async (request) => {
      const { signInInput, tenantField, toResponse } = signInCodecs[request.dialect];
      const { tenant: value, ...credentials } = parse(signInInput(), request.body);
      const { account } = credentials;
      const ipAddress = getSourceIp(request);
      const findDefaultId = async () =>
        'email' in account ? findTenantIdByEmail(account.email, ipAddress, deps) : undefined;
      const bodyTenant = { field: tenantField, value, findDefaultId };
      const tenant = await resolveRequestTenant(request.event, bodyTenant, deps);
      const { event } = request;
      const client = {
        ipAddress,
        userAgent: event.headers['user-agent'],
        requestId: event.requestContext.requestId,
      };
      const result = await signIn({ ...credentials, tenant, client }, deps);
      return toResponse(result, { idPrefix: deps.idPrefix });
    },

    getSignInMethods: async (request) => {
      const schema = signInMethodsQuery();
      const query = readQuery(request.event, { names: Object.keys(schema.shape) });
      const name = toTenantName(parse(schema, query, 'parameter'), () =>
        readTenantHint(request.event, deps),
      );
      const signIn = await getTenantSignIn(name, getSourceIp(request), deps);
      return signInMethodsCodecs[request.dialect].toResponse(signIn);
    },
  }) satisfies Operations<undefined>;
