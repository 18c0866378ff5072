import { randomUUID } from 'node:crypto';
import { type AppClient, createClientId } from './app-client.ts';
import type { RequestContext } from '../access/request-context.ts';
import { buildCredentialLimit } from '../credential-limits/credential-limit.ts';
import { buildInitialVersion, buildChangeRecord } from '../access/change-entity.ts';
import { Failure, invalidInput } from '../kernel/failure.ts';
import { toHex } from '../kernel/ids.ts';
import { assertRoles } from '../users/create-user.ts';
import {
  type AppClientDependencies,
  authorizeWrite,
  changeAppClient,
  isCaller,
  readAppClient,
  assertNotRevoked,
  type AppClientTarget,
} from './change-app-client.ts';
import { createSecretId, createSecret } from './create-secret.ts';

/** What an app client is made of. `expiresAt` is ISO 8601. */
export interface CreateAppClientInput
  extends Partial<
    Pick<
      AppClient,
      | 'name'
      | 'description'
      | 'callbackUrls'
      | 'logoutUrls'
      | 'loginUrls'
      | 'defaultLoginUrl'
      | 'expiresAt'
    >
  > {
  /** Slugs. */
  readonly roles: readonly string[];
  readonly generateSecret: boolean;
}

/** What is to be different about an app client: what is absent stays, null goes. */
export interface UpdateAppClientInput {
  readonly name?: string | null | undefined;
  readonly description?: string | null | undefined;
  readonly roles?: readonly string[] | undefined;
  readonly callbackUrls?: readonly string[] | undefined;
  readonly logoutUrls?: readonly string[] | undefined;
  readonly loginUrls?: readonly string[] | undefined;
  readonly defaultLoginUrl?: string | null | undefined;
  readonly expiresAt?: string | null | undefined;
}

/** An app client as it is shown: with when it was last used, if it ever was. */
export interface AppClientView {
  readonly appClient: AppClient;
  /** ISO 8601; exact to a minute. */
  readonly lastUsedAt: string | undefined;
}

/**
 * Makes an app client in the tenant of the call, with a secret unless it shall have none: this is the one time that the
 * secret is there to be shown. Throws `forbidden`, `invalid_roles`, `invalid_input` for an end that is past, or `unavailable`.
 */
export async function createAppClient(
  { generateSecret, roles, ...draft }: CreateAppClientInput,
  call: RequestContext,
  { policy, appClients, now }: AppClientDependencies,
): Promise<{ readonly appClient: AppClient; readonly secret: string | undefined }> {
  authorizeWrite(call, policy, roles, roles.length > 0);
  assertRoles(roles, call.tenant);
  assertInFuture(draft.expiresAt, now());

  const clientId = createClientId();
  const newSecret = generateSecret ? createSecret(clientId) : undefined;
  const initialVersion = buildInitialVersion(call, now());
  const limit = buildCredentialLimit(call, now());
  const appClient: AppClient = {
    callbackUrls: [],
    logoutUrls: [],
    loginUrls: [],
    ...draft,
    tenantId: call.tenant.tenantId,
    appClientId: toHex(randomUUID()),
    clientId,
    roles: [...new Set(roles)],
    secrets: newSecret
      ? [
          {
            secretId: createSecretId(),
            createdAt: initialVersion.createdAt,
            ...(limit && { limit }),
          },
        ]
      : [],
    ...initialVersion,
  };
  const record = buildChangeRecord('create', undefined, appClient, call);
  const change = { before: undefined, after: appClient, record, deadline: call.deadline };
  // Its ids are new: nobody can have been there before.
  if ((await appClients.write(change, newSecret?.hash)) !== 'written')
    throw new Error('the id of a new app client was in use');
  return { appClient, secret: newSecret?.secret };
}

/** A page of the tenant's app clients in the order of their ids, the revoked ones only where they are wanted; `next` is the id to go on behind. */
export async function listAppClients(
  page: { readonly after: string | undefined; readonly limit: number },
  { includeRevoked }: Pick<AppClientTarget, 'includeRevoked'>,
  call: RequestContext,
  { policy, appClients: store }: AppClientDependencies,
): Promise<{ readonly appClients: readonly AppClientView[]; readonly next: string | undefined }> {
  policy.authorize(call, 'readAppClient', {});
  const { tenantId } = call.tenant;
  const { appClients, more } = await store.list(tenantId, page);
  const visible = appClients.filter(({ revocation }) => includeRevoked || revocation === undefined);
  const ids = visible.map(({ appClientId }) => appClientId);
  const lastUsedTimes = await store.getLastUsedTimes(tenantId, ids);
  return {
    appClients: visible.map((appClient) => ({
      appClient,
      lastUsedAt: lastUsedTimes.get(appClient.appClientId),
    })),
    next: more ? appClients.at(-1)?.appClientId : undefined,
  };
}

/** The app client as it was last written. Throws `forbidden` or `not_found`. */
export async function getAppClient(
  target: Omit<AppClientTarget, 'ifMatch'>,
  call: RequestContext,
  { policy, appClients }: AppClientDependencies,
): Promise<AppClient> {
  policy.authorize(call, 'readAppClient', {});
  return readAppClient(target, call, appClients);
}

/** Changes what a patch names. Throws what creating throws, `not_found`, `precondition_failed`, and `app_client_revoked` for one that is revoked. */
export async function updateAppClient(
  target: AppClientTarget,
  patch: UpdateAppClientInput,
  call: RequestContext,
  deps: AppClientDependencies,
): Promise<AppClient> {
  authorizeWrite(call, deps.policy, patch.roles);
  const change = (appClient: AppClient): Partial<AppClient> => {
    assertNotRevoked(appClient);
    assertRoles(patch.roles ?? [], call.tenant, appClient.roles);
    if (patch.expiresAt !== appClient.expiresAt) assertInFuture(patch.expiresAt, deps.now());
    return buildUpdate(appClient, patch);
  };
  return changeAppClient({ action: 'update', target, change }, call, deps);
}

/**
 * Takes from an app client, for good, that it can call and that it can be named; its ids are never used again. Of one that is
 * revoked already nothing changes. Throws `forbidden`, `not_found`, `precondition_failed`, and `self_protected` where it is the caller itself.
 */
export async function revokeAppClient(
  target: AppClientTarget,
  call: RequestContext,
  deps: AppClientDependencies,
): Promise<AppClient> {
  authorizeWrite(call, deps.policy);
  const revoke = (appClient: AppClient): Partial<AppClient> => {
    if (isCaller(appClient, call))
      throw new Failure('self_protected', 'An app client cannot revoke itself');
    if (appClient.revocation) return {};
    return {
      revocation: { at: deps.now().toISOString(), by: call.principal.subject },
      secrets: [],
    };
  };
  return changeAppClient({ action: 'revoke', target, change: revoke }, call, deps);
}

function assertInFuture(expires: string | null | undefined, now: Date): void {
  if (expires != null && Date.parse(expires) <= now.getTime())
    throw invalidInput({ path: 'expiresAt', message: 'must be in the future' });
}

function buildUpdate(
  appClient: AppClient,
  { roles, ...plain }: UpdateAppClientInput,
): Partial<AppClient> {
  const named = Object.entries(plain).filter(([, value]) => value !== undefined);
  return {
    ...Object.fromEntries(named.map(([field, value]) => [field, value ?? undefined])),
    ...(roles !== undefined && { roles: [...new Set(roles)] }),
  };
}
