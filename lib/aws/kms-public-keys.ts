import { createPublicKey } from 'node:crypto';
import { GetPublicKeyCommand, KMSClient, type KMSClientConfig } from '@aws-sdk/client-kms';
import { withTimeout } from './timeouts.ts';
import { type PublicJwk, toPublicJwk } from './public-jwk.ts';

/**
 * The public parts of these P-256 keys in KMS, in their order. They never change, so each is asked for once; what fails, again
 * the next time. Fails as the client does unless all of them can be had: functions that load this when they first need it have
 * another `Failure` than it would.
 */
export function createKmsPublicKeys(
  arns: readonly string[],
  config: KMSClientConfig,
): () => Promise<readonly PublicJwk[]> {
  const client = new KMSClient(config);
  const known = new Map<string, Promise<PublicJwk>>();

  const fetch = async (KeyId: string): Promise<PublicJwk> => {
    try {
      const { PublicKey } = await client.send(new GetPublicKeyCommand({ KeyId }), withTimeout());
      return toPublicJwk(
        createPublicKey({ key: Buffer.from(PublicKey ?? []), format: 'der', type: 'spki' }),
      );
    } catch (error) {
      known.delete(KeyId);
      throw error;
    }
  };
  const of = (arn: string): Promise<PublicJwk> => {
    const key = known.get(arn) ?? fetch(arn);
    known.set(arn, key);
    return key;
  };
  return () => Promise.all(arns.map(of));
}
