import { hash, randomUUID } from 'node:crypto';
import { toActor } from '../access/actor.ts';
import type { Principal } from '../access/principal.ts';
import type { Decision, DeploymentContext } from '../access/request-context.ts';
import type { Actor, AuditEntry } from '../kernel/change-record.ts';
import { Failure } from '../kernel/failure.ts';
import type { Uuid } from '../kernel/ids.ts';
import type { Keyring } from '../kernel/keyring.ts';
import type { DurationMs, Timestamp } from '../kernel/time.ts';
import type { EventType, ResourceType } from './feed-event.ts';

/** Types of events that report no change of a resource. */
export type ActivityType = Extract<
  EventType,
  | 'user.signed_in'
  | 'user.sign_in_failed'
  | 'tenant.sign_in_failed'
  | 'user.exported'
  | 'audit_log.read'
  | 'access.denied'
>;

/** Report of something that changed no resource. The feed has an event for each. */
export interface ActivityRecord
  extends Pick<AuditEntry, 'at' | 'actor' | 'requestId' | 'policies'> {
  readonly activityId: Uuid;
  readonly type: ActivityType;
  readonly resource: { readonly type: ResourceType; readonly id: Uuid };
  /** Operation that was denied. */
  readonly operation?: string | undefined;
  /** Names of the filters of a read. */
  readonly fields?: readonly string[] | undefined;
}

/** Parts of a record that identify the window in which equal events are counted. */
export type CountedActivity = Pick<
  ActivityRecord,
  'type' | 'resource' | 'at' | 'actor' | 'operation' | 'fields' | 'policies'
>;

/** Stores activity records. */
export interface ActivityStore {
  /**
   * Adds to the count of a window. Only the first write of a window is an event. Throws
   * `unavailable`.
   */
  count(
    tenantId: Uuid,
    record: ActivityRecord,
    options: { readonly count: number; readonly signal: AbortSignal },
  ): Promise<void>;
}

export interface ActivityDependencies {
  /** Undefined if the deployment has no event feed. */
  readonly activity: ActivityStore | undefined;
  readonly keyring: Keyring;
  readonly now: () => Date;
}

/** Gets the store of activity. Throws `events_disabled` if the deployment has no event feed. */
export function requireEvents<Store>({
  activity,
}: {
  readonly activity: Store | undefined;
}): Store {
  if (activity) return activity;
  throw new Failure('events_disabled', 'This deployment has no event feed');
}

const minute: DurationMs = 60_000;
const signInWindowMs = 5 * minute;

/** Formats the window in which equal events are counted. Undefined for events without a count. */
export function formatActivityWindow({
  type,
  resource,
  at,
  actor,
  operation,
  fields,
  policies,
}: CountedActivity): string | undefined {
  const formatDigest = (...parts: readonly unknown[]) =>
    hash('sha256', JSON.stringify([actor.type, actor.id, ...parts])).slice(0, 32);
  switch (type) {
    case 'access.denied':
      return `DENIAL#${formatStart(at, minute)}#${formatDigest(operation, policies)}`;
    case 'audit_log.read':
      return `READ#${formatStart(at, minute)}#${formatDigest(fields)}`;
    case 'user.exported':
      return `READ#${formatStart(at, minute)}#${formatDigest(type, resource.id)}`;
    case 'user.sign_in_failed':
      return `SIGNIN#${formatStart(at, signInWindowMs)}#${resource.id}`;
    case 'tenant.sign_in_failed':
      return `SIGNIN#${formatStart(at, signInWindowMs)}#UNKNOWN`;
    default:
      return undefined;
  }
}

/** Formats the start of a window to the minute. */
const formatStart = (at: Timestamp, windowMs: DurationMs): string =>
  new Date(Math.floor(Date.parse(at) / windowMs) * windowMs).toISOString().slice(0, 16);

type EventPrincipal = Parameters<typeof toActor>[0] & Pick<Principal, 'issuer' | 'subject'>;

/**
 * Builds the actor of an event. The ID of a subject of another issuer is a keyed hash, because the
 * subject can be an email.
 */
async function buildEventActor(principal: EventPrincipal, keyring: Keyring): Promise<Actor> {
  const actor = toActor(principal);
  return actor.type === 'external'
    ? { type: 'external', id: await hashSubject(principal, keyring) }
    : actor;
}

/** Hashes a subject of another issuer with the key of the deployment. */
export const hashSubject = async (
  { issuer, subject }: Pick<Principal, 'issuer' | 'subject'>,
  keyring: Pick<Keyring, 'mac'>,
): Promise<string> =>
  (await keyring.mac('actor', [issuer, subject])).subarray(0, 16).toString('hex');

interface ActivityContext extends Pick<DeploymentContext, 'requestId'> {
  readonly decisions: readonly Decision[];
  readonly principal: EventPrincipal;
}

/** Builds the record of a request. */
export async function buildActivity(
  fields: Pick<ActivityRecord, 'type' | 'resource' | 'operation' | 'fields'>,
  { principal, requestId, decisions }: ActivityContext,
  { keyring, now }: Omit<ActivityDependencies, 'activity'>,
): Promise<ActivityRecord> {
  return {
    activityId: randomUUID(),
    ...fields,
    at: now().toISOString(),
    actor: await buildEventActor(principal, keyring),
    requestId,
    policies: decisions.flatMap(({ policies }) => policies),
  };
}
