import { createCipheriv, createDecipheriv, createHmac, hkdfSync, randomBytes } from 'node:crypto';
import { PutCommand } from '@aws-sdk/lib-dynamodb';
import { Failure } from '../domain/kernel/failure.ts';
import type { Keyring } from '../domain/kernel/keyring.ts';
import { getItem } from './dynamodb/get-item.ts';
import { keys } from './keys.ts';
import { schemaVersion, type Secrets, sendConditionalWrite } from './dynamodb/tables.ts';

const cipher = 'aes-256-gcm';
const keyBytes = 32;
/** NIST SP 800-38D, 5.2.1.1. */
const nonceBytes = 12;
const saltBytes = 16;
const tagBytes = 16;

/** Derives key and nonce of one message (HKDF, RFC 5869). Salts collide less often than nonces. */
function deriveKey(
  secret: Buffer,
  purpose: string,
  salt: Buffer,
): { readonly key: Buffer; readonly nonce: Buffer } {
  const derivedKey = Buffer.from(
    hkdfSync('sha256', secret, salt, `roster ${purpose}`, keyBytes + nonceBytes),
  );
  return { key: derivedKey.subarray(0, keyBytes), nonce: derivedKey.subarray(keyBytes) };
}

/** Creates the deployment key if none exists. Only functions that create tenants may write it. */
export async function createDeploymentKey({ client, secrets }: Secrets): Promise<void> {
  const Item = {
    ...keys.deploymentKey,
    key: randomBytes(keyBytes).toString('base64'),
    schemaVersion,
  };
  const command = new PutCommand({
    TableName: secrets,
    Item,
    ConditionExpression: 'attribute_not_exists(pk)',
  });
  await sendConditionalWrite((options) => client.send(command, options));
}

/** Uses the deployment key. Throws `unavailable` before the first tenant is created. */
export function createKeyring({ client, secrets }: Secrets): Keyring {
  const load = async (): Promise<Buffer> => {
    const item = await getItem(client, secrets, keys.deploymentKey);
    if (!item)
      throw new Failure(
        'unavailable',
        'This deployment has no tenant yet; create the first one with npm run bootstrap',
      );
    return Buffer.from(String(item['key']), 'base64');
  };
  let cachedKey: Promise<Buffer> | undefined;
  const getKey = (): Promise<Buffer> => {
    cachedKey ??= load();
    // The next call repeats a failed read.
    cachedKey.catch(() => {
      cachedKey = undefined;
    });
    return cachedKey;
  };
  return {
    async mac(purpose, parts) {
      return createHmac('sha256', await getKey())
        .update(JSON.stringify([purpose, ...parts]))
        .digest();
    },

    async seal(purpose, text, context) {
      const salt = randomBytes(saltBytes);
      const derived = deriveKey(await getKey(), purpose, salt);
      const encryption = createCipheriv(cipher, derived.key, derived.nonce).setAAD(
        Buffer.from(JSON.stringify(context)),
      );
      return Buffer.concat([
        salt,
        encryption.update(text),
        encryption.final(),
        encryption.getAuthTag(),
      ]).toString('base64url');
    },

    async open(purpose, sealed, context) {
      const bytes = Buffer.from(sealed, 'base64url');
      // Several base64url texts decode to the same bytes.
      if (bytes.length < saltBytes + tagBytes || bytes.toString('base64url') !== sealed)
        return undefined;
      const derived = deriveKey(await getKey(), purpose, bytes.subarray(0, saltBytes));
      const decryption = createDecipheriv(cipher, derived.key, derived.nonce)
        .setAAD(Buffer.from(JSON.stringify(context)))
        .setAuthTag(bytes.subarray(-tagBytes));
      try {
        return Buffer.concat([
          decryption.update(bytes.subarray(saltBytes, -tagBytes)),
          decryption.final(),
        ]).toString();
      } catch {
        return undefined;
      }
    },
  };
}
