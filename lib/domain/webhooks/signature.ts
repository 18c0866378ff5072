import { createHmac, type KeyObject, sign } from 'node:crypto';
import type { EpochMs } from '../kernel/time.ts';

/** Keys of one generation of a webhook. */
export interface SigningKeys {
  /** Key of the signature `v1` (HMAC-SHA-256). */
  readonly symmetricKey: Buffer;
  /** Key of the signature `v1a` (Ed25519). */
  readonly privateKey: KeyObject;
}

/** One attempt to send a message. */
export interface SignedMessage {
  /** The same for every attempt, so receivers recognize repetitions. */
  readonly id: string;
  readonly sentAtMs: EpochMs;
  /** Exact text of the request body. */
  readonly body: string;
}

/**
 * Builds the headers of Standard Webhooks 1.0 with both signatures of each generation
 * (https://www.standardwebhooks.com, "Webhook headers").
 */
export function buildSignatureHeaders(
  { id, sentAtMs, body }: SignedMessage,
  generations: readonly SigningKeys[],
) {
  const timestamp = String(Math.floor(sentAtMs / 1000));
  const content = Buffer.from(`${id}.${timestamp}.${body}`);
  const signatures = generations.flatMap(({ symmetricKey, privateKey }) => [
    `v1,${createHmac('sha256', symmetricKey).update(content).digest('base64')}`,
    `v1a,${sign(null, content, privateKey).toString('base64')}`,
  ]);
  return {
    'webhook-id': id,
    'webhook-timestamp': timestamp,
    'webhook-signature': signatures.join(' '),
  };
}
