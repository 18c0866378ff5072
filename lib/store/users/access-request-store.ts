import type {
  AccessRequestStore,
  ListedAccessRequest,
} from '../../domain/levels/access-request.ts';
import { toAttributes } from '../dynamodb/items.ts';
import { queryPage } from '../dynamodb/query.ts';
import type { Directory } from '../dynamodb/tables.ts';
import { keys } from '../keys.ts';

/** Lists the entries that writes of users maintain. */
export const createAccessRequestStore = ({ client, directory }: Directory): AccessRequestStore => ({
  async list(tenantId, { limit }) {
    const { pk, sk: prefix } = keys.accessRequest(tenantId, '');
    const { items } = await queryPage(client, directory, { pk, prefix, limit });
    return items.map((item) => toAttributes(item) as unknown as ListedAccessRequest);
  },
});
