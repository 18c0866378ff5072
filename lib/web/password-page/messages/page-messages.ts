import type { PasswordReason } from '../../../domain/credentials/password-policy.ts';

/** Problems with a link, and with a request that uses it. */
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

/** Problems that the page for a password reset describes in its own words. */
export type ResetProblem = 'missing' | 'invalid' | 'expired' | 'used' | 'suspended';

/** Problems that end the use of a confirmation link. */
export type ConfirmProblem =
  | 'missing'
  | 'invalid'
  | 'expired'
  | 'used'
  | 'limitedPassword'
  | 'identity'
  | 'suspended';

/** Problems that the verification page describes in its own words. */
export type VerifyProblem = 'missing' | 'invalid' | 'expired' | 'used' | 'taken' | 'suspended';

/** Problems of a sign-in to confirm. The user can try again in the form. */
export type AttemptProblem =
  | 'incomplete'
  | 'wrongPassword'
  | 'otherAccount'
  | 'tooManyRequests'
  | 'offline'
  | 'unavailable';

/** Heading of a card, and its text. */
export interface CardMessages {
  readonly heading: string;
  readonly advice: string;
}

/** Texts that both password pages share. */
interface PasswordMessages {
  readonly email: string;
  readonly hint: (minimumLength: number) => string;
  /** Reasons to reject a password. `other` is a reason that only the service knows. */
  readonly reasons: Readonly<Record<PasswordReason | 'other', (minimumLength: number) => string>>;
  readonly acceptable: string;
  readonly submit: string;
  readonly signIn: (tenant: string, email: string) => string;
  readonly refusedRoles: (roles: string) => string;
  readonly continueTo: (tenant: string) => string;
}

/** Texts of the page of an invitation, or of the page that resets a password. */
interface LinkMessages {
  readonly welcome: (tenant: string) => string;
  readonly choose: string;
  readonly validUntil: (time: string) => string;
  readonly done: string;
  /** Help for a pasted link that does not work. */
  readonly help: string;
}

/** Texts of the form that requests a link. */
interface RequestMessages {
  /** Requests a link that resets a password. */
  readonly reset: CardMessages;
  /** Requests the link of a pending invitation again. */
  readonly invitation: CardMessages;
  readonly email: string;
  /** Label for an email or username. */
  readonly account: string;
  readonly organization: string;
  readonly organizationHint: string;
  readonly submit: string;
  readonly invalidEmail: string;
  readonly missingAccount: string;
  readonly missingOrganization: string;
  readonly sent: string;
  readonly sentAdvice: (email: string) => string;
  readonly otherEmail: string;
  readonly newLink: string;
  readonly resetPassword: string;
  readonly sendAgain: string;
  readonly haveLink: string;
}

/** Texts of the page that confirms an email. */
interface ConfirmMessages extends CardMessages {
  readonly account: string;
  readonly submit: string;
  readonly attemptProblems: Readonly<Record<AttemptProblem, string>>;
  readonly retryAfter: (time: string) => string;
  readonly linkProblems: Readonly<Record<ConfirmProblem, CardMessages>>;
  readonly help: string;
  readonly done: string;
  readonly sendAgain: string;
  readonly sent: CardMessages;
  readonly notNeeded: CardMessages;
}

/** Texts of the page that verifies an email. */
interface VerifyMessages {
  readonly heading: string;
  readonly advice: (tenant: string, email: string) => string;
  readonly submit: string;
  readonly done: string;
  readonly doneAdvice: (tenant: string, email: string) => string;
  readonly problems: Readonly<Record<VerifyProblem, CardMessages>>;
  readonly help: string;
}

/** Texts of all pages in one language. */
export interface PageMessages {
  /** Name of the language in that language. */
  readonly languageName: string;
  /** Label of the language menu. */
  readonly language: string;
  readonly wait: string;
  readonly greeting: (name: string) => string;
  readonly identity: (issuer: string) => string;
  readonly passwordLabel: string;
  readonly show: string;
  readonly hide: string;
  readonly showPassword: string;
  readonly hidePassword: string;
  readonly tryAgain: string;
  readonly close: string;
  readonly pasteLink: string;
  readonly openLink: string;
  readonly invalidLink: string;
  readonly password: PasswordMessages;
  readonly invitation: LinkMessages & {
    readonly problems: Readonly<Record<Problem, CardMessages>>;
  };
  readonly reset: LinkMessages & {
    readonly problems: Readonly<Record<ResetProblem, CardMessages>>;
  };
  readonly request: RequestMessages;
  readonly confirmation: ConfirmMessages;
  readonly verification: VerifyMessages;
}
