/**
 * How a mail fares. `sending`: somebody is at it, or died of it. `deferred`: later, the limits say. `refused`: SES would not have it,
 * and will be asked again. `unknown`: SES never answered, so that it may have gone out. `failed`: given up.
 */
export type DeliveryState =
  | 'sending'
  | 'sent'
  | 'deferred'
  | 'refused'
  | 'unknown'
  | 'failed'
  | 'bounced'
  | 'complained';

/** How the mail of one version of an invitation fared. It lies beside the user and is no part of it: no change, no ETag. */
export interface Delivery {
  /** The version of the invitation. */
  readonly version: number;
  readonly state: DeliveryState;
  /** ISO 8601, of the last that happened. */
  readonly updatedAt: string;
  readonly reason?: string | undefined;
  /** Attempts that may have got a mail out. */
  readonly attempts: number;
  /** Attempts that SES refused for the time being, one after another. */
  readonly rejections: number;
  /** ISO 8601, of the first of these. */
  readonly rejectedSince?: string | undefined;
  /** True once a limit has counted the mail of this version, which has not gone out since. */
  readonly isCounted?: boolean | undefined;
  /** Nobody else is to try before then. */
  readonly notBefore?: string | undefined;
  /** SES's name for the last mail that it took. */
  readonly messageId?: string | undefined;
  /** When mails went out, of every version. */
  readonly sentAt: readonly string[];
  /** Counts the writes. */
  readonly revision: number;
}
