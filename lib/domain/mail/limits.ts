import type { Timestamp } from '../kernel/time.ts';
import type { AccountDetail } from '../account-notices/account-notice.ts';

/** Counts mails against the limits. Password resets have their own limit (`password-reset.ts`). */
export interface MailLimits {
  /**
   * Counts an invitation against the limits of the tenant and of the recipient (canonical email).
   * Returns the time of the next available mail if a limit is reached.
   */
  consumeInvitation(
    recipient: { readonly tenantId: string; readonly email: string },
    now: Date,
  ): Promise<{ readonly availableAt: Timestamp } | undefined>;
  /** Does the same for an account notice. The first of each kind per day is always allowed. */
  consumeNotice(
    user: { readonly tenantId: string; readonly userId: string },
    details: readonly AccountDetail[],
    now: Date,
  ): Promise<{ readonly availableAt: Timestamp } | undefined>;
  /**
   * Does the same for a verification link. The limit of the tenant is its own, because users without
   * permissions must not delay invitations.
   */
  consumeVerification(
    recipient: { readonly tenantId: string; readonly email: string },
    now: Date,
  ): Promise<{ readonly availableAt: Timestamp } | undefined>;
  /** Does the same for a request for a level, which is mailed to the owner of the tenant. */
  consumeAccessRequest(
    tenantId: string,
    now: Date,
  ): Promise<{ readonly availableAt: Timestamp } | undefined>;
  /** Does the same for a notice about a webhook, which is mailed to the owner of the tenant. */
  consumeWebhookNotice(
    tenantId: string,
    now: Date,
  ): Promise<{ readonly availableAt: Timestamp } | undefined>;
}
