import { randomUUID } from 'node:crypto';
import { buildDefaultAppClient } from '../../domain/app-clients/app-client.ts';
import type { Logo } from '../../domain/branding/logo.ts';
import { Failure } from '../../domain/kernel/failure.ts';
import type { Tenant } from '../../domain/tenants/tenant.ts';
import type { NewRole } from '../../domain/tenants/tenant-store.ts';
import type { ChangeRecord } from '../../domain/kernel/change-record.ts';
import type { CreationRecord } from '../../domain/users/user-store.ts';
import type { User } from '../../domain/users/user.ts';
import { toRecordItem } from '../dynamodb/change-records.ts';
import { getItem } from '../dynamodb/get-item.ts';
import type { Tables } from '../dynamodb/tables.ts';
import {
  outcomeUnknown,
  putIfAbsent,
  returnExisting,
  transact,
  withConflict,
} from '../dynamodb/transaction.ts';
import { createDeploymentKey } from '../keyring.ts';
import { keys } from '../keys.ts';
import { toStoredRole } from '../role-store.ts';
import { buildUserWrites } from '../users/user-writes.ts';
import { buildLogoWrites } from './logo-store.ts';

/** The bootstrap command creates tenants without a caller. */
type NewTenant = Omit<Tenant, 'version' | 'createdBy'> & Partial<Tenant>;

interface TenantCreation {
  readonly record: ChangeRecord;
  readonly owner: { readonly user: User; readonly creation: CreationRecord } | undefined;
  readonly roles?: readonly NewRole[];
  readonly newLogo?: Logo | undefined;
  /** On the clock of `now`. */
  readonly deadline: number;
  readonly now: () => number;
}

/** Time limit without a caller's deadline. */
const timeoutMs = 15_000;

/**
 * Writes a tenant with its slug, list entry, default app client, roles, owner and their change
 * records in one transaction. Creates the deployment key first. Returns `exists` if the tenant has
 * the slug already. Throws `slug_taken`, `user_exists` for
 * the owner's email, or `unavailable`.
 */
export async function putTenant(
  { client, directory, secrets }: Tables,
  { version = 1, createdBy = 'bootstrap', ...fields }: NewTenant,
  creation?: TenantCreation,
): Promise<'created' | 'exists'> {
  const tenant: Tenant = { ...fields, version, createdBy };
  const { tenantId, slug, uniqueness } = tenant;
  const {
    record = toBootstrapRecord(tenant),
    owner,
    roles = [],
    newLogo,
    now = () => Math.round(performance.now()),
    deadline = now() + timeoutMs,
  } = creation ?? {};
  const appClient = buildDefaultAppClient(tenantId, tenant);
  const { appClientId, clientId } = appClient;
  const appClientRecord = { ...record, version: appClient.version, before: {} };
  const slugClaim = putIfAbsent(directory, { ...keys.slugClaim(slug), tenantId }, returnExisting);
  const items = [
    { ...keys.tenant(tenantId), ...tenant },
    toRecordItem(keys.tenantChange(tenantId, version), record),
    { ...keys.tenantListEntry(slug), tenantId },
    { ...keys.appClient(tenantId, appClientId), ...appClient },
    toRecordItem(keys.appClientChange(tenantId, appClientId, 1), appClientRecord),
    { ...keys.clientIdClaim(clientId), tenantId, appClientId },
    ...buildRoleItems(tenantId, roles),
  ];
  const writes = [
    // First, because the first conflict is reported.
    ...withConflict('slug' as const, [slugClaim]),
    ...(owner ? buildUserWrites(directory, { ...owner, uniqueness }) : []),
    ...withConflict(
      'id' as const,
      items.map((item) => putIfAbsent(directory, item)),
    ),
    ...withConflict('id' as const, buildLogoWrites(directory, { after: tenant }, newLogo)),
  ];
  await createDeploymentKey({ client, secrets });
  const outcome = await transact(client, { writes, token: randomUUID(), deadline }, now);
  if (outcome === 'written') return 'created';
  if (outcome === 'unknown') {
    const holderId = (await getItem(client, directory, keys.slugClaim(slug)))?.['tenantId'];
    if (holderId === tenantId) return 'created';
    throw holderId === undefined ? outcomeUnknown() : slugTaken();
  }
  const { conflict, existing } = outcome;
  if (conflict === 'slug') {
    if (existing['tenantId'] === tenantId) return 'exists';
    throw slugTaken();
  }
  if (conflict === 'id') throw new Error(`ID ${tenantId} is in use`);
  throw new Failure('user_exists', 'A user with this email already exists', {
    details: { field: 'ownerEmail' },
  });
}

/** Builds the items of roles and their counter, which the first role creates. */
const buildRoleItems = (tenantId: string, roles: readonly NewRole[]): readonly object[] => [
  ...roles.flatMap(({ role, record }) => [
    { ...keys.role(tenantId, role.slug), ...toStoredRole(role) },
    toRecordItem(keys.roleChange(tenantId, role.slug, role.version), record),
  ]),
  ...(roles.length > 0
    ? [{ ...keys.roleCount(tenantId), activeCount: roles.length, totalCount: roles.length }]
    : []),
];

const slugTaken = (): Failure =>
  new Failure('slug_taken', 'This slug is or was used by another tenant', {
    details: { field: 'slug' },
  });

const toBootstrapRecord = ({ version, createdAt, createdBy }: Tenant): ChangeRecord => ({
  version,
  action: 'create',
  at: createdAt,
  actor: { type: 'system', id: 'bootstrap' },
  by: createdBy,
  issuer: createdBy,
  requestId: createdBy,
  policies: [],
  before: {},
});
