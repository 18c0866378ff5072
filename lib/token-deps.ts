import * as z from 'zod';
import { kmsSigningKey } from './aws/signing-keys.ts';
import { createDeps, type Replacements } from './deps.ts';
import { ownIssuerSchema, requestLimits, signingKeysSchema } from './environment.ts';

const environmentSchema = z.object({ SIGNING_KEYS: signingKeysSchema, OWN_ISSUER: ownIssuerSchema });

export type TokenDeps = ReturnType<typeof createTokenDeps>;

/** The dependencies of what gives out access tokens of Roster's own. */
export function createTokenDeps(replacements: Replacements = {}) {
  const { SIGNING_KEYS, OWN_ISSUER } = environmentSchema.parse(process.env);
  return {
    ...createDeps(replacements),
    ownIssuer: OWN_ISSUER,
    signingKey: kmsSigningKey(SIGNING_KEYS.current, { requestHandler: requestLimits }),
  };
}
