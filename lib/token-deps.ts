import { kmsSigningKey } from './aws/signing-keys.ts';
import { createDeps, type Replacements } from './deps.ts';
import { requestLimits, signingKeysSchema } from './environment.ts';

export type TokenDeps = ReturnType<typeof createTokenDeps>;

/** The dependencies of what gives out access tokens of Roster's own. */
export function createTokenDeps(replacements: Replacements = {}) {
  const { current } = signingKeysSchema.parse(process.env['SIGNING_KEYS']);
  return { ...createDeps(replacements), signingKey: kmsSigningKey(current, { requestHandler: requestLimits }) };
}
