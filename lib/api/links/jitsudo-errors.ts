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

/** Converts `password_rejected` to JITSudo's 400. `field` is the domain name of the field. */
export const toWeakPasswordError = (
  { details: { issues = [] } }: Failure,
  field: string,
): Failure => invalidInput(...issues.map((issue) => ({ ...issue, path: field })));

/**
 * JITSudo's 400 for an invalid token or a rejected password (jitsudo-docs, operations
 * setInitialPassword and resetPassword). `passwordField` is the domain name of the field.
 */
export const linkErrorMapping =
  (passwordField: string) =>
  (failure: Failure): Failure => {
    if (failure.code === 'password_rejected') return toWeakPasswordError(failure, passwordField);
    return tokenErrorCodes.includes(failure.code)
      ? invalidInput({ path: 'token', message: `cannot be used: ${lowerFirst(failure.message)}` })
      : failure;
  };
