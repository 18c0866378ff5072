import {
  GenerateMacCommand,
  KMSClient,
  KMSInvalidMacException,
  VerifyMacCommand,
} from '@aws-sdk/client-kms';
import { Failure } from '../domain/kernel/failure.ts';
import type { LinkSigner, LinkVerifier } from '../domain/links/link.ts';
import { createSdkClient, type SdkConfig } from './sdk-client.ts';
import { withTimeout } from './timeouts.ts';

/** KMS HMAC key. Items that depend on the key store its `id`. */
export interface MacKey {
  readonly id: string;
  readonly key: string;
}

const MacAlgorithm = 'HMAC_SHA_256';

/** Computes and verifies MACs in KMS. MACs of a key that is no longer listed are invalid. */
export function createKmsMacKeys(
  keys: readonly MacKey[],
  config: SdkConfig,
): LinkSigner & LinkVerifier {
  const client = createSdkClient(KMSClient, config);
  const findKeyArn = (keyId: string): string | undefined =>
    keys.find(({ id }) => id === keyId)?.key;
  return {
    async mac(keyId, Message) {
      const KeyId = findKeyArn(keyId);
      if (KeyId === undefined) throw unavailable(new Error(`key ${keyId} is not configured`));
      const { Mac } = await client
        .send(new GenerateMacCommand({ KeyId, Message, MacAlgorithm }), withTimeout())
        .catch((error: unknown) => {
          throw unavailable(error);
        });
      if (!Mac) throw unavailable(new Error('KMS returned no MAC'));
      return Buffer.from(Mac);
    },
    async verify(keyId, Message, Mac) {
      const KeyId = findKeyArn(keyId);
      if (KeyId === undefined) return false;
      try {
        const { MacValid } = await client.send(
          new VerifyMacCommand({ KeyId, Message, Mac, MacAlgorithm }),
          withTimeout(),
        );
        return MacValid === true;
      } catch (error) {
        if (error instanceof KMSInvalidMacException) return false;
        throw unavailable(error);
      }
    },
  };
}

const unavailable = (cause: unknown): Failure =>
  new Failure('unavailable', 'The keys cannot be reached right now', { cause });
