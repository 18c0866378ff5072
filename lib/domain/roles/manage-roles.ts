import { randomUUID } from 'node:crypto';
import type { Call } from '../access/request-context.ts';
import {
  changeEntity,
  type EntityChange,
  firstVersion,
  type IfMatch,
  recordOf,
} from '../access/change-entity.ts';
import { Failure } from '../kernel/failure.ts';
import { findMissing } from '../access/missing-permissions.ts';
import { hexOf } from '../kernel/ids.ts';
import { assertOwnerKeepsRole } from './owner-protection.ts';
import type { Policy } from '../access/policy.ts';
import {
  builtInRole,
  builtInRoles,
  type CustomRole,
  isReserved,
  maxRoles,
  maxRolesEver,
  type Permission,
  type Role,
  type RoleStore,
} from './role.ts';
import { merged } from '../kernel/json-merge-patch.ts';
import type { JsonObject, UserStore } from '../users/user.ts';

/** A role as it is shown: a built-in one has no versions, and nobody made it. */
export type ShownRole = Role & Partial<CustomRole>;

export interface RoleDraft {
  /** One that nobody has chosen is made up. */
  readonly slug?: string | undefined;
  readonly name?: string | undefined;
  readonly description?: string | undefined;
  readonly permissions: readonly Permission[];
  readonly metadata?: JsonObject | undefined;
}

/** What is to be different about a role: what is absent stays, null goes (RFC 7396). */
export interface RolePatch {
  readonly name?: string | null | undefined;
  readonly description?: string | null | undefined;
  readonly permissions?: readonly Permission[] | undefined;
  readonly metadata?: JsonObject | null | undefined;
}

interface Dependencies {
  readonly policy: Policy;
  readonly roles: RoleStore;
  readonly users: Pick<UserStore, 'get'>;
  readonly now: () => Date;
}

/** The bytes of JSON that a role's metadata may have: every decision in the tenant reads all of its roles. */
export const mostMetadata = 2048;

/**
 * Makes a role in the tenant of the call. Throws `forbidden` (also where it would carry what the caller does not hold), and
 * `role_exists` for a slug that is taken, was once, or never can be, `role_limit_reached` where the tenant has as many roles as it may.
 */
export async function createRole(
  draft: RoleDraft,
  call: Call,
  deps: Dependencies,
): Promise<CustomRole> {
  deps.policy.authorize(call, 'writeRole', { grantedPermissions: draft.permissions });
  const slug = draft.slug ?? hexOf(randomUUID());
  if (isReserved(slug)) throw taken();
  const role: CustomRole = {
    ...draft,
    slug,
    tenantId: call.tenant.tenantId,
    permissions: inOrder(draft.permissions),
    ...firstVersion(call, deps.now()),
  };
  const record = recordOf('create', undefined, role, call);
  const outcome = await deps.roles.write({
    before: undefined,
    after: role,
    record,
    deadline: call.deadline,
  });
  if (outcome === 'stale') throw taken();
  if (outcome === 'full') throw full();
  return role;
}

/** The roles of the tenant, built-in ones included, in the order of their slugs: up to `limit`, after the one at `after`. */
export async function listRoles(
  { limit, after }: { limit: number; after: string | undefined },
  call: Call,
  deps: Dependencies,
): Promise<{ readonly roles: readonly ShownRole[]; readonly next: string | undefined }> {
  deps.policy.authorize(call, 'readRole', {});
  const custom = (await deps.roles.all(call.tenant.tenantId)).filter(
    ({ deleted }) => deleted === undefined,
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
  call: Call,
  deps: Dependencies,
): Promise<ShownRole> {
  deps.policy.authorize(call, 'readRole', {});
  return (slug !== undefined && builtInRole(slug)) || present(slug, call, deps);
}

/**
 * Changes what a patch names, for everybody who has the role. Throws `forbidden` where it carries, or would carry, what the
 * caller does not hold, `role_built_in`, `owner_protected` where the tenant's owner would lose something, and
 * `precondition_failed` for another version than `ifMatch` tells.
 */
export async function updateRole(
  slug: string | undefined,
  patch: RolePatch,
  {
    ifMatch,
    replacesMetadata,
  }: { readonly ifMatch: IfMatch; readonly replacesMetadata?: boolean | undefined },
  call: Call,
  deps: Dependencies,
): Promise<CustomRole> {
  deps.policy.authorize(call, 'writeRole', { grantedPermissions: patch.permissions ?? [] });
  assertOwn(slug);
  const change = async (role: CustomRole): Promise<Partial<CustomRole>> => {
    const { permissions, metadata, ...plain } = patch;
    if (permissions !== undefined) await assertOwnerKeepsRole(role, permissions, call, deps.users);
    return {
      ...Object.fromEntries(
        Object.entries(plain).flatMap(([name, value]) =>
          value === undefined ? [] : [[name, value ?? undefined]],
        ),
      ),
      ...(permissions !== undefined && { permissions: inOrder(permissions) }),
      ...(metadata !== undefined && {
        metadata: replacesMetadata
          ? (metadata ?? undefined)
          : merged('metadata', role.metadata, metadata, mostMetadata),
      }),
    };
  };
  return changeRole({ action: 'update', slug, ifMatch, change }, call, deps);
}

/**
 * Deletes a role: it counts for nothing any more, wherever it is still named, and its slug is never used again. Throws what
 * changing throws. Returns the role as it was.
 */
export async function deleteRole(
  slug: string | undefined,
  ifMatch: IfMatch,
  call: Call,
  deps: Dependencies,
): Promise<CustomRole> {
  deps.policy.authorize(call, 'writeRole', { grantedPermissions: [] });
  assertOwn(slug);
  let last: CustomRole | undefined;
  const change = async (role: CustomRole): Promise<Partial<CustomRole>> => {
    await assertOwnerKeepsRole(role, [], call, deps.users);
    last = role;
    const deleted = { time: deps.now().toISOString(), by: call.principal.subject };
    // The record keeps what it was.
    return { deleted, permissions: [], description: undefined, metadata: undefined };
  };
  const tombstone = await changeRole({ action: 'delete', slug, ifMatch, change }, call, deps);
  return last ?? tombstone;
}

interface Intent {
  readonly action: string;
  readonly slug: string | undefined;
  readonly ifMatch: IfMatch;
  readonly change: (role: CustomRole) => Promise<Partial<CustomRole>>;
}

function changeRole(
  { slug, ...intent }: Intent,
  call: Call,
  deps: Dependencies,
): Promise<CustomRole> {
  const read = async () => {
    const role = await present(slug, call, deps);
    assertHeld(call, role);
    return role;
  };
  const write = async (change: EntityChange<CustomRole>) => {
    const outcome = await deps.roles.write(change);
    if (outcome === 'full') throw full();
    return outcome;
  };
  return changeEntity({ ...intent, read, write }, call, deps.now);
}

/** A role that the tenant has made, and not deleted. */
async function present(
  slug: string | undefined,
  { tenant }: Call,
  { roles }: Dependencies,
): Promise<CustomRole> {
  const role = slug === undefined ? undefined : await roles.get(tenant.tenantId, slug);
  if (!role || role.deleted) throw new Failure('not_found', 'There is no such role in this tenant');
  return role;
}

/** What a role carries is given to everybody who has it: so whoever changes it, or takes it away, has to hold all of that. */
function assertHeld({ principal }: Call, { permissions }: Role): void {
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

function assertOwn(slug: string | undefined): void {
  if (slug !== undefined && builtInRole(slug))
    throw new Failure('role_built_in', 'A built-in role cannot be changed or deleted', {
      details: { field: 'roleId' },
    });
}

const inOrder = (permissions: readonly Permission[]): readonly Permission[] =>
  [...new Set(permissions)].toSorted();

const taken = (): Failure =>
  new Failure('role_exists', 'This role ID is in use, was used before, or is reserved', {
    details: { field: 'roleId' },
  });
const full = (): Failure =>
  new Failure(
    'role_limit_reached',
    `A tenant can have ${maxRoles} custom roles at a time, and ${maxRolesEver} over time including deleted ones`,
  );
