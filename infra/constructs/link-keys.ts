import { Key, KeySpec, KeyUsage } from 'aws-cdk-lib/aws-kms';
import type { Construct } from 'constructs';
import { type Config, removalPolicy } from '../config.ts';
import { keyAdministration } from './key-policy.ts';

/** A key that signs links, which never leaves KMS, and the id by which an invitation remembers it. */
export interface LinkKey {
  readonly id: string;
  readonly key: Key;
}

/**
 * A key for each id in `linkKeys`. KMS rotates none of this kind by itself. To replace one, put a new id in front and deploy:
 * new links are made with the new key, and those of the old one stay good. After 30 days, which no invitation outlives, take
 * the old id out and deploy again. A key that is taken out is kept, and paid for, until somebody deletes it, unless the
 * removal policy is `destroy`.
 */
export const addLinkKeys = (scope: Construct, config: Config): readonly LinkKey[] =>
  config.linkKeys.map((id) => ({
    id,
    key: new Key(scope, `LinkKey${id}`, {
      description: `Roster: signs the links in mails (${id})`,
      keySpec: KeySpec.HMAC_256,
      keyUsage: KeyUsage.GENERATE_VERIFY_MAC,
      policy: keyAdministration(),
      removalPolicy: removalPolicy(config),
    }),
  }));
