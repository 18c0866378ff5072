import { BatchGetCommand, QueryCommand } from '@aws-sdk/lib-dynamodb';
import { canonicalEmail } from '../domain/canonical.ts';
import type { UserStore } from '../domain/users/user.ts';
import { keys } from './keys.ts';
import { read, type Tables, unavailable } from './tables.ts';
import { userOf } from './user-items.ts';

/** DynamoDB's limit for one batch. */
const mostKeys = 100;
const mostRounds = 10;
/** Milliseconds, at most. */
const pause = 100;

/** The list of a tenant's users: the claims of its e-mails are its order, one query and a batch of reads a page. */
export const userList = ({ client, directory }: Pick<Tables, 'client' | 'directory'>): UserStore['list'] => {
  const getAll = async (items: readonly Record<string, string>[]): Promise<Record<string, unknown>[]> => {
    const found: Record<string, unknown>[] = [];
    for (let left = [...items], round = 1; left.length > 0; round++) {
      if (round > mostRounds) throw unavailable(new Error('a batch of reads was never done'));
      const Keys = left.splice(0, mostKeys);
      const { Responses, UnprocessedKeys } = await read((options) =>
        client.send(new BatchGetCommand({ RequestItems: { [directory]: { Keys, ConsistentRead: true } } }), options),
      );
      found.push(...(Responses?.[directory] ?? []));
      // What was more than 16 MB, or too much at once.
      const undone = (UnprocessedKeys?.[directory]?.Keys as Record<string, string>[] | undefined) ?? [];
      left = [...undone, ...left];
      if (undone.length > 0) await new Promise((resolve) => setTimeout(resolve, Math.random() * pause));
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
          ProjectionExpression: 'sk, userId',
          ExpressionAttributeValues: { ':pk': pk, ':sk': sk },
          ExclusiveStartKey: after === undefined ? undefined : { ...keys.email(tenantId, after) },
          // One more tells whether there is more.
          Limit: limit + 1,
          ConsistentRead: true,
        }),
        options,
      ),
    );
    const entries = Items.slice(0, limit).map((item) => ({
      email: String(item['sk']).slice(sk.length - prefix.length),
      userId: String(item['userId']),
    }));
    const users = (await getAll(entries.map(({ userId }) => ({ ...keys.user(tenantId, userId) })))).map(userOf);
    const byId = new Map(users.map((user) => [user.userId, user]));
    const shown = entries.map(({ email, userId }) => {
      const user = byId.get(userId);
      // One that has moved to another address between the two reads stands in the list there.
      return { email, user: user && canonicalEmail(user.email) === email ? user : undefined };
    });
    return { entries: shown, more: Items.length > limit };
  };
};
