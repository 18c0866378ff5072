import { QueryCommand } from '@aws-sdk/lib-dynamodb';
import type { ChangeRecord } from '../../domain/kernel/change-record.ts';
import type { CreationRecord, UserStore } from '../../domain/users/user-store.ts';
import { batchGet } from '../dynamodb/batch-get.ts';
import { fromDeliveryItem } from '../mail/delivery-store.ts';
import { changePrefix, keys } from '../keys.ts';
import { sendRead, type Tables } from '../dynamodb/tables.ts';
import { fromChangeItem, fromItem } from './user-items.ts';

/** Everything about one user, in pages of their changes. */
export const createUserHistory = ({
  client,
  directory,
}: Pick<Tables, 'client' | 'directory'>): UserStore['getHistory'] => {
  /** One query, which DynamoDB ends after 1 MB. */
  const readChanges = async (
    tenantId: string,
    userId: string,
    after: number,
    limit: number,
  ): Promise<ChangeRecord[]> => {
    const { pk, sk } = keys.userChange(tenantId, userId, after);
    const { Items = [] } = await sendRead((options) =>
      client.send(
        new QueryCommand({
          TableName: directory,
          KeyConditionExpression: 'pk = :pk AND begins_with(sk, :prefix)',
          ExpressionAttributeValues: { ':pk': pk, ':prefix': changePrefix },
          ExclusiveStartKey: { pk, sk },
          Limit: limit,
          ConsistentRead: true,
        }),
        options,
      ),
    );
    return Items.map(fromChangeItem);
  };

  return async (tenantId, userId, { after = 1, limit }) => {
    const changes = await readChanges(tenantId, userId, after, limit);
    const places = [
      keys.user(tenantId, userId),
      keys.avatar(tenantId, userId),
      keys.delivery(tenantId, userId),
    ];
    const items = await batchGet({ client, directory }, places);
    const find = (sk: string) => items.find((item) => item['sk'] === sk);
    const [item, avatar, delivery] = places.map(({ sk }) => find(sk));
    if (!item) return undefined;
    const user = { ...fromItem(item), avatar: avatar?.['avatar'] as string | undefined };
    const last = changes.at(-1)?.version ?? after;
    return {
      user,
      creation: item['creation'] as CreationRecord,
      delivery: delivery && fromDeliveryItem(delivery),
      changes,
      // Also when the user changed after the query.
      next: last < user.version ? last : undefined,
    };
  };
};
