import { createHash, createPublicKey } from 'node:crypto';
import { KMSClient, SignCommand } from '@aws-sdk/client-kms';
import type { NoteSigner } from '../domain/checkpoints/signed-note.ts';
import { createKmsPublicKeys } from './kms-public-keys.ts';
import { createSdkClient, type SdkConfig } from './sdk-client.ts';
import { withTimeout } from './timeouts.ts';

/** Signs notes with a P-256 key in KMS, which never leaves KMS. Throws the error of the SDK. */
export function createKmsNoteSigner(
  { name, keyArn }: { readonly name: string; readonly keyArn: string },
  config: SdkConfig,
): () => Promise<NoteSigner> {
  const client = createSdkClient(KMSClient, config);
  const publicKeys = createKmsPublicKeys([keyArn], config);
  return async () => {
    const [key] = await publicKeys();
    if (key === undefined) throw new Error('the key of checkpoints has no public key');
    return {
      name,
      publicKey: createPublicKey({ key: { ...key }, format: 'jwk' }),
      sign: async (text) => {
        const command = new SignCommand({
          KeyId: keyArn,
          Message: createHash('sha256').update(text).digest(),
          MessageType: 'DIGEST',
          SigningAlgorithm: 'ECDSA_SHA_256',
        });
        const { Signature } = await client.send(command, withTimeout());
        return Signature ?? new Uint8Array();
      },
    };
  };
}
