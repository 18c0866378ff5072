import type { Actor } from '../kernel/change-record.ts';
import type { Uuid } from '../kernel/ids.ts';
import type { Timestamp } from '../kernel/time.ts';

/** Types of events, by the kind of their resource. Types are only added, never renamed. */
export const eventTypes = {
  user: [
    'user.created',
    'user.updated',
    'user.invited',
    'user.invitation_revoked',
    'user.invitation_link_copied',
    'user.activated',
    'user.email_verified',
    'user.suspended',
    'user.reactivated',
    'user.deleted',
    'user.restored',
    'user.erased',
    'user.password_changed',
    'user.signed_in',
    'user.sign_in_failed',
    'user.signed_out',
    'user.exported',
  ],
  group: [
    'group.created',
    'group.updated',
    'group.deleted',
    'group.restored',
    'group.member_added',
    'group.member_updated',
    'group.member_removed',
  ],
  role: ['role.created', 'role.updated', 'role.deleted'],
  appClient: [
    'app_client.created',
    'app_client.updated',
    'app_client.secret_created',
    'app_client.secret_removed',
    'app_client.revoked',
  ],
  domain: ['domain.created', 'domain.verified', 'domain.lost', 'domain.deleted'],
  webhook: [
    'webhook.created',
    'webhook.updated',
    'webhook.secret_rotated',
    'webhook.disabled',
    'webhook.enabled',
    'webhook.deleted',
  ],
  connection: ['connection.created', 'connection.updated', 'connection.deleted'],
  tenant: [
    'tenant.created',
    'tenant.updated',
    'tenant.owner_changed',
    'tenant.deleted',
    'tenant.restored',
    'tenant.erased',
    'tenant.sign_in_failed',
    'audit_log.read',
    'access.denied',
    'feed.restored',
  ],
} as const;

export type ResourceType = keyof typeof eventTypes;
export type EventType = (typeof eventTypes)[ResourceType][number];

/**
 * Entry of a tenant's feed. It contains IDs, names of fields and a digest, and no personal data, so
 * it can stay when the user is erased.
 */
export interface FeedEvent {
  /** Number in the feed of the tenant, from 1, without gaps. */
  readonly sequence: number;
  /** UUIDv8, the same on every way by which the event is delivered. */
  readonly id: Uuid;
  readonly type: EventType;
  /** Clock of the request that made the change. */
  readonly time: Timestamp;
  /** Time of the numbering. Never earlier than that of the event before. */
  readonly numberedAt: Timestamp;
  readonly resource: {
    readonly type: ResourceType;
    /** UUID, or the slug of a role. */
    readonly id: string;
    /** Version after the change. Undefined for events that change no resource. */
    readonly version?: number | undefined;
  };
  /** Member of the group, in events about memberships. */
  readonly member?: { readonly type: 'user' | 'appClient' | 'group'; readonly id: Uuid };
  readonly actor: Actor;
  /** Operation that was denied. */
  readonly operation?: string | undefined;
  /** Names of the changed fields, sorted. */
  readonly changedFields: readonly string[];
  readonly requestId: string;
  /** IDs of the policies that decided. */
  readonly policies: readonly string[];
  /** Last event that a restore lost, and the hash of its segment, in `feed.restored`. */
  readonly lostHead?: { readonly sequence: number; readonly hash: string } | undefined;
  /** SHA-256 (hexadecimal) over salt and previous values. Undefined without previous values. */
  readonly digest?: string | undefined;
}

/** Formats a number of the feed with 12 digits, which sort as text. */
export const formatSequence = (sequence: number): string => String(sequence).padStart(12, '0');
