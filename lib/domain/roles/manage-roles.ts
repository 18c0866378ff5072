import { randomUUID } from 'node:crypto';
import type { RequestContext } from '../access/request-context.ts';
import {
  changeEntity,
  type EntityChange,
  buildInitialVersion,
  type IfMatch,
  buildChangeRecord,
} from '../access/change-entity.ts';
import { Failure } from '../kernel/failure.ts';
import { findMissing } from '../access/missing-permissions.ts';
import { toHex } from '../kernel/ids.ts';
import { assertOwnerKeepsPermissions } from './owner-protection.ts';
import type { Policy } from '../access/policy.ts';
import {
  findBuiltInRole,
  builtInRoles,
  type CustomRole,
  isReservedRole,
  maxRoles,
  maxRolesEver,
  type Permission,
  type Role,
  type RoleStore,
} from './role.ts';
import { applyMergePatch } from '../kernel/json-merge-patch.ts';
import type { JsonObject, UserStore } from '../users/user.ts';

/** A role as it is shown: a built-in one has no versions, and nobody made it. */
export type RoleView = Role & Partial<CustomRole>;

export interface CreateRoleInput {
  /** One that nobody has chosen is made up. */
  readonly slug?: string | undefined;
  readonly name?: string | undefined;
  readonly description?: string | undefined;
  readonly permissions: readonly Permission[];
  readonly metadata?: JsonObject | undefined;
}

/** What is to be different about a role: what is absent stays, null goes (RFC 7396). */
export interface UpdateRoleInput {
  readonly name?: string | null | undefined;
  readonly description?: string | null | undefined;
  readonly permissions?: readonly Permission[] | undefined;
  readonly metadata?: JsonObject | null | undefined;
}

export interface RoleDependencies {
  readonly policy: Policy;
  readonly roles: RoleStore;
  readonly users: Pick<UserStore, 'get'>;
  readonly now: () => Date;
}

/** The bytes of JSON that a role's metadata may have: every decision in the tenant reads all of its roles. */
export const maxMetadataBytes = 2048;

/**
 * Makes a role in the tenant of the call. Throws `forbidden` (also where it would carry what the caller does not hold), and
 * `role_exists` for a slug that is taken, was once, or never can be, `role_limit_reached` where the tenant has as many roles as it may.
 */
export async function createRole(
  draft: CreateRoleInput,
  context: RequestContext,
  deps: RoleDependencies,
): Promise<CustomRole> {
  deps.policy.authorize(context, 'writeRole', { grantedPermissions: draft.permissions });
  const slug = draft.slug ?? toHex(randomUUID());
  if (isReservedRole(slug)) throw roleExists();
  const role: CustomRole = {
    ...draft,
    slug,
    tenantId: context.tenant.tenantId,
    permissions: sortPermissions(draft.permissions),
    ...buildInitialVersion(context, deps.now()),
  };
  const record = buildChangeRecord('create', undefined, role, context);
  const outcome = await deps.roles.write({
    before: undefined,
    after: role,
    record,
    deadline: context.deadline,
  });
  if (outcome === 'stale') throw roleExists();
  if (outcome === 'full') throw roleLimitReached();
  return role;
}

/** The roles of the tenant, built-in ones included, in the order of their slugs: up to `limit`, after the one at `after`. */
export async function listRoles(
  { limit, after }: { limit: number; after: string | undefined },
  context: RequestContext,
  deps: RoleDependencies,
): Promise<{ readonly roles: readonly RoleView[]; readonly next: string | undefined }> {
  deps.policy.authorize(context, 'readRole', {});
  const custom = (await deps.roles.list(context.tenant.tenantId)).filter(
    ({ deletion: deleted }) => deleted === undefined,
  );
  const left = [...builtInRoles, ...custom]
    .toSorted((a, b) => (a.slug < b.slug ? -1 : 1))
    .filter(({ slug }) => after === undefined || slug > after);
  const roles = left.slice(0, limit);
  return { roles, next: left.length > limit ? roles.at(-1)?.slug : undefined };
}

/** The role as last written. Throws `forbidden`, or `not_found` for whatever is no role of the call's tenant. */
export async function getRole(
  slug: string | undefined,
  context: RequestContext,
  deps: RoleDependencies,
): Promise<RoleView> {
  deps.policy.authorize(context, 'readRole', {});
  return (slug !== undefined && findBuiltInRole(slug)) || getCustomRole(slug, context, deps);
}

/**
 * Changes what a patch names, for everybody who has the role. Throws `forbidden` where it carries, or would carry, what the
 * caller does not hold, `role_built_in`, `owner_protected` where the tenant's owner would lose something, and
 * `precondition_failed` for another version than `ifMatch` tells.
 */
export async function updateRole(
  slug: string | undefined,
  patch: UpdateRoleInput,
  {
    ifMatch,
    replacesMetadata,
  }: { readonly ifMatch: IfMatch; readonly replacesMetadata?: boolean | undefined },
  context: RequestContext,
  deps: RoleDependencies,
): Promise<CustomRole> {
  deps.policy.authorize(context, 'writeRole', { grantedPermissions: patch.permissions ?? [] });
  assertCustomRole(slug);
  const change = async (role: CustomRole): Promise<Partial<CustomRole>> => {
    const { permissions, metadata, ...plain } = patch;
    if (permissions !== undefined)
      await assertOwnerKeepsPermissions(role, permissions, context, deps.users);
    return {
      ...Object.fromEntries(
        Object.entries(plain).flatMap(([name, value]) =>
          value === undefined ? [] : [[name, value ?? undefined]],
        ),
      ),
      ...(permissions !== undefined && { permissions: sortPermissions(permissions) }),
      ...(metadata !== undefined && {
        metadata: replacesMetadata
          ? (metadata ?? undefined)
          : applyMergePatch('metadata', role.metadata, metadata, maxMetadataBytes),
      }),
    };
  };
  return changeRole({ action: 'update', slug, ifMatch, change }, context, deps);
}

/**
 * Deletes a role: it counts for nothing any more, wherever it is still named, and its slug is never used again. Throws what
 * changing throws. Returns the role as it was.
 */
export async function deleteRole(
  slug: string | undefined,
  ifMatch: IfMatch,
  context: RequestContext,
  deps: RoleDependencies,
): Promise<CustomRole> {
  deps.policy.authorize(context, 'writeRole', { grantedPermissions: [] });
  assertCustomRole(slug);
  let last: CustomRole | undefined;
  const change = async (role: CustomRole): Promise<Partial<CustomRole>> => {
    await assertOwnerKeepsPermissions(role, [], context, deps.users);
    last = role;
    const deletion = { at: deps.now().toISOString(), by: context.principal.subject };
    // The record keeps what it was.
    return { deletion, permissions: [], description: undefined, metadata: undefined };
  };
  const tombstone = await changeRole({ action: 'delete', slug, ifMatch, change }, context, deps);
  return last ?? tombstone;
}

interface RoleChange {
  readonly action: string;
  readonly slug: string | undefined;
  readonly ifMatch: IfMatch;
  readonly change: (role: CustomRole) => Promise<Partial<CustomRole>>;
}

function changeRole(
  { slug, ...intent }: RoleChange,
  context: RequestContext,
  deps: RoleDependencies,
): Promise<CustomRole> {
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
  return changeEntity({ ...intent, read, write }, context, deps.now);
}

/** A role that the tenant has made, and not deleted. */
async function getCustomRole(
  slug: string | undefined,
  { tenant }: RequestContext,
  { roles }: RoleDependencies,
): Promise<CustomRole> {
  const role = slug === undefined ? undefined : await roles.get(tenant.tenantId, slug);
  if (!role || role.deletion)
    throw new Failure('not_found', 'There is no such role in this tenant');
  return role;
}

/** What a role carries is given to everybody who has it: so whoever changes it, or takes it away, has to hold all of that. */
function assertHoldsPermissions({ principal }: RequestContext, { permissions }: Role): void {
  if (
    principal.systemAdministrator ||
    permissions.every((permission) => principal.permissions.includes(permission))
  )
    return;
  throw new Failure('forbidden', 'This role has permissions that you do not have', {
    notices: [
      'Nobody can change or delete a role that carries a permission they do not hold themselves.',
    ],
    missingPermissions: findMissing(permissions, principal.permissions),
  });
}

function assertCustomRole(slug: string | undefined): void {
  if (slug !== undefined && findBuiltInRole(slug))
    throw new Failure('role_built_in', 'A built-in role cannot be changed or deleted', {
      details: { field: 'roleId' },
    });
}

const sortPermissions = (permissions: readonly Permission[]): readonly Permission[] =>
  [...new Set(permissions)].toSorted();

const roleExists = (): Failure =>
  new Failure('role_exists', 'This role ID is in use, was used before, or is reserved', {
    details: { field: 'roleId' },
  });
const roleLimitReached = (): Failure =>
  new Failure(
    'role_limit_reached',
    `A tenant can have ${maxRoles} custom roles at a time, and ${maxRolesEver} over time including deleted ones`,
  );
