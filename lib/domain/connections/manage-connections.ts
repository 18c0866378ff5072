import { randomUUID } from 'node:crypto';
import { buildChangeRecord, buildInitialVersion } from '../access/change-entity.ts';
import { findMissing } from '../access/permissions.ts';
import type { RequestContext } from '../access/request-context.ts';
import { type AppClient, createClientId } from '../app-clients/app-client.ts';
import { createSecret } from '../app-clients/create-secret.ts';
import { assertInFuture } from '../app-clients/manage-app-clients.ts';
import { buildAppClient } from '../app-clients/new-app-client.ts';
import type { EndedMembershipStore } from '../groups/group-store.ts';
import { collectAssignedPermissions, type RoleHolder } from '../groups/group-roles.ts';
import { Failure, invalidInput } from '../kernel/failure.ts';
import type { Slug, Uuid } from '../kernel/ids.ts';
import type { Timestamp } from '../kernel/time.ts';
import { assertRoles } from '../roles/assert-roles.ts';
import { collectPermissions } from '../roles/role.ts';
import {
  authorizeConnectionWrite,
  changeConnection,
  type ConnectionDependencies,
  type ConnectionTarget,
  type ConnectionView,
  readConnection,
} from './change-connection.ts';
import { type Connection, maxConnections } from './connection.ts';

/** Fields that callers write. */
export type ConnectionSettings = Pick<
  Connection,
  | 'name'
  | 'provider'
  | 'authProvider'
  | 'onUnmanagedMatch'
  | 'roleMap'
  | 'extension'
  | 'changePassword'
  | 'groupNames'
  | 'afterDelete'
  | 'visible'
  | 'lockManaged'
  | 'brake'
  | 'logDays'
  | 'status'
>;

export interface CreateConnectionInput extends ConnectionSettings {
  /** Slugs of the roles of the app client. */
  readonly roles: readonly Slug[];
  readonly tokenExpiresAt?: Timestamp | undefined;
}

/**
 * Creates a connection with its app client. The token is returned only here. Throws `forbidden`,
 * `invalid_roles`, `invalid_input` or `connection_limit_reached`.
 */
export async function createConnection(
  { roles: slugs, tokenExpiresAt, ...settings }: CreateConnectionInput,
  context: RequestContext,
  deps: ConnectionDependencies,
): Promise<ConnectionView & { readonly token: string }> {
  const roles = [...new Set(slugs)];
  authorizeConnectionWrite([...roles, ...Object.values(settings.roleMap)], context, deps.policy);
  assertRoles(roles, context.tenant);
  assertRoleMap(settings.roleMap, { roles, groups: [] }, context);
  const now = deps.now();
  assertInFuture(tokenExpiresAt, now, 'tokenExpiresAt');

  const connectionId = randomUUID();
  const clientId = createClientId();
  const { secret, hash } = createSecret(clientId);
  const newClient = buildAppClient(
    { fields: { clientId, name: settings.name, connectionId, roles }, hasSecret: true },
    context,
    now,
  );
  const appClient: AppClient = {
    ...newClient,
    secrets: newClient.secrets.map((info) => ({ ...info, expiresAt: tokenExpiresAt })),
  };
  const connection: Connection = {
    tenantId: context.tenant.tenantId,
    connectionId,
    appClientId: appClient.appClientId,
    ...settings,
    ...buildInitialVersion(context, now),
  };
  const { deadline } = context;
  const buildChange = <T extends Connection | AppClient>(after: T) => ({
    before: undefined,
    after,
    record: buildChangeRecord<T>({ action: 'create', after }, context),
    deadline,
  });
  const outcome = await deps.connections.write({
    ...buildChange(connection),
    appClient: { change: buildChange(appClient), hash },
  });
  if (outcome !== 'written') throw connectionLimitReached();
  return { connection, appClient: { ...appClient, groups: [] }, token: secret };
}

/** Lists the connections of the tenant. Throws `forbidden`. */
export async function listConnections(
  { limit, after }: { readonly limit: number; readonly after: Uuid | undefined },
  context: RequestContext,
  { policy, connections, appClients }: ConnectionDependencies,
): Promise<{ readonly views: readonly ConnectionView[]; readonly next: Uuid | undefined }> {
  policy.authorize(context, 'readConnection', {});
  const { tenantId } = context.tenant;
  const remaining = (await connections.list(tenantId)).filter(
    ({ connectionId }) => after === undefined || connectionId > after,
  );
  const page = remaining.slice(0, limit);
  const clients = await appClients.getAll(
    tenantId,
    page.map(({ appClientId }) => appClientId),
  );
  const views = page.flatMap((connection) => {
    const appClient = clients.get(connection.appClientId);
    return appClient ? [{ connection, appClient: { ...appClient, groups: [] } }] : [];
  });
  return { views, next: remaining.length > limit ? page.at(-1)?.connectionId : undefined };
}

/** Gets a connection. Throws `forbidden` or `not_found`. */
export async function getConnection(
  connectionId: Uuid | undefined,
  context: RequestContext,
  deps: ConnectionDependencies,
): Promise<ConnectionView> {
  deps.policy.authorize(context, 'readConnection', {});
  return readConnection(connectionId, context, deps);
}

interface UpdateConnectionInput {
  readonly target: ConnectionTarget;
  readonly settings: Partial<ConnectionSettings>;
  readonly roles?: readonly Slug[] | undefined;
}

/**
 * Changes settings of a connection, and the roles of its app client. Throws `forbidden`,
 * `not_found`, `precondition_failed`, `invalid_roles` or `invalid_input`.
 */
export function updateConnection(
  { target, settings, roles: slugs }: UpdateConnectionInput,
  context: RequestContext,
  deps: ConnectionDependencies,
): Promise<ConnectionView> {
  const roles = slugs && [...new Set(slugs)];
  const granted = [...(roles ?? []), ...Object.values(settings.roleMap ?? {})];
  authorizeConnectionWrite(granted, context, deps.policy);
  const change = ({ connection, appClient }: ConnectionView) => {
    const holder = { ...appClient, roles: roles ?? appClient.roles };
    assertRoles(roles ?? [], context.tenant, appClient.roles);
    if (settings.roleMap) assertRoleMap(settings.roleMap, holder, context, connection.roleMap);
    return {
      connection: settings,
      appClient: { roles: holder.roles, name: settings.name ?? connection.name },
    };
  };
  return changeConnection({ action: 'update', target, change }, context, deps);
}

/**
 * Deletes a connection and revokes its app client. Users and groups stay, and are no longer
 * managed. Throws `forbidden`, `not_found` or `precondition_failed`.
 */
export async function deleteConnection(
  target: ConnectionTarget,
  context: RequestContext,
  deps: ConnectionDependencies & { readonly endedMemberships: EndedMembershipStore },
): Promise<void> {
  authorizeConnectionWrite([], context, deps.policy);
  const change = () => {
    const revocation = { at: deps.now().toISOString(), by: context.principal.subject };
    return { appClient: { revocation, secrets: [] } };
  };
  const { connection } = await changeConnection(
    { action: 'delete', appClientAction: 'revoke', target, change },
    context,
    deps,
  );
  // Afterwards, because a revoked app client cannot become a member.
  const member = { kind: 'appClient', id: connection.appClientId } as const;
  await deps.endedMemberships.removeAll(connection.tenantId, member, context.deadline);
}

/**
 * Throws `invalid_input` for a role that does not exist or has permissions that the connection
 * lacks. A connection can grant only what it holds.
 */
function assertRoleMap(
  roleMap: Connection['roleMap'],
  holder: RoleHolder,
  { tenant }: RequestContext,
  current: Connection['roleMap'] = {},
): void {
  const permissions = collectAssignedPermissions(holder, tenant);
  const issues = Object.entries(roleMap).flatMap(([value, slug]) => {
    // Clients send back what they read, including deleted roles.
    if (current[value] === slug) return [];
    if (!tenant.roles.has(slug))
      return [{ path: `roleMap.${value}`, message: 'must be a role of this tenant' }];
    return findMissing(collectPermissions([slug], tenant.roles), permissions).length === 0
      ? []
      : [
          {
            path: `roleMap.${value}`,
            message: 'must be a role whose permissions the roles of the connection have',
          },
        ];
  });
  if (issues.length > 0) throw invalidInput(...issues);
}

const connectionLimitReached = (): Failure =>
  new Failure(
    'connection_limit_reached',
    `A tenant can have at most ${maxConnections} connections`,
  );
