import type { ManagedLock } from '../../domain/connections/managed-lock.ts';
import { getItem } from '../dynamodb/get-item.ts';
import type { Directory } from '../dynamodb/tables.ts';
import { keys } from '../keys.ts';

export const createManagedLock = ({ client, directory }: Directory): ManagedLock => ({
  async isLocked(tenantId, connectionId) {
    const connection = await getItem(client, directory, keys.connection(tenantId, connectionId));
    return connection?.['lockManaged'] === true;
  },
});
