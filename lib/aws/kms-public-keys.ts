import { createPublicKey } from 'node:crypto';
import { GetPublicKeyCommand, KMSClient } from '@aws-sdk/client-kms';
import { createSdkClient, type SdkConfig } from './sdk-client.ts';
import { withTimeout } from './timeouts.ts';
import { type PublicJwk, toPublicJwk } from './public-jwk.ts';

/**
 * Reads the public keys of P-256 keys in KMS, each once, because they never change. The next call
 * repeats a failed read. Throws the error of the SDK, which callers convert to `unavailable`.
 */
export function createKmsPublicKeys(
  arns: readonly string[],
  config: SdkConfig,
): () => Promise<readonly PublicJwk[]> {
  const client = createSdkClient(KMSClient, config);
  const cache = new Map<string, Promise<PublicJwk>>();

  const fetch = async (KeyId: string): Promise<PublicJwk> => {
    try {
      const { PublicKey } = await client.send(new GetPublicKeyCommand({ KeyId }), withTimeout());
      return toPublicJwk(
        createPublicKey({ key: Buffer.from(PublicKey ?? []), format: 'der', type: 'spki' }),
      );
    } catch (error) {
      cache.delete(KeyId);
      throw error;
    }
  };
  const getKey = (arn: string): Promise<PublicJwk> => {
    const key = cache.get(arn) ?? fetch(arn);
    cache.set(arn, key);
    return key;
  };
  return () => Promise.all(arns.map(getKey));
}
