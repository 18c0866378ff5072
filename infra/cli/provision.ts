/** First tenant of a deployment and its app clients, written without an API request. */
import {
  createSecret,
  hashSecret,
  createSecretId,
} from '../../lib/domain/app-clients/create-secret.ts';
import { type AppClient, createClientId } from '../../lib/domain/app-clients/app-client.ts';
import type { AppClientStore } from '../../lib/domain/app-clients/app-client-store.ts';
import type { RequestContext } from '../../lib/domain/access/request-context.ts';
import {
  buildChangeRecord,
  buildInitialVersion,
  changeEntity,
} from '../../lib/domain/access/change-entity.ts';
import type { Connection } from '../../lib/domain/connections/connection.ts';
import type { Entity, EntityChange } from '../../lib/domain/kernel/entity.ts';
import { buildTenant, type CreateTenantInput } from '../../lib/domain/tenants/create-tenant.ts';
import type { Tenant } from '../../lib/domain/tenants/tenant.ts';
import { buildCreationRecord } from '../../lib/domain/users/new-user.ts';
import { createAppClientStore } from '../../lib/store/app-clients/app-client-store.ts';
import { createConnectionStore } from '../../lib/store/connections/connection-store.ts';
import type { Tables } from '../../lib/store/dynamodb/tables.ts';
import { putTenant } from '../../lib/store/tenants/put-tenant.ts';
import { createTenantStore } from '../../lib/store/tenants/tenant-store.ts';

const timeoutMs = 15_000;

/** The operator has AWS credentials, so no policy applies. */
const createBootstrapContext = (tenant: Pick<Tenant, 'tenantId'>): RequestContext => ({
  principal: {
    issuer: 'bootstrap',
    subject: 'bootstrap',
    subjectIsUser: false,
    component: 'bootstrap',
    systemAdministrator: true,
    roles: [],
    groups: [],
    assigned: { roles: [], groups: [] },
    permissions: [],
  },
  tenant: tenant as RequestContext['tenant'],
  dialect: 'native',
  requestId: 'bootstrap',
  deadline: Date.now() + timeoutMs,
  decisions: [],
});

/** Existing tenant and its owner, if it has one. */
export type ProvisionedTenant = Pick<Tenant, 'tenantId' | 'ownerUserId'>;

/**
 * Returns the tenant with this slug. A missing tenant is created, and its owner is invited by
 * email. `linkKeyId` names the key that signs new links. Throws `slug_taken` for the slug of a
 * deleted tenant.
 */
export async function provisionTenant(
  draft: CreateTenantInput & { readonly slug: string; readonly origin: string },
  linkKeyId: string,
  tables: Tables,
): Promise<ProvisionedTenant> {
  const find = async (): Promise<ProvisionedTenant | undefined> => {
    const tenants = createTenantStore(tables, Date.now, []);
    const tenantId = await tenants.findIdBySlug(draft.slug);
    // The slug of a deleted tenant stays reserved.
    const tenant = tenantId === undefined ? undefined : await tenants.findCurrent(tenantId);
    return tenant && { tenantId: tenant.tenantId, ownerUserId: tenant.ownerUserId };
  };
  const existing = await find();
  if (existing) return existing;

  const call = createBootstrapContext({ tenantId: '' });
  const settings = {
    now: () => new Date(),
    linkKeyId,
    invitationDays: 7,
    tenantHostSuffix: undefined,
  };
  const { tenant, owner } = buildTenant(draft, call, settings);
  const creation = buildCreationRecord(call);
  const { deadline } = call;
  const record = buildChangeRecord({ action: 'create', after: tenant }, call);
  try {
    await putTenant(tables, tenant, {
      record,
      owner: owner && { user: owner, creation },
      deadline,
      now: Date.now,
    });
    return tenant;
  } catch (error) {
    // Another run may have created it.
    const theirs = await find();
    if (theirs === undefined) throw error;
    return theirs;
  }
}

/** App client to provision. Without `secret` and `clientId`, new ones are generated. */
interface ProvisionAppClientInput
  extends Pick<AppClient, 'tenantId' | 'name' | 'roles'>,
    Partial<Pick<AppClient, 'clientId' | 'systemAdministrator'>> {
  /** Unique in the tenant, so a second run finds the same app client. */
  readonly appClientId: string;
  readonly secret?: string;
}

/** Client ID and secret. The secret is only present for a new app client. */
export interface Credentials {
  readonly clientId: string;
  readonly clientSecret: string | undefined;
}

/** Returns the app client with this ID. A missing app client is created. */
export async function provisionAppClient(
  { secret: given, clientId = createClientId(), ...named }: ProvisionAppClientInput,
  tables: Tables,
): Promise<Credentials> {
  const store = createAppClientStore(tables, Date.now);
  const call = createBootstrapContext(named);
  const { secret, hash } =
    given === undefined ? createSecret(clientId) : { secret: given, hash: hashSecret(given) };
  const change = buildCreation(buildAppClient({ ...named, clientId }, call), call);
  if ((await store.write(change, hash)) === 'written') return { clientId, clientSecret: secret };
  return { clientId: (await findTenant(store, named)).clientId, clientSecret: undefined };
}

/** Builds an app client with one secret. */
const buildAppClient = (
  fields: Pick<AppClient, 'tenantId' | 'appClientId' | 'clientId' | 'name' | 'roles'>,
  call: RequestContext,
): AppClient => {
  const first = buildInitialVersion(call, new Date());
  return {
    ...fields,
    callbackUrls: [],
    logoutUrls: [],
    loginUrls: [],
    secrets: [{ secretId: createSecretId(), createdAt: first.createdAt }],
    ...first,
  };
};

const buildCreation = <T extends Entity>(after: T, call: RequestContext) => ({
  before: undefined,
  after,
  record: buildChangeRecord<T>({ action: 'create', after }, call),
  deadline: call.deadline,
});

/** SCIM connection to provision, with the app client whose secret is its token. */
type ProvisionConnectionInput = Omit<Connection, keyof Entity> & {
  readonly clientId: string;
  readonly token: string;
  /** Slugs. */
  readonly roles: readonly string[];
};

/** Creates a SCIM connection, unless one with these IDs exists. False if it was deleted. */
export async function provisionConnection(
  { clientId, token, roles, ...fields }: ProvisionConnectionInput,
  tables: Tables,
): Promise<boolean> {
  const { tenantId, connectionId, appClientId, name } = fields;
  const store = createConnectionStore(tables, Date.now);
  const call = createBootstrapContext(fields);
  const connection = { ...fields, ...buildInitialVersion(call, new Date()) };
  const owned = { tenantId, appClientId, clientId, name, roles, connectionId };
  const outcome = await store.write({
    ...buildCreation<Connection>(connection, call),
    appClient: {
      change: buildCreation(buildAppClient(owned, call), call),
      hash: hashSecret(token),
    },
  });
  return outcome === 'written' || (await store.get(tenantId, connectionId)) !== undefined;
}

/** Replaces all secrets of an app client with a new one, for operators who lost them. */
export async function renewSecret(
  which: Pick<AppClient, 'tenantId' | 'appClientId'>,
  tables: Tables,
): Promise<Credentials> {
  const store = createAppClientStore(tables, Date.now);
  const { clientId } = await findTenant(store, which);
  const { secret, hash } = createSecret(clientId);
  const intent = {
    action: 'rotateSecret' as const,
    read: () => findTenant(store, which),
    change: () => ({
      secrets: [{ secretId: createSecretId(), createdAt: new Date().toISOString() }],
    }),
    write: (change: EntityChange<AppClient>) => store.write(change, hash),
  };
  await changeEntity(intent, createBootstrapContext(which), () => new Date());
  return { clientId, clientSecret: secret };
}

async function findTenant(
  store: AppClientStore,
  { tenantId, appClientId }: Pick<AppClient, 'tenantId' | 'appClientId'>,
): Promise<AppClient> {
  const appClient = await store.get(tenantId, appClientId);
  if (appClient === undefined) throw new Error(`The tenant has no app client ${appClientId}.`);
  return appClient;
}
