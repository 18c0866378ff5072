import type { RequestContext } from '../access/request-context.ts';
import { assertWithinCallerPermissions } from '../app-clients/change-app-client.ts';
import { Failure } from '../kernel/failure.ts';
import type { Uuid } from '../kernel/ids.ts';
import type { DurationMs, Timestamp } from '../kernel/time.ts';
import {
  authorizeConnectionWrite,
  type ConnectionDependencies,
  readConnection,
} from './change-connection.ts';
import type { Connection } from './connection.ts';

/** State of the brake, which stops mass deprovisioning. */
export interface BrakeState {
  /** Time at which the connection last exceeded its threshold. */
  readonly trippedAt?: Timestamp | undefined;
  /** Users deprovisioned in that hour. */
  readonly count?: number | undefined;
  readonly threshold?: number | undefined;
  readonly releasedAt?: Timestamp | undefined;
  /** Until then, the brake does not trip again. */
  readonly releasedUntil?: Timestamp | undefined;
}

type ConnectionRef = Pick<Connection, 'tenantId' | 'connectionId'>;

/** Counters and states of brakes. Throws `unavailable`. */
export interface BrakeStore {
  /** Strongly consistent. */
  get(connection: ConnectionRef): Promise<BrakeState>;
  /** Counts users in an hour such as `2026-01-31T12`. Returns the total, and the threshold if known. */
  count(
    connection: ConnectionRef,
    hour: string,
    added: number,
  ): Promise<{ readonly total: number; readonly threshold: number | undefined }>;
  saveThreshold(connection: ConnectionRef, hour: string, threshold: number): Promise<void>;
  /** Counts the users of a connection in the list of users. */
  countManagedUsers(connection: ConnectionRef): Promise<number>;
  /** Marks the brake as tripped. False if it tripped in this hour or was released before. */
  trip(
    connection: ConnectionRef,
    trip: Required<Pick<BrakeState, 'trippedAt' | 'count' | 'threshold'>>,
  ): Promise<boolean>;
  release(
    connection: ConnectionRef,
    release: Required<Pick<BrakeState, 'releasedAt' | 'releasedUntil'>>,
  ): Promise<void>;
}

interface Dependencies {
  readonly brakes: BrakeStore;
  readonly now: () => Date;
}

/** Users whom a connection can deprovision in an hour, however few it manages. */
const minThreshold = 50;
const thresholdShare = 0.2;
const releaseMs: DurationMs = 3600 * 1000;
const retryAfterSeconds = 3600;

/** True if the connection deprovisions no user until the brake is released. */
export const isHeld = (
  { brake }: Pick<Connection, 'brake'>,
  { trippedAt, releasedAt }: BrakeState,
): boolean =>
  brake === 'hold' &&
  trippedAt !== undefined &&
  (releasedAt === undefined || releasedAt < trippedAt);

/**
 * Throws `deprovisioning_held` if the brake holds the connection. Call it before a user is
 * deactivated, deleted or loses all roles.
 */
export async function assertNotHeld(
  connection: Connection,
  { brakes }: Dependencies,
): Promise<void> {
  if (connection.brake !== 'hold' || !isHeld(connection, await brakes.get(connection))) return;
  throw new Failure(
    'deprovisioning_held',
    'The connection has deprovisioned too many users in an hour. An administrator can release it.',
    { details: { retryAfter: retryAfterSeconds } },
  );
}

/**
 * Counts a user who was deactivated, deleted or lost all roles. Above the threshold, the brake
 * trips. Never throws.
 */
export async function countDeprovisioning(
  connection: Connection,
  deps: Dependencies & { readonly onBrakeFailed: (connection: Connection, error: unknown) => void },
): Promise<void> {
  try {
    await countUser(connection, deps);
  } catch (error) {
    deps.onBrakeFailed(connection, error);
  }
}

async function countUser(connection: Connection, { brakes, now }: Dependencies): Promise<void> {
  const trippedAt = now().toISOString();
  const hour = trippedAt.slice(0, '2026-01-31T12'.length);
  const { total, threshold: known } = await brakes.count(connection, hour, 1);
  if (total <= minThreshold) return;
  const threshold = known ?? (await findThreshold(connection, brakes));
  if (known === undefined) await brakes.saveThreshold(connection, hour, threshold);
  if (total > threshold) await brakes.trip(connection, { trippedAt, count: total, threshold });
}

/** Deactivated users are managed too, so the number does not fall while it is exceeded. */
const findThreshold = async (connection: Connection, brakes: BrakeStore): Promise<number> =>
  Math.max(minThreshold, Math.ceil((await brakes.countManagedUsers(connection)) * thresholdShare));

/** Releases the brake for an hour. Throws `forbidden` or `not_found`. */
export async function releaseBrake(
  connectionId: Uuid | undefined,
  context: RequestContext,
  deps: ConnectionDependencies & Pick<Dependencies, 'brakes'>,
): Promise<void> {
  authorizeConnectionWrite([], context, deps.policy);
  const { connection, appClient } = await readConnection(connectionId, context, deps);
  assertWithinCallerPermissions(context, appClient);
  const nowMs = deps.now().getTime();
  await deps.brakes.release(connection, {
    releasedAt: new Date(nowMs).toISOString(),
    releasedUntil: new Date(nowMs + releaseMs).toISOString(),
  });
}
