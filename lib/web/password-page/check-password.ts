import {
  assertPasswordAllowed,
  type PasswordReason,
} from '../../domain/credentials/password-policy.ts';
import { Failure } from '../../domain/kernel/failure.ts';
import type { LinkDetails } from './api-client.ts';

/**
 * Returns the reason for which the service would reject a password. If the list of common passwords
 * does not load, the service alone checks it.
 */
export const checkPassword = async (
  password: string,
  { minimumLength, mustNotContain }: LinkDetails['password'],
): Promise<PasswordReason | undefined> => {
  try {
    await assertPasswordAllowed(password, { minimumLength, personalWords: mustNotContain });
  } catch (error) {
    if (error instanceof Failure) return error.details['reason'] as PasswordReason;
  }
  return undefined;
};

/** Loads the list of common passwords before the password is long enough for it. */
export const preloadCommonPasswords = async (): Promise<void> => {
  await import('../../domain/credentials/common-passwords.ts').catch(() => {});
};
