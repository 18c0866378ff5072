import { Key, KeySpec, KeyUsage } from 'aws-cdk-lib/aws-kms';
import type { Construct } from 'constructs';
import { type Config, toRemovalPolicy } from '../config.ts';
import { administrationStatement } from './key-policy.ts';

/** KMS key that signs links, and its ID, which each invitation stores. */
export interface LinkKey {
  readonly id: string;
  readonly key: Key;
}

/**
 * Adds a key for each ID in `linkKeys`. KMS does not rotate HMAC keys. To replace a key, insert a
 * new ID at the front and deploy: the new key signs new links, and existing links stay valid. After
 * 30 days, the longest life of an invitation, remove the old ID and deploy again. A removed key is
 * kept, and billed, until an operator deletes it, unless the removal policy is `destroy`.
 */
export const addLinkKeys = (scope: Construct, config: Config): readonly LinkKey[] =>
  config.linkKeys.map((id) => ({
    id,
    key: new Key(scope, `LinkKey${id}`, {
      description: `Roster: signs email links (${id})`,
      keySpec: KeySpec.HMAC_256,
      keyUsage: KeyUsage.GENERATE_VERIFY_MAC,
      policy: administrationStatement(),
      removalPolicy: toRemovalPolicy(config),
    }),
  }));
