import type { AppClient } from './app-client.ts';
import type { AppClientStore } from './app-client-store.ts';
import type { RequestContext } from '../access/request-context.ts';
import { changeEntity, type IfMatch } from '../access/change-entity.ts';
import { Failure } from '../kernel/failure.ts';
import { findMissing } from '../access/missing-permissions.ts';
import type { Policy } from '../access/policy.ts';
import { collectPermissions } from '../roles/role.ts';

export interface AppClientDependencies {
  readonly policy: Policy;
  readonly appClients: AppClientStore;
  readonly now: () => Date;
}

/** Which app client is meant, and which version of it (`If-Match`). */
export interface AppClientTarget {
  /** Undefined for what cannot be the id of one. */
  readonly appClientId: string | undefined;
  readonly ifMatch: IfMatch;
  /** Whether one that is revoked is there all the same. */
  readonly includeRevoked: boolean;
}

/** No such app client, or not in this tenant: one answer. */
const appClientNotFound = (): Failure =>
  new Failure('not_found', 'There is no such app client in this tenant');

interface AppClientChange {
  /** The name of the action in the record. */
  readonly action: string;
  readonly target: AppClientTarget;
  /** What is to be different, or throws. It may be asked again, when somebody else came first. */
  readonly change: (appClient: AppClient) => Partial<AppClient>;
  /** Of the secret that the change has made. */
  readonly hash?: () => string | undefined;
}

/** Changes an app client that the policies let the caller change, and that may do nothing that the caller may not. */
export const changeAppClient = (
  { action, target, change, hash }: AppClientChange,
  call: RequestContext,
  { appClients, now }: AppClientDependencies,
): Promise<AppClient> =>
  changeEntity(
    {
      action,
      read: async () => {
        const appClient = await readAppClient(target, call, appClients);
        assertWithinCallerPermissions(call, appClient);
        return appClient;
      },
      ifMatch: target.ifMatch,
      change,
      write: (written) => appClients.write(written, hash?.()),
    },
    call,
    now,
  );

/** Asks whether the call may write an app client that is given these roles; undefined for a write that names none. A change to none assigns roles too. */
export function authorizeWrite(
  call: RequestContext,
  policy: Policy,
  roles?: readonly string[],
  assignsRoles = roles !== undefined,
): void {
  policy.authorize(call, 'writeAppClient', {
    grantedPermissions: collectPermissions(roles ?? [], call.tenant.roles),
    assignsRoles,
  });
}

/** Returns the app client. Throws `app_client_revoked` if it is revoked. */
export function assertNotRevoked(appClient: AppClient): AppClient {
  if (appClient.revocation)
    throw new Failure('app_client_revoked', 'This app client is permanently revoked');
  return appClient;
}

/** Whether it is the app client that calls. */
export const isCaller = (
  { tenantId, appClientId }: AppClient,
  { principal }: RequestContext,
): boolean =>
  principal.appClient?.tenantId === tenantId && principal.appClient.appClientId === appClientId;

/** The app client as it was last written. Throws `not_found`. */
export async function readAppClient(
  { appClientId, includeRevoked }: Omit<AppClientTarget, 'ifMatch'>,
  call: RequestContext,
  store: AppClientStore,
): Promise<AppClient> {
  const appClient =
    appClientId === undefined ? undefined : await store.get(call.tenant.tenantId, appClientId);
  if (!appClient || (appClient.revocation && !includeRevoked)) throw appClientNotFound();
  return appClient;
}

/** Whoever could make a secret of an app client with more rights could call as it. */
function assertWithinCallerPermissions(
  { principal, tenant }: RequestContext,
  { roles, systemAdministrator }: AppClient,
): void {
  if (principal.systemAdministrator) return;
  const permissions = collectPermissions(roles, tenant.roles);
  if (
    !systemAdministrator &&
    permissions.every((permission) => principal.permissions.includes(permission))
  )
    return;
  throw new Failure('forbidden', 'This app client has permissions that you do not have', {
    notices: [
      'Nobody can change an app client that holds a permission which they do not hold themselves.',
    ],
    missingPermissions: findMissing(permissions, principal.permissions),
  });
}
