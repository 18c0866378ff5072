import { Key, KeySpec, KeyUsage } from 'aws-cdk-lib/aws-kms';
import type { Construct } from 'constructs';
import type { SigningKeyArns } from '../../lib/deps/environment.ts';
import { type Config, removalPolicy } from '../config.ts';
import { keyAdministration } from './key-policy.ts';

/** The keys of Roster's own access tokens, which never leave KMS. `current` signs; all of them are in the published key set. */
export type SigningKeys = Readonly<Partial<Record<keyof SigningKeyArns, Key>>> & {
  readonly current: Key;
};

/**
 * A key for each id in `signingKeys`. KMS rotates none of this kind by itself. To replace one:
 *
 * 1. Name a new id as `next` and deploy: whoever verifies tokens learns of the key before anything is signed with it. Give
 *    them the hour for which they may keep the key set.
 * 2. Make it `current`, the one before it `previous`, and deploy: tokens that are there stay good.
 * 3. After an hour, which no token outlives, take `previous` out and deploy.
 *
 * A key that somebody may have used is taken out at once, and with it all tokens that it signed. What is taken out is kept,
 * and paid for, until somebody deletes it, unless the removal policy is `destroy`.
 */
export const addSigningKeys = (scope: Construct, config: Config): SigningKeys => {
  const { current, next, previous } = config.signingKeys;
  const add = (id: string): Key =>
    new Key(scope, `SigningKey${id}`, {
      description: `Roster: signs its own access tokens (${id})`,
      keySpec: KeySpec.ECC_NIST_P256,
      keyUsage: KeyUsage.SIGN_VERIFY,
      policy: keyAdministration(),
      removalPolicy: removalPolicy(config),
    });
  return {
    current: add(current),
    ...(next !== undefined && { next: add(next) }),
    ...(previous !== undefined && { previous: add(previous) }),
  };
};
