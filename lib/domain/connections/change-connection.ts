import {
  buildAuditEntry,
  buildChangeRecord,
  buildNextVersion,
  diffFields,
  retryStaleWrite,
} from '../access/change-entity.ts';
import type { Policy } from '../access/policy.ts';
import type { RequestContext } from '../access/request-context.ts';
import type { AppClientStore } from '../app-clients/app-client-store.ts';
import type { AppClient, AppClientWithGroups } from '../app-clients/app-client.ts';
import { assertWithinCallerPermissions } from '../app-clients/change-app-client.ts';
import type { ChangeAction } from '../feed/find-event-type.ts';
import { type ChangeRecord, collectPreviousValues } from '../kernel/change-record.ts';
import type { EntityChange, IfMatch } from '../kernel/entity.ts';
import { Failure } from '../kernel/failure.ts';
import type { Slug, Uuid } from '../kernel/ids.ts';
import { collectPermissions } from '../roles/role.ts';
import type { ConnectionChange, ConnectionStore } from './connection-store.ts';
import type { Connection } from './connection.ts';

export interface ConnectionDependencies {
  readonly policy: Policy;
  readonly connections: ConnectionStore;
  readonly appClients: AppClientStore;
  readonly now: () => Date;
}

/** Connection that an operation reads or changes. */
export interface ConnectionTarget {
  /** Undefined for a malformed ID. */
  readonly connectionId: Uuid | undefined;
  readonly ifMatch?: IfMatch;
}

/** Connection with the app client whose secrets are its tokens. */
export interface ConnectionView {
  readonly connection: Connection;
  readonly appClient: AppClientWithGroups;
}

/** Throws `forbidden`, also for roles whose permissions the caller lacks. */
export const authorizeConnectionWrite = (
  roles: readonly Slug[],
  context: RequestContext,
  policy: Policy,
): void =>
  policy.authorize(context, 'writeConnection', {
    grantedPermissions: collectPermissions(roles, context.tenant.roles),
  });

/** Gets a connection of the tenant with its app client. Throws `not_found`. */
export async function readConnection(
  connectionId: Uuid | undefined,
  { tenant: { tenantId } }: RequestContext,
  { connections, appClients }: Pick<ConnectionDependencies, 'connections' | 'appClients'>,
): Promise<ConnectionView> {
  const connection =
    connectionId === undefined ? undefined : await connections.get(tenantId, connectionId);
  if (!connection) throw new Failure('not_found', 'The connection does not exist in this tenant');
  const appClient = await appClients.get(tenantId, connection.appClientId);
  if (!appClient) throw new Error('The connection has no app client');
  return { connection, appClient };
}

/** Fields to change. */
interface Changes {
  readonly connection?: Partial<Connection>;
  readonly appClient?: Partial<AppClient>;
}

interface ConnectionUpdate {
  /** Actions in the change records. */
  readonly action: ChangeAction<'connection'>;
  readonly appClientAction?: ChangeAction<'appClient'>;
  readonly target: ConnectionTarget;
  /** Returns the fields to change. Runs again after a concurrent change. */
  readonly change: (view: ConnectionView) => Changes;
  /** Returns the hash of the secret that the change has added. */
  readonly hash?: () => string | undefined;
}

/**
 * Changes a connection and its app client in one transaction. The version of the connection changes
 * with either. The action `delete` deletes the connection. Throws `not_found`,
 * `precondition_failed`, or `forbidden` if the app client has permissions that the caller lacks.
 */
export async function changeConnection(
  { action, appClientAction = 'update', target, change, hash }: ConnectionUpdate,
  context: RequestContext,
  deps: ConnectionDependencies,
): Promise<ConnectionView> {
  let view: ConnectionView | undefined;
  const getView = (): ConnectionView => {
    if (!view) throw new Error('The connection was not read');
    return view;
  };
  const read = async (): Promise<Connection> => {
    view = await readConnection(target.connectionId, context, deps);
    assertWithinCallerPermissions(context, view.appClient);
    return view.connection;
  };
  const build = async (before: Connection): Promise<ConnectionChange | undefined> => {
    const { appClient } = getView();
    const changes = change({ connection: before, appClient });
    const client = buildClientChange(
      { before: appClient, changes: changes.appClient ?? {}, action: appClientAction },
      context,
      deps.now(),
    );
    const updated = { ...before, ...changes.connection };
    const isDeletion = action === 'delete';
    if (!isDeletion && !client && diffFields<Connection>(before, updated).length === 0)
      return undefined;
    const after = { ...updated, ...buildNextVersion(before, context, deps.now()) };
    view = { connection: after, appClient: { ...appClient, ...client?.after } };
    return {
      before,
      after,
      record: isDeletion
        ? buildDeletionRecord(before, after, context)
        : buildChangeRecord({ action, before, after }, context),
      deadline: context.deadline,
      isDeletion,
      ...(client && { appClient: { change: client, hash: hash?.() } }),
    };
  };
  const write = async (entityChange: ConnectionChange) =>
    (await deps.connections.write(entityChange)) === 'written' ? 'written' : 'stale';
  await retryStaleWrite({ read, ifMatch: target.ifMatch, build, write }, context, deps.now);
  return getView();
}

interface ClientChange {
  readonly before: AppClient;
  readonly changes: Partial<AppClient>;
  readonly action: ChangeAction<'appClient'>;
}

/** Builds the change of an app client. Undefined if nothing changes. */
function buildClientChange(
  { before, changes, action }: ClientChange,
  context: RequestContext,
  now: Date,
): EntityChange<AppClient> | undefined {
  const updated = { ...before, ...changes };
  if (diffFields(before, updated).length === 0) return undefined;
  const after = { ...updated, ...buildNextVersion(before, context, now) };
  const record = buildChangeRecord({ action, before, after }, context);
  return { before, after, record, deadline: context.deadline };
}

/** Names of the fields that the record of a deletion contains. */
const recordedFields = [
  'name',
  'provider',
  'authProvider',
  'onUnmanagedMatch',
  'roleMap',
  'extension',
  'changePassword',
  'lockManaged',
  'status',
] as const satisfies readonly (keyof Connection)[];

const buildDeletionRecord = (
  before: Connection,
  after: Required<Pick<Connection, 'version' | 'updatedAt'>>,
  context: RequestContext,
): ChangeRecord => ({
  version: after.version,
  action: 'delete',
  ...buildAuditEntry(context, after.updatedAt),
  ...collectPreviousValues({
    before,
    after: {},
    fields: recordedFields.filter((name) => before[name] !== undefined),
  }),
});
