import { type AppClient, createClientId } from './app-client.ts';
import type { RequestContext } from '../access/request-context.ts';
import { buildChangeRecord } from '../access/change-entity.ts';
import type { EndedMembershipStore } from '../groups/group-store.ts';
import { Failure, invalidInput } from '../kernel/failure.ts';
import { toChangedFields } from '../kernel/json-merge-patch.ts';
import type { Timestamp } from '../kernel/time.ts';
import { assertRoles } from '../roles/assert-roles.ts';
import { selectEffectiveRoles } from '../roles/effective-roles.ts';
import {
  type AppClientDependencies,
  authorizeWrite,
  changeAppClient,
  isCaller,
  readAppClient,
  assertNotRevoked,
  type AppClientTarget,
} from './change-app-client.ts';
import { createSecret } from './create-secret.ts';
import { buildAppClient } from './new-app-client.ts';

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
  /** Slugs. Default: the caller's roles that the caller can grant. */
  readonly roles?: readonly string[] | undefined;
  readonly generateSecret: boolean;
}

/** Changes to an app client. Absent fields are kept, null removes a field. */
export interface UpdateAppClientInput {
  readonly name?: string | null | undefined;
  readonly description?: string | null | undefined;
  readonly roles?: readonly string[] | undefined;
  readonly callbackUrls?: readonly string[] | undefined;
  readonly logoutUrls?: readonly string[] | undefined;
  readonly loginUrls?: readonly string[] | undefined;
  readonly defaultLoginUrl?: string | null | undefined;
  readonly expiresAt?: Timestamp | null | undefined;
}

export interface AppClientView {
  readonly appClient: AppClient;
  /** Exact to a minute. Undefined if never used. */
  readonly lastUsedAt: Timestamp | undefined;
}

/**
 * Creates an app client. Its secret is returned only here. Throws `forbidden`, `invalid_roles`,
 * `invalid_input` for an expiration in the past, and `unavailable`.
 */
export async function createAppClient(
  { generateSecret, ...input }: CreateAppClientInput,
  context: RequestContext,
  { policy, appClients, now }: AppClientDependencies,
): Promise<{ readonly appClient: AppClient; readonly secret: string | undefined }> {
  const { roles = selectEffectiveRoles(context), ...fields } = input;
  authorizeWrite({ roles, assignsRoles: roles.length > 0 }, context, policy);
  assertRoles(roles, context.tenant);
  assertInFuture(fields.expiresAt, now());

  const clientId = createClientId();
  const newSecret = generateSecret ? createSecret(clientId) : undefined;
  const appClient: AppClient = buildAppClient(
    { fields: { ...fields, clientId, roles: [...new Set(roles)] }, hasSecret: generateSecret },
    context,
    now(),
  );
  const record = buildChangeRecord({ action: 'create', after: appClient }, context);
  const change = { before: undefined, after: appClient, record, deadline: context.deadline };
  // New IDs cannot conflict.
  if ((await appClients.write(change, newSecret?.hash)) !== 'written')
    throw new Error('The ID of a new app client is in use');
  return { appClient, secret: newSecret?.secret };
}

interface AppClientPage {
  readonly after: string | undefined;
  readonly limit: number;
  readonly includeRevoked: boolean;
}

/** Lists app clients in the order of their IDs. `next` is the `after` of the next page. */
export async function listAppClients(
  { includeRevoked, ...page }: AppClientPage,
  context: RequestContext,
  { policy, appClients: store }: AppClientDependencies,
): Promise<{ readonly appClients: readonly AppClientView[]; readonly next: string | undefined }> {
  policy.authorize(context, 'readAppClient', {});
  const { tenantId } = context.tenant;
  const { appClients, hasMore } = await store.list(tenantId, page);
  const visible = appClients.filter(({ revocation }) => includeRevoked || revocation === undefined);
  const ids = visible.map(({ appClientId }) => appClientId);
  const lastUsedTimes = await store.getLastUsedTimes(tenantId, ids);
  return {
    appClients: visible.map((appClient) => ({
      appClient,
      lastUsedAt: lastUsedTimes.get(appClient.appClientId),
    })),
    next: hasMore ? appClients.at(-1)?.appClientId : undefined,
  };
}

/** Gets an app client. Throws `forbidden` or `not_found`. */
export async function getAppClient(
  target: Omit<AppClientTarget, 'ifMatch'>,
  context: RequestContext,
  { policy, appClients }: AppClientDependencies,
): Promise<AppClient> {
  policy.authorize(context, 'readAppClient', {});
  return readAppClient(target, context, appClients);
}

/**
 * Updates an app client. Throws like `createAppClient`, and `not_found`, `precondition_failed` or
 * `app_client_revoked`.
 */
export async function updateAppClient(
  { target, input }: { readonly target: AppClientTarget; readonly input: UpdateAppClientInput },
  context: RequestContext,
  deps: AppClientDependencies,
): Promise<AppClient> {
  authorizeWrite(input, context, deps.policy);
  const change = (appClient: AppClient): Partial<AppClient> => {
    assertNotRevoked(appClient);
    assertRoles(input.roles ?? [], context.tenant, appClient.roles);
    if (input.expiresAt !== appClient.expiresAt) assertInFuture(input.expiresAt, deps.now());
    return toChanges(input);
  };
  return changeAppClient({ action: 'update', target, change }, context, deps);
}

/**
 * Revokes an app client permanently, and removes its secrets and memberships. Throws `forbidden`,
 * `not_found`, `precondition_failed`, and `self_protected` for the caller itself.
 */
export async function revokeAppClient(
  target: AppClientTarget,
  context: RequestContext,
  deps: AppClientDependencies & { readonly endedMemberships: EndedMembershipStore },
): Promise<AppClient> {
  authorizeWrite({}, context, deps.policy);
  const revoke = (appClient: AppClient): Partial<AppClient> => {
    if (isCaller(appClient, context))
      throw new Failure('self_protected', 'An app client cannot revoke itself');
    if (appClient.revocation) return {};
    return {
      revocation: { at: deps.now().toISOString(), by: context.principal.subject },
      secrets: [],
    };
  };
  const revoked = await changeAppClient(
    { action: 'revoke', target, change: revoke },
    context,
    deps,
  );
  // Afterwards, because a revoked app client cannot become a member.
  const { tenantId, appClientId: id } = revoked;
  await deps.endedMemberships.removeAll(tenantId, { kind: 'appClient', id }, context.deadline);
  return revoked;
}

export function assertInFuture(
  expiresAt: Timestamp | null | undefined,
  now: Date,
  path = 'expiresAt',
): void {
  if (expiresAt != null && Date.parse(expiresAt) <= now.getTime())
    throw invalidInput({ path, message: 'must be in the future' });
}

function toChanges({ roles, ...plain }: UpdateAppClientInput): Partial<AppClient> {
  return {
    ...toChangedFields(plain),
    ...(roles !== undefined && { roles: [...new Set(roles)] }),
  };
}
