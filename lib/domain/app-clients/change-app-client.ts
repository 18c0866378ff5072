import type { ChangeAction } from '../feed/find-event-type.ts';
import type { AppClient, AppClientWithGroups } from './app-client.ts';
import type { AppClientStore } from './app-client-store.ts';
import type { RequestContext } from '../access/request-context.ts';
import { changeEntity } from '../access/change-entity.ts';
import type { IfMatch } from '../kernel/entity.ts';
import { assertHoldsPermissions, exceedsCaller } from '../access/assert-holds-permissions.ts';
import { Failure } from '../kernel/failure.ts';
import type { Policy } from '../access/policy.ts';
import { collectAssignedPermissions, type RoleHolder } from '../groups/group-roles.ts';
import { collectPermissions } from '../roles/role.ts';

export interface AppClientDependencies {
  readonly policy: Policy;
  readonly appClients: AppClientStore;
  readonly now: () => Date;
}

/** App client that an operation reads or changes. */
export interface AppClientTarget {
  /** Undefined for a malformed ID. */
  readonly appClientId: string | undefined;
  readonly ifMatch: IfMatch;
  /** False to treat a revoked app client as missing. */
  readonly includeRevoked: boolean;
}

const appClientNotFound = (): Failure =>
  new Failure('not_found', 'The app client does not exist in this tenant');

const managedByConnection = (): Failure =>
  new Failure(
    'managed_by_connection',
    'The app client belongs to a SCIM connection. Change the connection instead.',
  );

interface AppClientChange {
  /** Action in the change record. */
  readonly action: ChangeAction<'appClient'>;
  readonly target: AppClientTarget;
  /** Returns the fields to change. Runs again after a concurrent change. */
  readonly change: (appClient: AppClient) => Partial<AppClient>;
  /** Returns the hash of the secret that the change has added. */
  readonly hash?: () => string | undefined;
}

/** Changes an app client. Throws `forbidden` if it has permissions that the caller lacks. */
export const changeAppClient = (
  { action, target, change, hash }: AppClientChange,
  context: RequestContext,
  { appClients, now }: AppClientDependencies,
): Promise<AppClient> =>
  changeEntity(
    {
      action,
      read: async () => {
        const appClient = await readAppClient(target, context, appClients);
        if (appClient.connectionId !== undefined) throw managedByConnection();
        assertWithinCallerPermissions(context, appClient);
        return appClient;
      },
      ifMatch: target.ifMatch,
      change,
      write: (entityChange) => appClients.write(entityChange, hash?.()),
    },
    context,
    now,
  );

interface RoleAssignment {
  /** Roles that the app client gets. Undefined to keep its roles. */
  readonly roles?: readonly string[] | undefined;
  /** True by default if `roles` is given, even if it is empty. */
  readonly assignsRoles?: boolean;
}

/** Throws `forbidden` unless the caller can write an app client with these roles. */
export function authorizeWrite(
  { roles, assignsRoles = roles !== undefined }: RoleAssignment,
  context: RequestContext,
  policy: Policy,
): void {
  policy.authorize(context, 'writeAppClient', {
    grantedPermissions: collectPermissions(roles ?? [], context.tenant.roles),
    assignsRoles,
  });
}

/** Throws `app_client_revoked`. */
export function assertNotRevoked({ revocation }: AppClient): void {
  if (revocation) throw new Failure('app_client_revoked', 'This app client is permanently revoked');
}

/** True if the app client is the caller. */
export const isCaller = (
  { tenantId, appClientId }: AppClient,
  { principal }: RequestContext,
): boolean =>
  principal.appClient?.tenantId === tenantId && principal.appClient.appClientId === appClientId;

/** Reads an app client, strongly consistent. Throws `not_found`. */
export async function readAppClient(
  { appClientId, includeRevoked }: Omit<AppClientTarget, 'ifMatch'>,
  context: RequestContext,
  store: AppClientStore,
): Promise<AppClientWithGroups> {
  const appClient =
    appClientId === undefined ? undefined : await store.get(context.tenant.tenantId, appClientId);
  if (!appClient || (appClient.revocation && !includeRevoked)) throw appClientNotFound();
  return appClient;
}

/**
 * Throws `forbidden` if the app client has permissions that the caller lacks. Prevents privilege
 * escalation: a caller who can create a secret can call as the app client.
 */
export function assertWithinCallerPermissions(
  context: RequestContext,
  appClient: RoleHolder & Pick<AppClient, 'systemAdministrator'>,
): void {
  const grantee = { subject: 'This app client', action: 'change only app clients' };
  assertHoldsPermissions(collectAssignedPermissions(appClient, context.tenant), context, grantee);
  if (appClient.systemAdministrator && !context.principal.systemAdministrator)
    throw exceedsCaller(grantee);
}
