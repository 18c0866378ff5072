import { createCipheriv, createDecipheriv, createHmac, hkdfSync, randomBytes } from 'node:crypto';
import { ConditionalCheckFailedException } from '@aws-sdk/client-dynamodb';
import { PutCommand } from '@aws-sdk/lib-dynamodb';
import type { Keyring } from '../domain/keyring.ts';
import { itemAt } from './item-at.ts';
import { keys } from './keys.ts';
import { read, schemaVersion, type Tables } from './tables.ts';

const cipher = 'aes-256-gcm';
const keyBytes = 32;
/** NIST SP 800-38D, 5.2.1.1. */
const nonceBytes = 12;
const saltBytes = 16;
const tagBytes = 16;

/** A key and a nonce of one purpose and one message (HKDF, RFC 5869): random salts repeat less often than 96-bit nonces. */
function deriveKey(secret: Buffer, purpose: string, salt: Buffer): { readonly key: Buffer; readonly nonce: Buffer } {
  const derived = Buffer.from(hkdfSync('sha256', secret, salt, `roster ${purpose}`, keyBytes + nonceBytes));
  return { key: derived.subarray(0, keyBytes), nonce: derived.subarray(keyBytes) };
}

/** The deployment's secret in the secrets table, made by whoever needs it first. */
export function keyring({ client, secrets }: Pick<Tables, 'client' | 'secrets'>): Keyring {
  const load = async (): Promise<Buffer | undefined> => {
    const item = await itemAt(client, secrets, keys.deploymentKey);
    return item && Buffer.from(String(item['key']), 'base64');
  };
  const make = async (): Promise<void> => {
    const Item = { ...keys.deploymentKey, key: randomBytes(32).toString('base64'), schemaVersion };
    await client
      .send(new PutCommand({ TableName: secrets, Item, ConditionExpression: 'attribute_not_exists(pk)' }))
      // Somebody else was quicker.
      .catch((error: unknown) => {
        if (!(error instanceof ConditionalCheckFailedException)) throw error;
      });
  };
  let known: Promise<Buffer> | undefined;
  const key = (): Promise<Buffer> => {
    known ??= (async () => {
      const found = await load();
      if (found) return found;
      await read(make);
      const made = await load();
      if (!made) throw new Error('the key of the deployment was not kept');
      return made;
    })();
    // A failure is not remembered.
    known.catch(() => {
      known = undefined;
    });
    return known;
  };
  return {
    async mac(purpose, parts) {
      return createHmac('sha256', await key())
        .update(JSON.stringify([purpose, ...parts]))
        .digest();
    },

    async seal(purpose, text, context) {
      const salt = randomBytes(saltBytes);
      const derived = deriveKey(await key(), purpose, salt);
      const encryption = createCipheriv(cipher, derived.key, derived.nonce).setAAD(Buffer.from(JSON.stringify(context)));
      return Buffer.concat([salt, encryption.update(text), encryption.final(), encryption.getAuthTag()]).toString('base64url');
    },

    async open(purpose, sealed, context) {
      const bytes = Buffer.from(sealed, 'base64url');
      // Base64 has several texts for the same bytes.
      if (bytes.length < saltBytes + tagBytes || bytes.toString('base64url') !== sealed) return undefined;
      const derived = deriveKey(await key(), purpose, bytes.subarray(0, saltBytes));
      const decryption = createDecipheriv(cipher, derived.key, derived.nonce)
        .setAAD(Buffer.from(JSON.stringify(context)))
        .setAuthTag(bytes.subarray(-tagBytes));
      try {
        return Buffer.concat([decryption.update(bytes.subarray(saltBytes, -tagBytes)), decryption.final()]).toString();
      } catch {
        return undefined;
      }
    },
  };
}
