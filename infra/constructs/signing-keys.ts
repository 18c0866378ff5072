import { RemovalPolicy } from 'aws-cdk-lib';
import { Key, KeySpec, KeyUsage } from 'aws-cdk-lib/aws-kms';
import type { Construct } from 'constructs';
import type { SigningKeyArns } from '../../lib/deps/environment.ts';
import { type Config, toRemovalPolicy } from '../config.ts';
import { administrationStatement } from './key-policy.ts';

/**
 * KMS keys of Roster's access tokens. `current` signs. The published key set contains all of them.
 */
export type SigningKeys = Readonly<Partial<Record<keyof SigningKeyArns, Key>>> & {
  readonly current: Key;
};

/**
 * Adds a key for each ID in `signingKeys`. KMS does not rotate asymmetric keys. To replace a key:
 *
 * 1. Set a new ID as `next` and deploy. Verifiers learn the key before it signs. Wait 1 hour,
 * because they can cache the key set that long.
 * 2. Make it `current`, make the old key `previous`, and deploy. Existing tokens stay valid.
 * 3. After 1 hour, the lifetime of a token, remove `previous` and deploy.
 *
 * Remove a compromised key at once, which invalidates all tokens that it signed. A removed key is
 * kept, and billed, until an operator deletes it, unless the removal policy is `destroy`.
 */
export const addSigningKeys = (scope: Construct, config: Config): SigningKeys => {
  const { current, next, previous } = config.signingKeys;
  const add = (id: string): Key =>
    new Key(scope, `SigningKey${id}`, {
      description: `Roster: signs access tokens (${id})`,
      keySpec: KeySpec.ECC_NIST_P256,
      keyUsage: KeyUsage.SIGN_VERIFY,
      policy: administrationStatement(),
      removalPolicy: toRemovalPolicy(config),
    });
  return {
    current: add(current),
    ...(next !== undefined && { next: add(next) }),
    ...(previous !== undefined && { previous: add(previous) }),
  };
};

/**
 * Adds the key that signs checkpoints of the event feeds. It is kept with the archive, whose
 * checkpoints it verifies.
 */
export const addCheckpointKey = (scope: Construct): Key =>
  new Key(scope, 'CheckpointKey', {
    description: 'Roster: signs checkpoints of the event feeds',
    keySpec: KeySpec.ECC_NIST_P256,
    keyUsage: KeyUsage.SIGN_VERIFY,
    policy: administrationStatement(),
    removalPolicy: RemovalPolicy.RETAIN,
  });
