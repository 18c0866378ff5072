import type { AppClient } from '../../domain/app-clients/app-client.ts';
import type { GroupTokenStore, TokenClaim } from '../../domain/group-tokens/group-token-store.ts';
import { canonicalizeGroupName } from '../../domain/kernel/canonical.ts';
import { writeAppClient } from '../app-clients/app-client-store.ts';
import { getItem } from '../dynamodb/get-item.ts';
import type { Tables } from '../dynamodb/tables.ts';
import { putIfAbsent, withConflict } from '../dynamodb/transaction.ts';
import { keys } from '../keys.ts';
import { reserveMembers, subtractMembers } from './member-count.ts';
import { buildMembershipWrites, toChangeRecordItem } from './membership-store.ts';

/** Writes the app client of a group token with its membership and the claim of its name. */
export function createGroupTokenStore(tables: Tables, now: () => number): GroupTokenStore {
  const { client, directory } = tables;
  const toClaimKey = (tenantId: string, name: string) =>
    keys.groupTokenClaim(tenantId, canonicalizeGroupName(name));
  const requireClaim = (appClientId: string) => ({
    ConditionExpression: 'appClientId = :appClientId',
    ExpressionAttributeValues: { ':appClientId': appClientId },
  });

  return {
    async findClaim(tenantId, name) {
      const item = await getItem(client, directory, toClaimKey(tenantId, name));
      return item as unknown as TokenClaim | undefined;
    },

    async create(change, { hash, membership, audit, claim }) {
      const { tenantId, appClientId } = change.after;
      const { groupId, name } = getGroupToken(change.after);
      const limit = { deadline: change.deadline, now };
      if (!(await reserveMembers(tables, { tenantId, groupId, added: 1 }, limit))) return 'full';
      const added = { before: undefined, after: membership };
      const furtherWrites = withConflict('stale' as const, [
        putIfAbsent(
          directory,
          { ...toClaimKey(tenantId, name), tenantId, groupId, appClientId },
          claim && requireClaim(claim.appClientId),
        ),
        putIfAbsent(directory, toChangeRecordItem(tenantId, added, audit)),
        ...buildMembershipWrites(directory, tenantId, {
          change: added,
          nesting: undefined,
          createsMember: true,
        }),
      ]);
      // Without a known outcome, the member stays counted.
      const outcome = await writeAppClient(tables, { change, hash, furtherWrites }, now);
      if (outcome === 'written') return outcome;
      await subtractMembers(tables, { tenantId, groupId, removed: 1 }, limit);
      return 'stale';
    },

    async revoke(change, { membership, audit }) {
      const { tenantId, appClientId } = change.after;
      const { groupId, name } = getGroupToken(change.after);
      const removed = { before: membership, after: undefined };
      const furtherWrites = withConflict('stale' as const, [
        {
          Delete: {
            TableName: directory,
            Key: { ...toClaimKey(tenantId, name) },
            ...requireClaim(appClientId),
          },
        },
        ...(membership
          ? [
              putIfAbsent(directory, toChangeRecordItem(tenantId, removed, audit)),
              ...buildMembershipWrites(directory, tenantId, {
                change: removed,
                nesting: undefined,
              }),
            ]
          : []),
      ]);
      const outcome = await writeAppClient(tables, { change, furtherWrites }, now);
      if (outcome !== 'written') return 'stale';
      const limit = { deadline: change.deadline, now };
      const group = { tenantId, groupId, removed: membership ? 1 : 0 };
      await subtractMembers(tables, group, limit);
      return 'written';
    },
  };
}

function getGroupToken({ groupToken }: AppClient) {
  if (!groupToken) throw new Error('The app client is not a group token');
  return groupToken;
}
