import { createHash } from 'node:crypto';
import { KMSClient, SignCommand } from '@aws-sdk/client-kms';
import type { SigningKey } from '../domain/sign-in/access-token.ts';
import { Failure } from '../domain/kernel/failure.ts';
import { toJoseSignature } from './ecdsa.ts';
import { createSdkClient, type SdkConfig } from './sdk-client.ts';
import { withTimeout } from './timeouts.ts';
import { createKmsPublicKeys } from './kms-public-keys.ts';

/** Signs with a P-256 key in KMS. Its key ID is the thumbprint of the public key. */
export function createKmsSigningKey(KeyId: string, config: SdkConfig): () => Promise<SigningKey> {
  const client = createSdkClient(KMSClient, config);
  const publicKeys = createKmsPublicKeys([KeyId], config);

  /** Sends the digest, because KMS accepts messages of 4096 bytes at most. */
  const sign = async (message: Buffer): Promise<Buffer> => {
    const command = new SignCommand({
      KeyId,
      Message: createHash('sha256').update(message).digest(),
      MessageType: 'DIGEST',
      SigningAlgorithm: 'ECDSA_SHA_256',
    });
    try {
      const { Signature } = await client.send(command, withTimeout());
      return toJoseSignature(Signature ?? new Uint8Array());
    } catch (error) {
      throw unavailable(error);
    }
  };

  return async () => {
    const [key] = await publicKeys().catch((error: unknown) => {
      throw unavailable(error);
    });
    if (key === undefined) throw new Error('signing key has no public key');
    return { keyId: key.kid, sign };
  };
}

const unavailable = (cause: unknown): Failure =>
  new Failure('unavailable', 'Access tokens cannot be signed right now', { cause });
