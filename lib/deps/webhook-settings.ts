import * as z from 'zod';
import {
  type Environment,
  ownIssuerSchema,
  parseEnvironment,
  tenantHostSuffixSchema,
} from './environment.ts';
import { macKeysSchema } from './settings.ts';

const environmentSchema = z
  .object({
    OWN_ISSUER: ownIssuerSchema,
    /** URL that API Gateway assigned, which works beside a domain. Undefined if it is closed. */
    API_ENDPOINT: z.url().optional(),
    TENANT_HOST_SUFFIX: tenantHostSuffixSchema,
    WEBHOOK_KEYS: macKeysSchema,
    /** Allows endpoints on this machine. The runtime of Lambda sets the other variable. */
    ALLOW_LOCAL_WEBHOOKS: z.literal('true').optional(),
    AWS_LAMBDA_RUNTIME_API: z.string().optional(),
  })
  .refine(
    ({ ALLOW_LOCAL_WEBHOOKS, AWS_LAMBDA_RUNTIME_API }) =>
      ALLOW_LOCAL_WEBHOOKS === undefined || AWS_LAMBDA_RUNTIME_API === undefined,
    'ALLOW_LOCAL_WEBHOOKS is only for the local server',
  );

/** Reads the settings that the API and the delivery of webhooks share. */
export function readWebhookSettings(env: Environment) {
  const environment = parseEnvironment(environmentSchema, env);
  const { OWN_ISSUER, API_ENDPOINT, TENANT_HOST_SUFFIX, WEBHOOK_KEYS, ALLOW_LOCAL_WEBHOOKS } =
    environment;
  const apiUrl = OWN_ISSUER.issuer;
  return {
    apiUrl,
    keys: WEBHOOK_KEYS,
    hostRules: {
      /** Webhooks must not call the API. */
      ownHosts: [
        new URL(apiUrl).hostname,
        ...(API_ENDPOINT === undefined ? [] : [new URL(API_ENDPOINT).hostname]),
        ...(TENANT_HOST_SUFFIX === undefined ? [] : [TENANT_HOST_SUFFIX]),
      ],
      allowsLocalHosts: ALLOW_LOCAL_WEBHOOKS !== undefined,
    },
  };
}
