import { canonicalizeEmail } from '../../domain/kernel/canonical.ts';
import type { UserStore } from '../../domain/users/user-store.ts';
import { batchGet } from '../dynamodb/batch-get.ts';
import { queryPage } from '../dynamodb/query.ts';
import type { Directory } from '../dynamodb/tables.ts';
import { keys } from '../keys.ts';
import { fromItem } from './user-items.ts';
import { bytesPerReadUnit } from './user-size.ts';

/** Size of most claims. */
const maxClaimBytes = 256;

/** Lists users in the order of their email claims: one query and one batch read per page. */
export const createUserList =
  (tables: Directory): UserStore['list'] =>
  async (tenantId, { prefix, after, limit, maxReadUnits }) => {
    const { pk, sk } = keys.emailClaim(tenantId, prefix);
    const { items: claims } = await queryPage(tables.client, tables.directory, {
      pk,
      prefix: sk,
      after: after === undefined ? undefined : keys.emailClaim(tenantId, after),
      limit: limit + 1,
      projection: 'sk, userId, readUnits',
    });
    let readUnits = Math.ceil((claims.length * maxClaimBytes) / bytesPerReadUnit);
    const page: { email: string; userId: string }[] = [];
    for (const claim of claims.slice(0, limit)) {
      const userReadUnits = Number(claim['readUnits'] ?? 1);
      if (readUnits + userReadUnits > maxReadUnits) break;
      readUnits += userReadUnits;
      page.push({
        email: String(claim['sk']).slice(sk.length - prefix.length),
        userId: String(claim['userId']),
      });
    }
    // A user has two claims if the username is an address.
    const userIds = [...new Set(page.map(({ userId }) => userId))];
    const items = await batchGet(
      tables,
      userIds.map((userId) => keys.user(tenantId, userId)),
    );
    const users = new Map(items.map(fromItem).map((user) => [user.userId, user]));
    const entries = page.map(({ email, userId }) => {
      const user = users.get(userId);
      // Excludes username claims, and emails that were released between the two reads.
      return { email, user: user && canonicalizeEmail(user.email) === email ? user : undefined };
    });
    return { entries, hasMore: claims.length > entries.length, readUnits };
  };
