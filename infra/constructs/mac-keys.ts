import { Key, KeySpec, KeyUsage } from 'aws-cdk-lib/aws-kms';
import type { Construct } from 'constructs';
import { type Config, toRemovalPolicy } from '../config.ts';
import { administrationStatement } from './key-policy.ts';

/** KMS key that computes MACs, and its ID, which items that depend on it store. */
export interface MacKey {
  readonly id: string;
  readonly key: Key;
}

/**
 * Adds a key for each ID in `linkKeys`. KMS does not rotate HMAC keys. To replace a key, insert a
 * new ID at the front and deploy: the new key signs new links, and existing links stay valid. After
 * 30 days, the longest life of an invitation, remove the old ID and deploy again. A removed key is
 * kept, and billed, until an operator deletes it, unless the removal policy is `destroy`.
 */
export const addLinkKeys = (scope: Construct, config: Config): readonly MacKey[] =>
  config.linkKeys.map((id) => ({
    id,
    key: addKey(scope, `LinkKey${id}`, `signs email links (${id})`, config),
  }));

/**
 * Adds a key for each ID in `webhookKeys`. The secrets of webhooks derive from the first one. A
 * secret that derives from a removed key cannot sign, so rotate the secrets before the removal.
 */
export const addWebhookKeys = (scope: Construct, config: Config): readonly MacKey[] =>
  config.webhookKeys.map((id) => ({
    id,
    key: addKey(scope, `WebhookKey${id}`, `derives secrets of webhooks (${id})`, config),
  }));

const addKey = (scope: Construct, id: string, purpose: string, config: Config): Key =>
  new Key(scope, id, {
    description: `Roster: ${purpose}`,
    keySpec: KeySpec.HMAC_256,
    keyUsage: KeyUsage.GENERATE_VERIFY_MAC,
    policy: administrationStatement(),
    removalPolicy: toRemovalPolicy(config),
  });
