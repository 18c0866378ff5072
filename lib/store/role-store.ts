import { type CustomRole, maxRoles, maxRolesEver } from '../domain/roles/role.ts';
import type { RoleStore } from '../domain/roles/role-store.ts';
import { fromItem, readEntity, writeEntity } from './dynamodb/entities.ts';
import { keys, rolePrefix } from './keys.ts';
import { queryAll } from './dynamodb/query-all.ts';
import { schemaVersion, type Tables } from './dynamodb/tables.ts';
import type { Write } from './dynamodb/transaction.ts';

/** Roles in DynamoDB, beside their tenant. `now` is in epoch milliseconds. */
export function createRoleStore(
  { client, directory }: Pick<Tables, 'client' | 'directory'>,
  now: () => number,
): RoleStore {
  /** Counts a role that comes, within the limits, or one that goes. */
  const counting = (tenantId: string, isNew: boolean): Write => ({
    Update: {
      TableName: directory,
      Key: { ...keys.roleCount(tenantId) },
      ...(isNew
        ? {
            UpdateExpression:
              'SET schemaVersion = :schemaVersion ADD activeCount :one, totalCount :one',
            ConditionExpression:
              '(attribute_not_exists(activeCount) OR activeCount < :maxRoles) AND (attribute_not_exists(totalCount) OR totalCount < :maxRolesEver)',
            ExpressionAttributeValues: {
              ':one': 1,
              ':maxRoles': maxRoles,
              ':maxRolesEver': maxRolesEver,
              ':schemaVersion': schemaVersion,
            },
          }
        : {
            UpdateExpression: 'ADD activeCount :less',
            ExpressionAttributeValues: { ':less': -1 },
          }),
    },
  });

  return {
    async get(tenantId, slug) {
      const item = await readEntity<StoredRole>({ client, directory }, keys.role(tenantId, slug));
      return item && roleOf(item);
    },

    async list(tenantId) {
      const { pk, prefix } = rolePrefix(tenantId);
      const items = await queryAll(client, {
        TableName: directory,
        KeyConditionExpression: 'pk = :pk AND begins_with(sk, :prefix)',
        ExpressionAttributeValues: { ':pk': pk, ':prefix': prefix },
        ConsistentRead: true,
      });
      return items.map((item) => roleOf(fromItem(item) as StoredRole));
    },

    async write({ before, after, record, deadline }) {
      const { tenantId, slug } = after;
      const place = {
        key: keys.role(tenantId, slug),
        changeKey: (version: number) => keys.roleChange(tenantId, slug, version),
      };
      const isGone = after.deletion !== undefined && before?.deletion === undefined;
      const counted =
        before === undefined || isGone ? [counting(tenantId, before === undefined)] : [];
      const change = {
        before: before && storedOf(before),
        after: storedOf(after),
        record,
        deadline,
      };
      const outcome = await writeEntity({ client, directory }, place, change, now, counted);
      return typeof outcome === 'object' ? 'full' : outcome;
    },
  };
}

/** Free-form objects are kept as JSON text, as those of users are. */
type StoredRole = Omit<CustomRole, 'metadata'> & { readonly metadata?: string | undefined };

const storedOf = ({ metadata, ...role }: CustomRole): StoredRole => ({
  ...role,
  metadata: metadata && JSON.stringify(metadata),
});
const roleOf = ({ metadata, ...role }: StoredRole): CustomRole => ({
  ...role,
  metadata: metadata === undefined ? undefined : (JSON.parse(metadata) as CustomRole['metadata']),
});
