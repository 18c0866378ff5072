import type { CreationRecord, UserStore } from '../../domain/users/user-store.ts';
import { batchGet } from '../dynamodb/batch-get.ts';
import { fromRecordItem } from '../dynamodb/change-records.ts';
import { queryPage } from '../dynamodb/query.ts';
import type { Directory } from '../dynamodb/tables.ts';
import { changePrefix, keys } from '../keys.ts';
import { fromDeliveryItem } from '../mail/delivery-store.ts';
import { fromItem } from './user-items.ts';

export const createUserHistory =
  (tables: Directory): UserStore['getHistory'] =>
  async (tenantId, userId, { after = 1, limit }) => {
    const { pk, ...afterKey } = keys.userChange(tenantId, userId, after);
    const { items: records } = await queryPage(tables.client, tables.directory, {
      pk,
      prefix: changePrefix,
      after: { pk, ...afterKey },
      limit,
    });
    const changes = records.map(fromRecordItem);
    const itemKeys = [
      keys.user(tenantId, userId),
      keys.avatar(tenantId, userId),
      keys.delivery(tenantId, userId),
    ];
    const items = await batchGet(tables, itemKeys);
    const [item, avatar, delivery] = itemKeys.map(({ sk }) =>
      items.find((candidate) => candidate['sk'] === sk),
    );
    if (!item) return undefined;
    const user = { ...fromItem(item), avatar: avatar?.['avatar'] as string | undefined };
    const lastVersion = changes.at(-1)?.version ?? after;
    return {
      user,
      creation: item['creation'] as CreationRecord,
      delivery: delivery && fromDeliveryItem(delivery),
      changes,
      // The user may have changed after the query.
      next: lastVersion < user.version ? lastVersion : undefined,
    };
  };
