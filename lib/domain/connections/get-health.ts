import type { RequestContext } from '../access/request-context.ts';
import { type AppClient, selectActiveSecrets } from '../app-clients/app-client.ts';
import type { Uuid } from '../kernel/ids.ts';
import type { DurationMs, Timestamp } from '../kernel/time.ts';
import { type BrakeState, type BrakeStore, isHeld } from './brake.ts';
import { type ConnectionDependencies, readConnection } from './change-connection.ts';
import type { ConnectionLog, LogEntry } from './connection-log.ts';
import type { Connection } from './connection.ts';

/** User whose latest change failed again. */
export interface FailingUser {
  readonly userId: Uuid;
  readonly failures: number;
  readonly at: Timestamp;
  readonly status: number;
  readonly detail?: string | undefined;
}

export interface ConnectionHealth {
  /** Requests of the last 24 hours, at most the newest 1,000. */
  readonly requests: number;
  readonly failures: number;
  readonly lastSuccessAt?: Timestamp | undefined;
  readonly lastFailureAt?: Timestamp | undefined;
  /** Expiration of the token that expires last. Undefined if one does not expire. */
  readonly tokenExpiresAt?: Timestamp | undefined;
  readonly failingUsers: readonly FailingUser[];
  readonly brake: BrakeState & { readonly isHeld: boolean };
  /** Problems in words. */
  readonly warnings: readonly string[];
}

type Dependencies = ConnectionDependencies & {
  readonly connectionLog: Pick<ConnectionLog, 'list'>;
  readonly brakes: Pick<BrakeStore, 'get'>;
};

const periodMs: DurationMs = 24 * 3600 * 1000;
const expiryWarningMs: DurationMs = 30 * periodMs;
const maxEntries = 1000;
const pageSize = 500;
const maxFailingUsers = 20;
/** Fewer requests say nothing about the share of failures. */
const minRequests = 10;

/** Summarizes the last 24 hours of a connection. Throws `forbidden` or `not_found`. */
export async function getConnectionHealth(
  connectionId: Uuid | undefined,
  context: RequestContext,
  deps: Dependencies,
): Promise<ConnectionHealth> {
  deps.policy.authorize(context, 'readConnection', {});
  const { connection, appClient } = await readConnection(connectionId, context, deps);
  const now = deps.now();
  const [entries, brake] = await Promise.all([
    readEntries(connection, now, deps),
    deps.brakes.get(connection),
  ]);
  const failed = entries.filter(hasFailed);
  const facts = {
    requests: entries.length,
    failures: failed.length,
    lastSuccessAt: entries.find((entry) => !hasFailed(entry))?.at,
    lastFailureAt: failed[0]?.at,
    tokenExpiresAt: findTokenExpiration(appClient, now),
    failingUsers: findFailingUsers(entries),
    brake: { ...brake, isHeld: isHeld(connection, brake) },
  };
  return { ...facts, warnings: listWarnings(facts, { connection, appClient, now }) };
}

const hasFailed = ({ status }: LogEntry): boolean => status >= 400;

/** Reads the newest entries, newest first. */
async function readEntries(
  connection: Connection,
  now: Date,
  { connectionLog }: Pick<Dependencies, 'connectionLog'>,
): Promise<readonly LogEntry[]> {
  const from = new Date(now.getTime() - periodMs).toISOString();
  const entries: LogEntry[] = [];
  let after: string | undefined;
  do {
    const page = await connectionLog.list(connection, { limit: pageSize, after, from });
    entries.push(...page.entries.map(({ entry }) => entry));
    after = page.next;
  } while (after !== undefined && entries.length < maxEntries);
  return entries.slice(0, maxEntries);
}

function findTokenExpiration(appClient: AppClient, now: Date): Timestamp | undefined {
  const secrets = selectActiveSecrets(appClient, now);
  if (secrets.some(({ expiresAt }) => expiresAt === undefined)) return undefined;
  const times = secrets.map(({ expiresAt = '' }) => Date.parse(expiresAt));
  return times.length === 0 ? undefined : new Date(Math.max(...times)).toISOString();
}

/** Finds the users with several failed changes and no success after them. */
function findFailingUsers(entries: readonly LogEntry[]): readonly FailingUser[] {
  const byUser = Map.groupBy(
    entries.filter(({ userId, method }) => userId !== undefined && method !== 'GET'),
    ({ userId }) => userId as Uuid,
  );
  return [...byUser]
    .flatMap(([userId, [latest, ...earlier]]) => {
      if (!latest || !hasFailed(latest)) return [];
      const failures = 1 + earlier.filter(hasFailed).length;
      const { at, status, detail } = latest;
      return failures > 1 ? [{ userId, failures, at, status, detail }] : [];
    })
    .slice(0, maxFailingUsers);
}

interface WarningContext {
  readonly connection: Connection;
  readonly appClient: AppClient;
  readonly now: Date;
}

function listWarnings(
  { requests, failures, tokenExpiresAt, failingUsers, brake }: Omit<ConnectionHealth, 'warnings'>,
  { connection, appClient, now }: WarningContext,
): readonly string[] {
  const hasToken = selectActiveSecrets(appClient, now).length > 0;
  const expiresSoon =
    tokenExpiresAt !== undefined && Date.parse(tokenExpiresAt) - now.getTime() < expiryWarningMs;
  const { trippedAt, releasedAt } = brake;
  const isMarked =
    trippedAt !== undefined &&
    now.getTime() - Date.parse(trippedAt) < periodMs &&
    (releasedAt === undefined || releasedAt < trippedAt);
  const fails = requests >= minRequests && failures * 2 > requests;
  return [
    ...(connection.status === 'paused' ? ['The connection is paused. All its requests fail.'] : []),
    ...(hasToken ? [] : ['The connection has no active token. Create one.']),
    ...(expiresSoon ? [`The token expires at ${tokenExpiresAt}. Create another one.`] : []),
    ...(fails ? [describeFailures(connection, failures, requests)] : []),
    ...(requests === 0 ? ['No request has arrived in the last 24 hours.'] : []),
    ...(failingUsers.length > 0
      ? [`Changes of ${failingUsers.length} users fail repeatedly.`]
      : []),
    ...(isMarked ? [`The connection deprovisioned many users in an hour, at ${trippedAt}.`] : []),
    ...(brake.isHeld ? ['The connection deprovisions no users until you release its brake.'] : []),
  ];
}

const describeFailures = ({ provider }: Connection, failures: number, requests: number): string =>
  `${failures} of the last ${requests} requests failed.${provider === 'entra' ? ' Microsoft Entra ID quarantines a connection when most requests fail: it then synchronizes once a day, and stops after four weeks.' : ''}`;
