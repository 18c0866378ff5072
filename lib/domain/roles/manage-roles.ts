import { randomUUID } from 'node:crypto';
import { buildChangeRecord, buildInitialVersion, changeEntity } from '../access/change-entity.ts';
import { findMissing, type Permission } from '../access/permissions.ts';
import type { Policy } from '../access/policy.ts';
import type { RequestContext } from '../access/request-context.ts';
import type { EntityChange, IfMatch } from '../kernel/entity.ts';
import { Failure } from '../kernel/failure.ts';
import { type Slug, toHex } from '../kernel/ids.ts';
import { applyMergePatch, type JsonObject, toChangedFields } from '../kernel/json-merge-patch.ts';
import type { UserStore } from '../users/user-store.ts';
import { assertOwnerKeepsPermissions } from './owner-protection.ts';
import type { RoleStore } from './role-store.ts';
import {
  builtInRoles,
  type CustomRole,
  findBuiltInRole,
  isReservedRole,
  maxRoles,
  maxRolesEver,
  type Role,
} from './role.ts';

/** A role in responses. Built-in roles have no metadata, version and tenant. */
export type RoleView = Role & Partial<CustomRole>;

export interface CreateRoleInput {
  /** Default: a random slug. */
  readonly slug?: Slug | undefined;
  readonly name?: string | undefined;
  readonly description?: string | undefined;
  readonly permissions: readonly Permission[];
  readonly metadata?: JsonObject | undefined;
}

/** Changes of a role as a merge patch (RFC 7396). Null clears a field. */
export interface UpdateRoleInput {
  readonly name?: string | null | undefined;
  readonly description?: string | null | undefined;
  readonly permissions?: readonly Permission[] | undefined;
  readonly metadata?: JsonObject | null | undefined;
}

/** Role that an operation changes. An undefined slug matches no role. */
export interface RoleTarget {
  readonly slug: Slug | undefined;
  readonly ifMatch: IfMatch;
}

export interface RoleDependencies {
  readonly policy: Policy;
  readonly roles: RoleStore;
  readonly users: Pick<UserStore, 'get'>;
  readonly now: () => Date;
}

/** Maximum JSON of a role's metadata. Every decision in the tenant reads all roles. */
export const maxMetadataBytes = 2048;

/**
 * Creates a role. Throws `forbidden`, also for a permission that the caller lacks, `role_exists` for
 * a slug that is in use, was used before or is reserved, or `role_limit_reached`.
 */
export async function createRole(
  input: CreateRoleInput,
  context: RequestContext,
  deps: RoleDependencies,
): Promise<CustomRole> {
  deps.policy.authorize(context, 'writeRole', { grantedPermissions: input.permissions });
  const slug = input.slug ?? toHex(randomUUID());
  if (isReservedRole(slug)) throw roleExists();
  const role: CustomRole = {
    ...input,
    slug,
    tenantId: context.tenant.tenantId,
    permissions: sortPermissions(input.permissions),
    ...buildInitialVersion(context, deps.now()),
  };
  const outcome = await deps.roles.write({
    before: undefined,
    after: role,
    record: buildChangeRecord({ action: 'create', after: role }, context),
    deadline: context.deadline,
  });
  if (outcome === 'stale') throw roleExists();
  if (outcome === 'full') throw roleLimitReached();
  return role;
}

interface RolePage {
  readonly roles: readonly RoleView[];
  /** Slug after which the next page starts. Undefined on the last page. */
  readonly next: Slug | undefined;
}

/** Lists the built-in and custom roles of the tenant in slug order. Throws `forbidden`. */
export async function listRoles(
  { limit, after }: { limit: number; after: Slug | undefined },
  context: RequestContext,
  deps: RoleDependencies,
): Promise<RolePage> {
  deps.policy.authorize(context, 'readRole', {});
  const custom = (await deps.roles.list(context.tenant.tenantId)).filter(
    ({ deletion }) => deletion === undefined,
  );
  const remaining = [...builtInRoles, ...custom]
    .toSorted((a, b) => (a.slug < b.slug ? -1 : 1))
    .filter(({ slug }) => after === undefined || slug > after);
  const roles = remaining.slice(0, limit);
  return { roles, next: remaining.length > limit ? roles.at(-1)?.slug : undefined };
}

/** Gets a role, strongly consistent. Throws `forbidden` or `not_found`. */
export async function getRole(
  slug: Slug | undefined,
  context: RequestContext,
  deps: RoleDependencies,
): Promise<RoleView> {
  deps.policy.authorize(context, 'readRole', {});
  return (slug !== undefined && findBuiltInRole(slug)) || getCustomRole(slug, context, deps);
}

interface RoleUpdate extends RoleTarget {
  readonly input: UpdateRoleInput;
  /** True to replace metadata instead of merging into it. */
  readonly replacesMetadata?: boolean | undefined;
}

/**
 * Updates a role. Throws `forbidden` for a permission that the caller lacks, before or after the
 * update, `not_found`, `role_built_in`, `owner_protected` or `precondition_failed`.
 */
export async function updateRole(
  { input, replacesMetadata, ...target }: RoleUpdate,
  context: RequestContext,
  deps: RoleDependencies,
): Promise<CustomRole> {
  const { permissions, metadata, ...plain } = input;
  deps.policy.authorize(context, 'writeRole', { grantedPermissions: permissions ?? [] });
  const change = async (role: CustomRole): Promise<Partial<CustomRole>> => {
    if (permissions !== undefined)
      await assertOwnerKeepsPermissions({ role, permissions }, context, deps);
    const mergeMetadata = (patch: JsonObject | null) =>
      applyMergePatch({
        field: 'metadata',
        target: role.metadata,
        patch,
        maxBytes: maxMetadataBytes,
      });
    return {
      ...toChangedFields(plain),
      ...(permissions !== undefined && { permissions: sortPermissions(permissions) }),
      ...(metadata !== undefined && {
        metadata: replacesMetadata ? (metadata ?? undefined) : mergeMetadata(metadata),
      }),
    };
  };
  return changeRole({ ...target, action: 'update', change }, context, deps);
}

/**
 * Deletes a role and returns its last version. The role grants nothing anymore, and its slug is
 * never reused. Throws like `updateRole`.
 */
export async function deleteRole(
  target: RoleTarget,
  context: RequestContext,
  deps: RoleDependencies,
): Promise<CustomRole> {
  deps.policy.authorize(context, 'writeRole', { grantedPermissions: [] });
  let lastVersion: CustomRole | undefined;
  const change = async (role: CustomRole): Promise<Partial<CustomRole>> => {
    await assertOwnerKeepsPermissions({ role, permissions: [] }, context, deps);
    lastVersion = role;
    const deletion = { at: deps.now().toISOString(), by: context.principal.subject };
    // The change record has the previous values.
    return { deletion, permissions: [], description: undefined, metadata: undefined };
  };
  const tombstone = await changeRole({ ...target, action: 'delete', change }, context, deps);
  return lastVersion ?? tombstone;
}

interface RoleChange extends RoleTarget {
  readonly action: string;
  readonly change: (role: CustomRole) => Promise<Partial<CustomRole>>;
}

async function changeRole(
  { slug, ...update }: RoleChange,
  context: RequestContext,
  deps: RoleDependencies,
): Promise<CustomRole> {
  assertCustomRole(slug);
  const read = async () => {
    const role = await getCustomRole(slug, context, deps);
    assertHoldsPermissions(context, role);
    return role;
  };
  const write = async (change: EntityChange<CustomRole>) => {
    const outcome = await deps.roles.write(change);
    if (outcome === 'full') throw roleLimitReached();
    return outcome;
  };
  return changeEntity({ ...update, read, write }, context, deps.now);
}

async function getCustomRole(
  slug: Slug | undefined,
  { tenant }: RequestContext,
  { roles }: RoleDependencies,
): Promise<CustomRole> {
  const role = slug === undefined ? undefined : await roles.get(tenant.tenantId, slug);
  if (!role || role.deletion)
    throw new Failure('not_found', 'There is no such role in this tenant');
  return role;
}

/** Throws `forbidden` unless the caller holds all permissions of a role, because its users share them. */
function assertHoldsPermissions({ principal }: RequestContext, { permissions }: Role): void {
  const isHeld = (permission: Permission) => principal.permissions.includes(permission);
  if (principal.systemAdministrator || permissions.every(isHeld)) return;
  throw new Failure('forbidden', 'The role has permissions that you do not have', {
    notices: ['You can change or delete only roles whose permissions you hold.'],
    missingPermissions: findMissing(permissions, principal.permissions),
  });
}

function assertCustomRole(slug: Slug | undefined): void {
  if (slug !== undefined && findBuiltInRole(slug))
    throw new Failure('role_built_in', 'A built-in role cannot be changed or deleted', {
      details: { field: 'roleId' },
    });
}

const sortPermissions = (permissions: readonly Permission[]): readonly Permission[] =>
  [...new Set(permissions)].toSorted();

const roleExists = (): Failure =>
  new Failure('role_exists', 'The role ID is in use, was used before, or is reserved', {
    details: { field: 'roleId' },
  });

const roleLimitReached = (): Failure =>
  new Failure(
    'role_limit_reached',
    `A tenant can have ${maxRoles} custom roles at a time, and ${maxRolesEver} over time including deleted ones`,
  );
