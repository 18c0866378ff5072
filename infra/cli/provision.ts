/** What is set up by hand, outside of any request: the first tenant of a deployment, and the app clients to begin with. */
import { createSecret, hashSecret } from '../../lib/domain/app-clients/create-secret.ts';
import {
  type AppClient,
  type AppClientStore,
  createClientId,
} from '../../lib/domain/app-clients/app-client.ts';
import type { RequestContext } from '../../lib/domain/access/request-context.ts';
import {
  changeEntity,
  type EntityChange,
  buildInitialVersion,
  buildChangeRecord,
} from '../../lib/domain/access/change-entity.ts';
import { createSecretId } from '../../lib/domain/app-clients/change-app-client.ts';
import { buildTenant, type CreateTenantInput } from '../../lib/domain/tenants/create-tenant.ts';
import type { Tenant } from '../../lib/domain/tenants/tenant.ts';
import { appClientStore } from '../../lib/store/app-clients/app-client-store.ts';
import type { Tables } from '../../lib/store/dynamodb/tables.ts';
import { createTenant, tenantStore } from '../../lib/store/tenants/tenant-store.ts';

/** Milliseconds that a write may take. */
const patience = 15_000;

/** Whoever has the keys of the account is asked by nobody what they may. */
const callOf = (tenant: Pick<Tenant, 'tenantId'>): RequestContext => ({
  principal: {
    issuer: 'bootstrap',
    subject: 'bootstrap',
    subjectIsUser: false,
    systemAdministrator: true,
    roles: [],
    permissions: [],
  },
  tenant: tenant as RequestContext['tenant'],
  dialect: 'native',
  requestId: 'bootstrap',
  deadline: Date.now() + patience,
  decisions: [],
});

/** A tenant that is there, and its owner if it has one. */
export type SetUpTenant = Pick<Tenant, 'tenantId' | 'ownerUserId'>;

/**
 * The tenant with this slug: as it is if there is one, else made, with its owner, who is invited by mail. `linkKeyId` is
 * that of the key which signs new links.
 */
export async function setUpTenant(
  draft: CreateTenantInput & { readonly origin: string },
  linkKeyId: string,
  tables: Tables,
): Promise<SetUpTenant> {
  const find = async (): Promise<SetUpTenant | undefined> => {
    const tenants = tenantStore(tables, Date.now);
    const tenantId = await tenants.findIdBySlug(draft.slug);
    return tenantId === undefined
      ? undefined
      : { tenantId, ownerUserId: await tenants.getOwnerId(tenantId) };
  };
  const existing = await find();
  if (existing) return existing;

  const call = callOf({ tenantId: '' });
  const settings = {
    now: () => new Date(),
    linkKeyId,
    invitationDays: 7,
    tenantHostSuffix: undefined,
  };
  const { tenant, owner } = buildTenant(draft, call, settings);
  const creation = { requestId: call.requestId, issuer: call.principal.issuer, policies: [] };
  const { deadline } = call;
  const record = buildChangeRecord('create', undefined, tenant, call);
  try {
    await createTenant(tables, tenant, {
      record,
      owner: { user: owner, creation },
      deadline,
      now: Date.now,
    });
    return tenant;
  } catch (error) {
    // Somebody else may have been faster.
    const theirs = await find();
    if (theirs === undefined) throw error;
    return theirs;
  }
}

/** An app client as it is set up. Without a `secret` and a `clientId` of its own it gets new ones. */
interface AppClientSetUp
  extends Pick<AppClient, 'tenantId' | 'name' | 'roles'>,
    Partial<Pick<AppClient, 'clientId' | 'systemAdministrator'>> {
  /** Unique in the tenant: who sets it up once more finds it there. */
  readonly appClientId: string;
  readonly secret?: string;
}

/** What an app client calls itself, and the secret with which it does; the secret only of one that is new. */
export interface Credentials {
  readonly clientId: string;
  readonly clientSecret: string | undefined;
}

/** The app client with this id: as it is if there is one, else made. */
export async function setUpAppClient(
  { secret: given, clientId = createClientId(), ...named }: AppClientSetUp,
  tables: Tables,
): Promise<Credentials> {
  const store = appClientStore(tables, Date.now);
  const call = callOf(named);
  const { secret, hash } =
    given === undefined ? createSecret(clientId) : { secret: given, hash: hashSecret(given) };
  const first = buildInitialVersion(call, new Date());
  const after: AppClient = {
    ...named,
    clientId,
    callbackUrls: [],
    logoutUrls: [],
    loginUrls: [],
    secrets: [{ secretId: createSecretId(), createdTime: first.createdTime }],
    ...first,
  };
  const change = {
    before: undefined,
    after,
    record: buildChangeRecord('create', undefined, after, call),
    deadline: call.deadline,
  };
  if ((await store.write(change, hash)) === 'written') return { clientId, clientSecret: secret };
  return { clientId: (await found(store, named)).clientId, clientSecret: undefined };
}

/** A new secret of an app client that is there, in the place of all that it had: for who has lost them. */
export async function renewSecret(
  which: Pick<AppClient, 'tenantId' | 'appClientId'>,
  tables: Tables,
): Promise<Credentials> {
  const store = appClientStore(tables, Date.now);
  const { clientId } = await found(store, which);
  const { secret, hash } = createSecret(clientId);
  const intent = {
    action: 'rotateSecret',
    read: () => found(store, which),
    change: () => ({
      secrets: [{ secretId: createSecretId(), createdTime: new Date().toISOString() }],
    }),
    write: (change: EntityChange<AppClient>) => store.write(change, hash),
  };
  await changeEntity(intent, callOf(which), () => new Date());
  return { clientId, clientSecret: secret };
}

async function found(
  store: AppClientStore,
  { tenantId, appClientId }: Pick<AppClient, 'tenantId' | 'appClientId'>,
): Promise<AppClient> {
  const appClient = await store.get(tenantId, appClientId);
  if (appClient === undefined) throw new Error(`The tenant has no app client ${appClientId}.`);
  return appClient;
}
