import type { PasswordReset, ResetAccount } from './password-reset.ts';

export interface PasswordResetStore {
  /**
   * Saves a request for a canonical email or username, at most once a minute while a mail is due.
   */
  request(tenantId: string, account: ResetAccount, now: Date): Promise<void>;
  /** Strongly consistent. */
  get(tenantId: string, emailHash: string): Promise<PasswordReset | undefined>;
  /** Saves the next revision. False, without a write, if the reset has changed. */
  save(reset: PasswordReset): Promise<boolean>;
}
