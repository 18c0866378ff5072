import { BatchGetCommand, QueryCommand } from '@aws-sdk/lib-dynamodb';
import { canonicalEmail } from '../domain/canonical.ts';
import type { UserStore } from '../domain/users/user.ts';
import { keys } from './keys.ts';
import { read, type Tables } from './tables.ts';
import { userOf } from './user-items.ts';

/** DynamoDB's limit for one batch. */
const mostKeys = 100;

/** The list of a tenant's users: the claims of its e-mails are its order, one query and a batch of reads a page. */
export const userList = ({ client, directory }: Pick<Tables, 'client' | 'directory'>): UserStore['list'] => {
  const getAll = async (items: readonly Record<string, string>[]): Promise<Record<string, unknown>[]> => {
    const found: Record<string, unknown>[] = [];
    for (let left = [...items]; left.length > 0; ) {
      const Keys = left.splice(0, mostKeys);
      const { Responses, UnprocessedKeys } = await read((options) =>
        client.send(new BatchGetCommand({ RequestItems: { [directory]: { Keys, ConsistentRead: true } } }), options),
      );
      found.push(...(Responses?.[directory] ?? []));
      // What was more than 16 MB, or too much at once.
      left = [...((UnprocessedKeys?.[directory]?.Keys as Record<string, string>[] | undefined) ?? []), ...left];
    }
    return found;
  };

  return async (tenantId, { prefix, after, limit }) => {
    const { pk, sk } = keys.email(tenantId, prefix);
    const { Items = [] } = await read((options) =>
      client.send(
        new QueryCommand({
          TableName: directory,
          KeyConditionExpression: 'pk = :pk AND begins_with(sk, :sk)',
          ExpressionAttributeValues: { ':pk': pk, ':sk': sk },
          ExclusiveStartKey: after === undefined ? undefined : { ...keys.email(tenantId, after) },
          Limit: limit,
          ConsistentRead: true,
        }),
        options,
      ),
    );
    const entries = Items.map((item) => ({ email: String(item['sk']).slice(sk.length - prefix.length), userId: String(item['userId']) }));
    const users = (await getAll(entries.map(({ userId }) => ({ ...keys.user(tenantId, userId) })))).map(userOf);
    const byId = new Map(users.map((user) => [user.userId, user]));
    return entries.map(({ email, userId }) => {
      const user = byId.get(userId);
      // One that has moved to another address between the two reads stands in the list there.
      return { email, user: user && canonicalEmail(user.email) === email ? user : undefined };
    });
  };
};
