import {
  assertPasswordAllowed,
  type PasswordReason,
} from '../../domain/credentials/password-policy.ts';
import { Failure } from '../../domain/kernel/failure.ts';
import type { Invitation } from './api-client.ts';

/**
 * Why the service would refuse a password, by the service's own code; undefined for one that it would take. Should the list
 * of common passwords not load, the service judges by that alone.
 */
export const reasonAgainst = async (
  password: string,
  { minimumLength, mustNotContain }: Invitation['password'],
): Promise<PasswordReason | undefined> => {
  try {
    await assertPasswordAllowed(password, minimumLength, mustNotContain);
  } catch (error) {
    if (error instanceof Failure) return error.details['reason'] as PasswordReason;
  }
  return undefined;
};

/** Loads that list, which takes a moment, before the password is long enough for it. */
export const prepare = async (): Promise<void> => {
  await import('../../domain/credentials/common-passwords.ts').catch(() => {});
};
