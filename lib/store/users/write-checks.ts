import type { WriteChecks } from '../../domain/bulk-users/write-checks.ts';
import type { Uuid } from '../../domain/kernel/ids.ts';
import type { EpochMs } from '../../domain/kernel/time.ts';
import { getItem } from '../dynamodb/get-item.ts';
import type { Directory } from '../dynamodb/tables.ts';
import { type Key, keys } from '../keys.ts';
import { toClaims } from './claims.ts';
import { userExists } from './user-store.ts';

/** Creates checks that read the items on which the writes have conditions. */
export function createWriteChecks(
  { client, directory }: Directory,
  now: () => EpochMs,
): WriteChecks {
  const get = (key: Key) => getItem(client, directory, key);
  const format = ({ pk, sk }: Key): string => `${pk} ${sk}`;

  return {
    async findStoredResponse(tenantId, idempotencyId) {
      const item = await get(keys.idempotencyRecord(tenantId, idempotencyId));
      // TTL deletion is late.
      if (!item || Number(item['ttl']) * 1000 <= now()) return undefined;
      return { fingerprint: String(item['fingerprint']), response: String(item['response']) };
    },

    async assertAvailable(user, { uniqueness, changedUsers }) {
      const changedIds = new Set<unknown>(changedUsers.map(({ userId }) => userId));
      const changedClaims = new Map<string, Uuid>(
        changedUsers.flatMap((changed) =>
          toClaims(changed, uniqueness).map(({ key }) => [format(key), changed.userId] as const),
        ),
      );
      const findHolder = async (key: Key): Promise<unknown> => {
        const changedHolder = changedClaims.get(format(key));
        if (changedHolder !== undefined) return changedHolder;
        const storedHolder = (await get(key))?.['userId'];
        return changedIds.has(storedHolder) ? undefined : storedHolder;
      };
      for (const { field, key } of toClaims(user, uniqueness)) {
        const holder = await findHolder(key);
        if (holder !== undefined && holder !== user.userId) throw userExists(field);
      }
    },
  };
}
