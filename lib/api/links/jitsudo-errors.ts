import { type Failure, type FailureCode, invalidInput } from '../../domain/kernel/failure.ts';

const tokenErrorCodes: readonly FailureCode[] = [
  'not_found',
  'invitation_expired',
  'invitation_used',
  'invitation_revoked',
  'password_reset_expired',
  'password_reset_used',
];

const lowerFirst = (text: string): string => `${text.slice(0, 1).toLowerCase()}${text.slice(1)}`;

/** JITSudo's 400 for a rejected password; `field` is the core's name. */
export const toWeakPasswordError = (
  { details: { issues = [] } }: Failure,
  field: string,
): Failure => invalidInput(...issues.map((issue) => ({ ...issue, path: field })));

/**
 * What JITSudo says of a link, and of the password that is chosen by it: 400 for a bad token and for a weak password
 * (jitsudo-docs, operations setInitialPassword and resetPassword). `passwordField` is the core's name.
 */
export const linkErrorMapping =
  (passwordField: string) =>
  (failure: Failure): Failure => {
    if (failure.code === 'password_rejected') return toWeakPasswordError(failure, passwordField);
    return tokenErrorCodes.includes(failure.code)
      ? invalidInput({ path: 'token', message: `cannot be used: ${lowerFirst(failure.message)}` })
      : failure;
  };
