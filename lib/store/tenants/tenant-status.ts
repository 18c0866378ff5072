import type { Uuid } from '../../domain/kernel/ids.ts';
import { getItem } from '../dynamodb/get-item.ts';
import type { Directory } from '../dynamodb/tables.ts';
import { keys } from '../keys.ts';

/** Reads if a tenant is active, without its roles. Strongly consistent. Throws `unavailable`. */
export const createTenantStatusReader =
  ({ client, directory }: Directory) =>
  async (tenantId: Uuid): Promise<boolean> =>
    (await getItem(client, directory, keys.tenant(tenantId)))?.['status'] === 'active';
