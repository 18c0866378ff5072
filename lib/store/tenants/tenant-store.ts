import { randomUUID } from 'node:crypto';
import { buildDefaultAppClient } from '../../domain/app-clients/app-client.ts';
import { Failure } from '../../domain/kernel/failure.ts';
import { type CustomRole, indexRoles } from '../../domain/roles/role.ts';
import type { Tenant, TenantWithRoles } from '../../domain/tenants/tenant.ts';
import type { TenantStore } from '../../domain/tenants/tenant-store.ts';
import type { ChangeRecord } from '../../domain/kernel/change-record.ts';
import type { CreationRecord } from '../../domain/users/user-store.ts';
import type { User } from '../../domain/users/user.ts';
import { createCache } from '../../domain/kernel/cache.ts';
import { getItem } from '../dynamodb/get-item.ts';
import { createDeploymentKey } from '../keyring.ts';
import { type Key, keys, tenantRange } from '../keys.ts';
import { queryAll } from '../dynamodb/query-all.ts';
import type { Tables } from '../dynamodb/tables.ts';
import { putIfAbsent, outcomeUnknown, transact, type Write } from '../dynamodb/transaction.ts';
import { buildUserWrites } from '../users/user-writes.ts';

/** The documented bound within which a suspended tenant or a changed role takes effect. */
const staleness = 30_000;

/** Tenants and roles in DynamoDB, remembered for up to 30 s. `now` is in epoch milliseconds. */
export function createTenantStore(
  { client, directory }: Pick<Tables, 'client' | 'directory'>,
  now: () => number,
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
    const tenant = items.find(({ sk }) => sk === to);
    const mailsHeldUntil = items.find(({ sk }) => sk === keys.mailHold(tenantId).sk)?.[
      'availableAt'
    ] as string | undefined;
    const roles = items.filter(({ sk }) => String(sk).startsWith(from)) as unknown as CustomRole[];
    // Only what decisions need is remembered.
    const deciding = roles.map(({ slug, name, permissions, deletion }) => ({
      slug,
      name,
      permissions,
      deletion,
    }));
    const deletedRoles = new Set(
      roles.filter(({ deletion }) => deletion !== undefined).map(({ slug }) => slug),
    );
    return (
      tenant && {
        ...(tenant as unknown as Tenant),
        roles: indexRoles(deciding),
        deletedRoles,
        mailHoldUntil: mailsHeldUntil,
      }
    );
  }

  const tenants = createCache(staleness, now, load);
  return {
    find: (tenantId) => tenants(tenantId),
    findCurrent: (tenantId) => tenants(tenantId, true),
    findIdBySlug: createCache(
      staleness,
      now,
      async (slug) => (await get(keys.slugClaim(slug)))?.['tenantId'] as string | undefined,
    ),
    getStatus: async (tenantId) =>
      (await get(keys.tenant(tenantId)))?.['status'] as Tenant['status'] | undefined,
    getOwnerId: async (tenantId) =>
      (await get(keys.tenant(tenantId)))?.['ownerUserId'] as string | undefined,
  };
}

/** A tenant to be written; whoever sets one up by hand need not say who they are. */
type NewTenant = Omit<Tenant, 'version' | 'createdBy'> & Partial<Tenant>;

/** Who asked for a tenant, and who is to own it. */
interface Founding {
  readonly record: ChangeRecord;
  readonly owner: { readonly user: User; readonly creation: CreationRecord };
  /** By the clock of `now`, in milliseconds. */
  readonly deadline: number;
  readonly now: () => number;
}

/** For setting one up by hand: milliseconds. */
const patience = 15_000;

/**
 * Writes a tenant, its slug, its place in the list, its app client `default`, the record of it and its owner (the same
 * items as any user's), all or none. `exists` when this very tenant is there already. Throws `slug_taken` when the slug is
 * another's, `user_exists` when the owner's e-mail address is, `unavailable` when the outcome cannot be known in time.
 * Creates the key of the deployment before the first tenant.
 */
export async function createTenant(
  { client, directory, secrets }: Tables,
  { version = 1, createdBy = 'bootstrap', ...named }: NewTenant,
  founding?: Founding,
): Promise<'created' | 'exists'> {
  const tenant: Tenant = { ...named, version, createdBy };
  const { tenantId, slug, uniqueness } = tenant;
  const {
    record = setUpBy(tenant),
    owner,
    now = () => Math.round(performance.now()),
    deadline = now() + patience,
  } = founding ?? {};
  const ofOwner = owner && buildUserWrites(directory, owner.user, owner.creation, uniqueness);
  const appClient = buildDefaultAppClient(tenantId, tenant);
  const writes: Write[] = [
    // First: of several reasons for a refusal the first is told.
    putIfAbsent(
      directory,
      { ...keys.slugClaim(slug), tenantId },
      { ReturnValuesOnConditionCheckFailure: 'ALL_OLD' },
    ),
    ...(ofOwner?.writes ?? []),
    putIfAbsent(directory, { ...keys.tenant(tenantId), ...tenant }),
    putIfAbsent(directory, {
      ...keys.tenantChange(tenantId, version),
      ...record,
      before: JSON.stringify(record.before),
    }),
    putIfAbsent(directory, { ...keys.tenantListEntry(slug), tenantId }),
    putIfAbsent(directory, { ...keys.appClient(tenantId, appClient.appClientId), ...appClient }),
    putIfAbsent(directory, {
      ...keys.clientIdClaim(appClient.clientId),
      tenantId,
      appClientId: appClient.appClientId,
    }),
  ];
  await createDeploymentKey({ client, secrets });
  const outcome = await transact(client, writes, randomUUID(), deadline, now);
  if (outcome === 'written') return 'created';
  if (outcome === 'unknown') return settle(client, directory, tenant);
  const { refusedBy, met } = outcome;
  if (refusedBy === 0) {
    if (met?.['tenantId']?.S === tenantId) return 'exists';
    throw slugTaken();
  }
  if (refusedBy <= (ofOwner?.claims.length ?? 0)) {
    throw new Failure('user_exists', 'A user with this email already exists', {
      details: { field: 'ownerEmail' },
    });
  }
  throw new Error(`the id ${tenantId} belongs to another tenant`);
}

/** Whose the slug is, of which it could not be known whether it was written. */
async function settle(
  client: Tables['client'],
  directory: string,
  { tenantId, slug }: Tenant,
): Promise<'created'> {
  const holder = (await getItem(client, directory, keys.slugClaim(slug)))?.['tenantId'];
  if (holder === tenantId) return 'created';
  if (holder !== undefined) throw slugTaken();
  throw outcomeUnknown();
}

const slugTaken = (): Failure =>
  new Failure('slug_taken', 'Another tenant has this slug, or had it', {
    details: { field: 'slug' },
  });

/** The record of a tenant that nobody asked for in a request. */
const setUpBy = ({ version, createdAt, createdBy }: Tenant): ChangeRecord => ({
  version,
  action: 'create',
  at: createdAt,
  by: createdBy,
  issuer: createdBy,
  requestId: createdBy,
  policies: [],
  before: {},
});
