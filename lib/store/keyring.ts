import { createHmac, randomBytes } from 'node:crypto';
import { ConditionalCheckFailedException } from '@aws-sdk/client-dynamodb';
import { PutCommand } from '@aws-sdk/lib-dynamodb';
import type { Keyring } from '../domain/keyring.ts';
import { itemAt } from './item-at.ts';
import { keys } from './keys.ts';
import { read, schemaVersion, type Tables } from './tables.ts';

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
  };
}
