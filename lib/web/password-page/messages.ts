import type { PasswordReason } from '../../domain/credentials/password-policy.ts';

/** Why the page cannot go on; what people are told of it, and what they can do, is in `english.ts` and `german.ts`. */
export type Problem =
  | 'missing'
  | 'invalid'
  | 'expired'
  | 'used'
  | 'revoked'
  | 'superseded'
  | 'suspended'
  | 'tooManyRequests'
  | 'offline'
  | 'unavailable';

/** All that the page says, in one language. */
export interface Words {
  /** The name of the language, in itself. */
  readonly language: string;
  readonly checking: string;
  readonly welcome: (tenant: string) => string;
  readonly hello: (name: string) => string;
  readonly choose: string;
  /** Warning about an identity of another issuer that can use the account. */
  readonly identity: (issuer: string) => string;
  readonly email: string;
  readonly password: string;
  readonly hint: (minimumLength: number) => string;
  readonly show: string;
  readonly hide: string;
  readonly showPassword: string;
  readonly hidePassword: string;
  /** What is wrong with a password; `other` for what only the service knows. */
  readonly reasons: Readonly<Record<PasswordReason | 'other', (minimumLength: number) => string>>;
  readonly acceptable: string;
  readonly submit: string;
  readonly sending: string;
  readonly validUntil: (time: string) => string;
  readonly problems: Readonly<
    Record<Problem, { readonly heading: string; readonly advice: string }>
  >;
  readonly tryAgain: string;
  /** Form for a link whose fragment is missing. */
  readonly pasteLink: string;
  readonly openLink: string;
  readonly invalidLink: string;
  readonly support: string;
  readonly done: string;
  readonly signIn: (tenant: string, email: string) => string;
  readonly refusedRoles: (roles: string) => string;
  readonly goOn: (tenant: string) => string;
  readonly close: string;
}
