import type { UserReferences } from '../../domain/users/user-store.ts';
import type { User } from '../../domain/users/user.ts';
import { batchGet } from '../dynamodb/batch-get.ts';
import { queryPage } from '../dynamodb/query.ts';
import type { Directory } from '../dynamodb/tables.ts';
import { type Key, keys } from '../keys.ts';
import { fromItem } from '../users/user-items.ts';
import { createUserReader } from '../users/user-reader.ts';
import { toMailValueKey, toReferenceKeys, toScimIdKey } from '../users/reference-items.ts';

const maxUsers = 100;

export function createUserReferences(tables: Directory): UserReferences {
  // Users without their groups need no jobs.
  const { get } = createUserReader(tables, { findMemberJobs: async () => [] });

  /** Reads the users with a reference, whose key is `prefix` with the user ID. */
  const findUsers = async (tenantId: string, { pk, sk: prefix }: Key): Promise<readonly User[]> => {
    const { items } = await queryPage(tables.client, tables.directory, {
      pk,
      prefix,
      limit: maxUsers,
      attributes: ['userId'],
    });
    const userKeys = items.map(({ userId }) => keys.user(tenantId, String(userId)));
    const users = (await batchGet(tables, userKeys)).map(fromItem);
    // The user may have changed between the two reads, or have an email that starts with this one.
    return users.filter((user) =>
      toReferenceKeys(user).some(({ sk }) => sk === `${prefix}${user.userId}`),
    );
  };

  return {
    findByScimId: (tenantId, connectionId, externalId) =>
      findUsers(tenantId, toScimIdKey(tenantId, { connectionId, externalId })),

    async findByMailValue(tenantId, email) {
      const holder = await get(tenantId, { email }, false);
      const others = await findUsers(tenantId, toMailValueKey(tenantId, email));
      return [...(holder ? [holder] : []), ...others];
    },
  };
}
