import type { EpochMs, Timestamp } from '../kernel/time.ts';
import type { LinkSigner } from '../links/link.ts';
import type { TenantStore } from '../tenants/tenant-store.ts';
import type { UserStore } from '../users/user-store.ts';
import type { MailLimits } from './limits.ts';
import type { Mail, Mailer } from './mail.ts';
import type { MailState, PendingMail } from './pending-mail.ts';

/** Dependencies of every kind of mail. */
export interface MailJobDependencies {
  readonly now: () => Date;
  readonly users: Pick<UserStore, 'get'>;
  readonly tenants: TenantStore;
  readonly limits: MailLimits;
  readonly links: LinkSigner;
  readonly mailer: Mailer;
  /** Sender of tenants without their own. */
  readonly sender: string;
}

/** No further attempt follows. */
export type FinalOutcome =
  | { readonly result: 'sent'; readonly messageId: string }
  | { readonly result: 'failed'; readonly reason: string }
  | { readonly result: 'nothing due' }
  | { readonly result: 'abandoned' };

/** The mail is due again at a later time. */
export interface RetryOutcome {
  readonly result: 'deferred' | 'throttled' | 'rejected' | 'unknown';
  readonly reason: string;
  readonly dueAt: Date;
}

export type DeliveryOutcome = FinalOutcome | RetryOutcome;

/** Mail to send, and fields to save before it is sent. */
export interface PreparedMail<State> {
  readonly mail: Mail;
  readonly fields?: Partial<State>;
}

/** One mail of some kind: its state, and the steps in which kinds differ. */
export interface MailJob<State extends MailState> {
  readonly state: State;
  /** Returns the outcome of a mail that was sent before or is too late. */
  findEnd(now: Date): FinalOutcome | undefined;
  /** Builds the mail. Returns an outcome to send none, or `not now` to leave it to another job. */
  prepare(now: Date): Promise<PreparedMail<State> | DeliveryOutcome | 'not now'>;
  /** Counts a mail to send. Returns the time of the next available mail if a limit is reached. */
  consumeLimit?(now: Date): Promise<{ readonly availableAt: Timestamp } | undefined>;
  /** Saves an attempt and returns its state. Undefined if the mail has changed. */
  lease(state: State, deadline: EpochMs): Promise<State | undefined>;
  /** Saves an outcome. False if the mail has changed. */
  save(state: State, outcome: DeliveryOutcome, deadline: EpochMs): Promise<boolean>;
}

/** Saves the attempt of a mail with an item of its own as the next revision. */
export const leaseRevision = async <State extends PendingMail>(
  state: State,
  store: { readonly save: (state: State) => Promise<boolean> },
): Promise<State | undefined> =>
  (await store.save(state)) ? { ...state, revision: state.revision + 1 } : undefined;

/** Adds an outcome to the state of a mail. The address is removed once no mail is due. */
export function applyOutcome<Pending extends PendingMail>(
  mail: Pending,
  outcome: DeliveryOutcome,
): Pending {
  if ('dueAt' in outcome) {
    const dueAt = outcome.dueAt.toISOString();
    return { ...mail, dueAt, notBefore: dueAt };
  }
  return {
    ...mail,
    email: undefined,
    dueAt: undefined,
    notBefore: undefined,
    isCounted: undefined,
    isLimited: undefined,
    attempts: 0,
    rejections: 0,
  };
}
