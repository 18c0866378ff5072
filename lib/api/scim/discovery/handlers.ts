import type { Policy } from '../../../domain/access/policy.ts';
import type { RequestContext } from '../../../domain/access/request-context.ts';
import type { Operations } from '../../http/request.ts';
import { buildServiceProviderConfig } from './service-provider-config.ts';

interface Dependencies {
  readonly policy: Policy;
  /** The issuer is the public URL of the deployment. */
  readonly ownIssuer: { readonly issuer: string };
}

/** Features, resource types and schemas, for every caller of the tenant (RFC 7644 §4). */
export const discoveryHandlers = ({ policy, ownIssuer: { issuer } }: Dependencies) =>
  ({
    scimGetServiceProviderConfig: async ({ context }) => {
      policy.authorize(context, 'readSession', {});
      const urls = { origin: issuer, baseUrl: `${issuer}/scim/v2` };
      return { body: buildServiceProviderConfig({ ...urls, changePassword: false }) };
    },
  }) satisfies Operations<RequestContext>;
