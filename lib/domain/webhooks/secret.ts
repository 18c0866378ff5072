import { createPrivateKey, createPublicKey, hkdfSync, type KeyObject } from 'node:crypto';
import { createCache } from '../kernel/cache.ts';
import type { DurationMs, EpochMs } from '../kernel/time.ts';
import type { SigningKeys } from './signature.ts';
import type { SecretGeneration, Webhook } from './webhook.ts';

/** Computes HMAC-SHA-256 with a KMS key. Throws `unavailable` if the key cannot be used. */
export interface WebhookKeys {
  mac(keyId: string, message: Buffer): Promise<Buffer>;
}

type WebhookRef = Pick<Webhook, 'tenantId' | 'webhookId'>;

/** Derives the signing keys of a generation. Throws `unavailable`. */
export type DeriveSigningKeys = (
  webhook: WebhookRef,
  generation: Pick<SecretGeneration, 'generation' | 'keyId'>,
) => Promise<SigningKeys>;

const cacheTtlMs: DurationMs = 5 * 60_000;
const keyBytes = 32;

/** Creates the function that derives signing keys. It calls KMS once per generation and cache. */
export function createSigningKeyDeriver(keys: WebhookKeys, now: () => EpochMs): DeriveSigningKeys {
  const derive = createCache(cacheTtlMs, now, async (context) => {
    const [keyId, ...message] = JSON.parse(context) as [string, ...unknown[]];
    const mac = await keys.mac(keyId, Buffer.from(JSON.stringify(['roster webhook', ...message])));
    return deriveKeys(mac);
  });
  return ({ tenantId, webhookId }, { generation, keyId }) =>
    derive(JSON.stringify([keyId, tenantId, webhookId, generation]));
}

/**
 * Derives both keys from one MAC (HKDF, RFC 5869). A receiver that knows the symmetric key cannot
 * derive the private one.
 */
function deriveKeys(mac: Buffer): SigningKeys {
  const expand = (purpose: 'v1' | 'v1a') =>
    Buffer.from(hkdfSync('sha256', mac, '', `roster webhook ${purpose}`, keyBytes));
  return { symmetricKey: expand('v1'), privateKey: toPrivateKey(expand('v1a')) };
}

/** PKCS #8 header of an Ed25519 key, before its 32 bytes (RFC 8410 §7). */
const pkcs8Header = Buffer.from('302e020100300506032b657004220420', 'hex');

const toPrivateKey = (seed: Buffer): KeyObject =>
  createPrivateKey({ key: Buffer.concat([pkcs8Header, seed]), format: 'der', type: 'pkcs8' });

/** Formats the secret for receivers that verify `v1`. */
export const formatSecret = ({ symmetricKey }: Pick<SigningKeys, 'symmetricKey'>): string =>
  `whsec_${symmetricKey.toString('base64')}`;

/** Formats the public key for receivers that verify `v1a`. */
export function formatPublicKey({ privateKey }: Pick<SigningKeys, 'privateKey'>): string {
  const { x = '' } = createPublicKey(privateKey).export({ format: 'jwk' });
  return `whpk_${Buffer.from(x, 'base64url').toString('base64')}`;
}
