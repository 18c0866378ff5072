import type { ConfirmableCredential } from '../../credential-limits/credential-limit.ts';
import type { AccountDetail } from '../../account-notices/account-notice.ts';
import type { Level } from '../../roles/level.ts';

/** Details that a notice reports. Links and requests for a level have their own mail. */
export type NoticeDetail = Exclude<
  AccountDetail,
  'confirmation' | 'emailVerification' | 'accessRequest'
>;

/** Account that a mail is about. */
export interface MailAccount {
  readonly tenant: string;
  readonly email: string;
}

/** Texts of a mail with a link. */
export interface LinkMessages {
  readonly subject: (tenant: string) => string;
  readonly request: (account: MailAccount) => string;
  /** Text of the button. */
  readonly action: string;
  readonly ignore: string;
}

/** Texts of a notice about one changed detail. */
interface ChangeMessages {
  readonly subject: (tenant: string) => string;
  readonly changed: (account: MailAccount, date: string) => string;
}

interface WebhookMessages {
  readonly subject: (tenant: string) => string;
  readonly text: (webhook: {
    readonly tenant: string;
    readonly host: string;
    readonly since: string;
  }) => string;
}

/** Texts of all mails in one language. */
export interface MailMessages {
  /** Omits the name if the user has no name that is safe to show. */
  readonly greeting: (name?: string) => string;
  readonly expiry: (date: string) => string;
  /** For links that are valid for one hour. */
  readonly hourExpiry: (date: string) => string;
  /** For links that are valid for a day. */
  readonly dayExpiry: (date: string) => string;
  readonly invitation: LinkMessages;
  readonly reset: LinkMessages;
  readonly confirmation: Readonly<Record<ConfirmableCredential, LinkMessages>>;
  /** Verification of the current email and of a new one. */
  readonly verification: Readonly<Record<'current' | 'new', LinkMessages>>;
  /** Mail to the owner about a request of the account. */
  readonly accessRequest: {
    readonly subject: (tenant: string) => string;
    readonly request: (account: MailAccount, level: Level, date: string) => string;
    /** Introduces the message of the user. */
    readonly message: string;
    readonly decide: string;
  };
  /** Mails to the owner about a webhook. */
  readonly webhook: Readonly<Record<'failing' | 'disabled', WebhookMessages>> & {
    readonly check: string;
  };
  readonly creation: {
    readonly subject: (tenant: string) => string;
    readonly created: (account: MailAccount, date: string) => string;
    /** The creator of an account knows its first password. */
    readonly chooseOwnPassword: string;
    readonly unexpected: string;
  };
  readonly change: Readonly<Record<Exclude<NoticeDetail, 'account'>, ChangeMessages>>;
  /** Names of details in a list. */
  readonly details: Readonly<Record<NoticeDetail, string>>;
  readonly changes: {
    readonly subject: (tenant: string, details: string) => string;
    readonly changed: (account: MailAccount, details: string, date: string) => string;
    readonly line: (date: string, details: string) => string;
    /** Introduces the lines. */
    readonly list: (account: MailAccount) => string;
  };
  readonly linkedIdentity: (service: string) => string;
  readonly unlinkedIdentity: string;
  /** Does not name an issuer that the deployment does not trust. */
  readonly linkedUnknownIdentity: string;
  readonly inactivePermissions: string;
  readonly expected: string;
  readonly unexpected: string;
  /** For changes after which a password reset may not help. */
  readonly unexpectedWithoutReset: string;
  /** Precedes the address of the tenant. */
  readonly signInAt: string;
}
