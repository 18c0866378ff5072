import { matchesType } from '../feed/event-filter.ts';
import type { EventType, FeedEvent } from '../feed/feed-event.ts';
import type { Entity } from '../kernel/entity.ts';
import type { Uuid } from '../kernel/ids.ts';
import type { Timestamp } from '../kernel/time.ts';
import type { SendError } from './webhook-sender.ts';

/** `unverified` until the URL accepts a test event. `disabled` receives nothing. */
export type WebhookStatus = 'unverified' | 'enabled' | 'disabled';

/** Generation of the signing keys, which derive from a KMS key and are never stored. */
export interface SecretGeneration {
  /** 1 for the first. Never reused. */
  readonly generation: number;
  /** ID of the KMS key, because HMAC keys do not rotate by themselves. */
  readonly keyId: string;
  /** Ed25519 key that verifies signatures, as `whpk_` and base64. */
  readonly publicKey: string;
  /** Time from which it no longer signs. Undefined for the current one. */
  readonly expiresAt?: Timestamp | undefined;
}

/** Endpoint that receives the events of a tenant. */
export interface Webhook extends Entity {
  readonly tenantId: Uuid;
  readonly webhookId: Uuid;
  readonly url: string;
  readonly description?: string | undefined;
  /** Types to send, or prefixes such as `user.*`. Empty for all. */
  readonly types: readonly string[];
  readonly status: WebhookStatus;
  /** Time at which the URL accepted a test event. Undefined until then. */
  readonly verifiedAt?: Timestamp | undefined;
  /** Reason and time of the disabling. */
  readonly disabled?:
    | { readonly reason: 'caller' | 'failures' | 'gone'; readonly at: Timestamp }
    | undefined;
  /** `resource` keeps the order of each resource, `strict` that of all events. */
  readonly order: 'resource' | 'strict';
  /** Current generation first. At most two. */
  readonly secrets: readonly SecretGeneration[];
  /** Time of the latest replay. */
  readonly replayedAt?: Timestamp | undefined;
  /** Number of the last event before the creation. Deliveries start after it. */
  readonly startAfter: number;
}

/** Maximum per tenant. */
export const maxWebhooks = 10;

/** Test events of a tenant in a minute. A slow endpoint occupies a process for each. */
export const maxTestsPerMinute = 30;

/** Selects the generations that sign at a time, current first. */
export const selectLiveSecrets = (
  { secrets }: Pick<Webhook, 'secrets'>,
  now: Timestamp,
): readonly SecretGeneration[] =>
  secrets.filter(({ expiresAt }) => expiresAt === undefined || expiresAt > now);

/** True if a webhook receives events of this type. */
export const includesType = (
  { types }: Pick<Webhook, 'types'>,
  { type }: Pick<FeedEvent, 'type'>,
): boolean => types.length === 0 || types.some((pattern) => matchesType(type, pattern));

/** One attempt to deliver an event. Contains no part of the response body. */
export interface DeliveryAttempt {
  readonly eventId: Uuid;
  /** 0 for a test event, which is not in the feed. */
  readonly sequence: number;
  readonly type: EventType | 'webhook.test';
  readonly attempt: number;
  readonly at: Timestamp;
  readonly outcome: 'delivered' | 'failed';
  /** Status of the response. Undefined without one. */
  readonly status?: number | undefined;
  /** Reason why no response arrived. */
  readonly error?: SendError | undefined;
  readonly durationMs: number;
  /** Time of the next attempt. */
  readonly nextAt?: Timestamp | undefined;
}
