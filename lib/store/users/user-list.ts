import { QueryCommand } from '@aws-sdk/lib-dynamodb';
import { canonicalizeEmail } from '../../domain/kernel/canonical.ts';
import type { UserStore } from '../../domain/users/user-store.ts';
import { batchGet } from '../dynamodb/batch-get.ts';
import { keys } from '../keys.ts';
import { sendRead, type Tables } from '../dynamodb/tables.ts';
import { fromItem } from './user-items.ts';

/** Bytes of the claim of an email, usually. */
const maxClaimBytes = 256;
/** Bytes that one read unit reads. */
const unitBytes = 4096;

/** The list of a tenant's users: the claims of its e-mails are its order, one query and a batch of reads a page. */
export const createUserList = ({
  client,
  directory,
}: Pick<Tables, 'client' | 'directory'>): UserStore['list'] => {
  return async (tenantId, { prefix, after, limit, maxReadUnits }) => {
    const { pk, sk } = keys.emailClaim(tenantId, prefix);
    const { Items = [] } = await sendRead((options) =>
      client.send(
        new QueryCommand({
          TableName: directory,
          KeyConditionExpression: 'pk = :pk AND begins_with(sk, :sk)',
          ProjectionExpression: 'sk, userId, readUnits',
          ExpressionAttributeValues: { ':pk': pk, ':sk': sk },
          ExclusiveStartKey:
            after === undefined ? undefined : { ...keys.emailClaim(tenantId, after) },
          // One more tells whether there is more.
          Limit: limit + 1,
          ConsistentRead: true,
        }),
        options,
      ),
    );
    let readUnits = Math.ceil((Items.length * maxClaimBytes) / unitBytes);
    const entries: { email: string; userId: string }[] = [];
    for (const item of Items.slice(0, limit)) {
      const units = Number(item['readUnits'] ?? 1);
      if (readUnits + units > maxReadUnits) break;
      readUnits += units;
      entries.push({
        email: String(item['sk']).slice(sk.length - prefix.length),
        userId: String(item['userId']),
      });
    }
    const items = await batchGet(
      { client, directory },
      // A username that is an address is an entry, too.
      [...new Set(entries.map(({ userId }) => userId))].map((userId) =>
        keys.user(tenantId, userId),
      ),
    );
    const users = items.map(fromItem);
    const byId = new Map(users.map((user) => [user.userId, user]));
    const shown = entries.map(({ email, userId }) => {
      const user = byId.get(userId);
      // Listed at the current email only, not at a username or an address released between the two reads.
      return { email, user: user && canonicalizeEmail(user.email) === email ? user : undefined };
    });
    return { entries: shown, more: Items.length > entries.length, readUnits };
  };
};
