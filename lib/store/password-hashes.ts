import { GetCommand } from '@aws-sdk/lib-dynamodb';
import type { PasswordHashes } from '../domain/users/own-password.ts';
import { keys } from './keys.ts';
import { read, type Tables } from './tables.ts';

/** Reads password hashes: for the functions that check passwords, the only ones that are allowed to. */
export const passwordHashes = ({ client, secrets }: Pick<Tables, 'client' | 'secrets'>): PasswordHashes => ({
  async get(tenantId, userId) {
    const Key = { ...keys.userSecret(tenantId, userId) };
    const { Item } = await read((options) => client.send(new GetCommand({ TableName: secrets, Key, ConsistentRead: true }), options));
    return Item?.['passwordHash'] as string | undefined;
  },
});
