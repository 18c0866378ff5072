import type { OwedMail } from './deliver-owed.ts';

/**
 * That the password of a user has been changed, of which they are owed a mail: at the address that they had before, since whoever has
 * changed that with it would be told alone. One for each user: a later change is told in place of one that nobody was told of.
 */
export interface PasswordNotice extends OwedMail {
  readonly userId: string;
  /** Of the user after the change. */
  readonly version: number;
  /** When it was changed, ISO 8601. */
  readonly changed: string;
}

/** They are written with the change itself (`UserStore.update`). */
export interface PasswordNotices {
  /** Strongly consistent. */
  get(tenantId: string, userId: string): Promise<PasswordNotice | undefined>;
  /** Writes how it stands, as the next revision, unless somebody else has, or there is a later one: then false, and nothing has happened. */
  note(notice: PasswordNotice): Promise<boolean>;
}

/** For how long such a mail may be owed. Milliseconds. */
export const noticeLifetime = 3 * 24 * 60 * 60 * 1000;
