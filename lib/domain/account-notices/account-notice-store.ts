import type { AccountNotice } from './account-notice.ts';

/** Reads and updates account notices. `UserStore` creates them. Strongly consistent. */
export interface AccountNoticeStore {
  get(tenantId: string, userId: string, version: number): Promise<AccountNotice | undefined>;
  /** Saves the next revision. False, without a write, if the notice has changed. */
  save(notice: AccountNotice): Promise<boolean>;
  /** Lists the notices to a user that a limit has delayed, oldest first. */
  listLimited(tenantId: string, userId: string): Promise<readonly AccountNotice[]>;
}
