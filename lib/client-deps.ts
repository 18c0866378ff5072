import * as z from 'zod';
import { kmsPublicKeys } from './aws/public-keys.ts';
import { kmsSigningKey } from './aws/signing-keys.ts';
import type { Replacements } from './deps.ts';
import { ownIssuerSchema, requestLimits, signingKeysSchema, tablesOf, tablesSchema } from './environment.ts';
import { appClientStore } from './store/app-clients.ts';
import { tenantStore } from './store/tenants.ts';

const environmentSchema = tablesSchema.extend({
  SIGNING_KEYS: signingKeysSchema,
  OWN_ISSUER: ownIssuerSchema,
  ID_PREFIX: z.enum(['cradl', 'las']).default('cradl'),
});

export type ClientDeps = ReturnType<typeof createClientDeps>;

/** The dependencies of what gives tokens to programs, and keys to who verifies them. It decides nothing else, and so has no policies. */
export function createClientDeps({ now = () => new Date() }: Pick<Replacements, 'now'> = {}) {
  const { SIGNING_KEYS, OWN_ISSUER, ID_PREFIX, ...names } = environmentSchema.parse(process.env);
  const { current, next, previous } = SIGNING_KEYS;
  const tables = tablesOf(names);
  const milliseconds = () => now().getTime();
  const config = { requestHandler: requestLimits };
  return {
    now,
    idPrefix: ID_PREFIX,
    ownIssuer: OWN_ISSUER,
    signingKey: kmsSigningKey(current, config),
    publicKeys: kmsPublicKeys(
      [current, next, previous].filter((arn) => arn !== undefined),
      config,
    ),
    tenants: tenantStore(tables, milliseconds),
    appClients: appClientStore(tables, milliseconds),
  };
}
