import { randomUUID } from 'node:crypto';
import { buildChangeRecord, buildInitialVersion } from '../access/change-entity.ts';
import type { Permission } from '../access/permissions.ts';
import type { Policy } from '../access/policy.ts';
import type { RequestContext } from '../access/request-context.ts';
import { Failure } from '../kernel/failure.ts';
import { type Slug, toHex } from '../kernel/ids.ts';
import type { JsonObject } from '../kernel/json-merge-patch.ts';
import type { UserStore } from '../users/user-store.ts';
import { roleNotFound } from './assert-roles.ts';
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

export interface RoleDependencies {
  readonly policy: Policy;
  readonly roles: RoleStore;
  readonly users: Pick<UserStore, 'get'>;
  readonly now: () => Date;
}

/** Maximum JSON of a role's metadata. Every decision in the tenant reads all roles. */
export const maxMetadataBytes = 2048;

/**
 * Creates a role. Throws `forbidden`, also for a permission that the caller lacks, `role_exists`
 * for a slug that is in use, was used before or is reserved, or `role_limit_reached`.
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
  const builtIn = builtInRoles.map((role) => context.tenant.roles.get(role.slug) ?? role);
  const remaining = [...builtIn, ...custom]
    .toSorted((a, b) => (a.slug < b.slug ? -1 : 1))
    .filter(({ slug }) => after === undefined || slug > after);
  const roles = remaining.slice(0, limit);
  return { roles, next: remaining.length > limit ? roles.at(-1)?.slug : undefined };
}

/** Lists the permissions that the deployment declares. Throws `forbidden`. */
export function listDeclaredPermissions(
  context: RequestContext,
  { policy }: Pick<RoleDependencies, 'policy'>,
): readonly Permission[] {
  policy.authorize(context, 'readRole', {});
  return context.tenant.declaredPermissions;
}

/** Gets a role, strongly consistent. Throws `forbidden` or `not_found`. */
export async function getRole(
  slug: Slug | undefined,
  context: RequestContext,
  deps: RoleDependencies,
): Promise<RoleView> {
  deps.policy.authorize(context, 'readRole', {});
  const builtInRole =
    slug !== undefined && findBuiltInRole(slug) ? context.tenant.roles.get(slug) : undefined;
  return builtInRole ?? getCustomRole(slug, context, deps);
}

/** Gets a custom role, strongly consistent. Throws `not_found`. */
export async function getCustomRole(
  slug: Slug | undefined,
  { tenant }: RequestContext,
  { roles }: RoleDependencies,
): Promise<CustomRole> {
  const role = slug === undefined ? undefined : await roles.get(tenant.tenantId, slug);
  if (!role || role.deletion) throw roleNotFound();
  return role;
}

export const sortPermissions = (permissions: readonly Permission[]): readonly Permission[] =>
  [...new Set(permissions)].toSorted();

const roleExists = (): Failure =>
  new Failure('role_exists', 'The role ID is in use, was used before, or is reserved', {
    details: { field: 'roleId' },
  });

export const roleLimitReached = (): Failure =>
  new Failure(
    'role_limit_reached',
    `A tenant can have ${maxRoles} custom roles at a time, and ${maxRolesEver} over time including deleted ones`,
  );
