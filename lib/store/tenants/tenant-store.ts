import type { Permission } from '../../domain/access/permissions.ts';
import type { GroupRoles } from '../../domain/groups/group-roles.ts';
import { createCache } from '../../domain/kernel/cache.ts';
import { type CustomRole, indexRoles } from '../../domain/roles/role.ts';
import type { Tenant, TenantWithRoles } from '../../domain/tenants/tenant.ts';
import type { TenantStore } from '../../domain/tenants/tenant-store.ts';
import { getItem } from '../dynamodb/get-item.ts';
import { toAttributes } from '../dynamodb/items.ts';
import { queryAll } from '../dynamodb/query.ts';
import type { Directory } from '../dynamodb/tables.ts';
import { fromMemberJobItem } from '../groups/pending-memberships.ts';
import { groupRolesPrefix, type Key, keys, memberJobs, rolePrefix, tenantRange } from '../keys.ts';

/** Documented delay until a suspended tenant or a changed role takes effect. */
const cacheTtlMs = 30_000;

/** Reads tenants with their roles, from a cache unless the method says otherwise. */
export function createTenantStore(
  { client, directory }: Directory,
  now: () => number,
  declaredPermissions: readonly Permission[],
): TenantStore {
  const get = (key: Key) => getItem(client, directory, key);

  async function load(tenantId: string): Promise<TenantWithRoles | undefined> {
    const { pk, from, to } = tenantRange(tenantId);
    const items = await queryAll(client, {
      TableName: directory,
      KeyConditionExpression: 'pk = :pk AND sk BETWEEN :from AND :to',
      ExpressionAttributeValues: { ':pk': pk, ':from': from, ':to': to },
      ConsistentRead: true,
    });
    const find = ({ sk }: Key) => items.find((item) => item['sk'] === sk);
    const tenant = find(keys.tenant(tenantId));
    const select = (prefix: string) => items.filter(({ sk }) => String(sk).startsWith(prefix));
    const roles = select(rolePrefix(tenantId).prefix) as unknown as CustomRole[];
    // The cache omits descriptions and metadata, which no decision needs.
    const decisionRoles = roles.map(({ slug, name, permissions, deletion }) => ({
      slug,
      name,
      permissions,
      deletion,
    }));
    const deletedRoles = roles.filter(({ deletion }) => deletion !== undefined);
    return (
      tenant && {
        ...(toAttributes(tenant) as unknown as Tenant),
        roles: indexRoles(decisionRoles, declaredPermissions),
        declaredPermissions,
        groups: new Map(select(groupRolesPrefix).map(fromGroupRolesItem)),
        memberJobs: select(memberJobs(tenantId).prefix).map(fromMemberJobItem),
        deletedRoles: new Set(deletedRoles.map(({ slug }) => slug)),
        mailHoldUntil: find(keys.mailHold(tenantId))?.['availableAt'] as string | undefined,
      }
    );
  }

  const loadUsable = async (tenantId: string): Promise<TenantWithRoles | undefined> => {
    const tenant = await load(tenantId);
    return tenant?.status === 'deleted' ? undefined : tenant;
  };

  const tenants = createCache(cacheTtlMs, now, loadUsable);
  return {
    find: (tenantId) => tenants(tenantId),
    findCurrent: (tenantId) => tenants(tenantId, true),
    findMemberJobs: async (tenantId) => (await tenants(tenantId))?.memberJobs ?? [],
    findIncludingDeleted: load,
    findIdBySlug: createCache(
      cacheTtlMs,
      now,
      async (slug) => (await get(keys.slugClaim(slug)))?.['tenantId'] as string | undefined,
    ),
    getStatus: async (tenantId) =>
      (await get(keys.tenant(tenantId)))?.['status'] as Tenant['status'] | undefined,
    getOwnerId: async (tenantId) =>
      (await get(keys.tenant(tenantId)))?.['ownerUserId'] as string | undefined,
  };
}

/** A string set is absent if it is empty. */
const fromGroupRolesItem = ({
  groupId,
  roles,
  parents = new Set(),
}: Record<string, unknown>): [groupId: string, group: GroupRoles] => [
  String(groupId),
  { roles: (roles ?? []) as string[], parents: [...(parents as Set<string>)] },
];
