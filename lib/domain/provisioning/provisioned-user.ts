import type { Profile } from '../users/user.ts';

/** State of a user that an identity provider wants. An absent field is cleared. */
export interface ProvisionedUser
  extends Pick<Profile, 'name' | 'firstName' | 'lastName' | 'businessRole' | 'locale'> {
  /** Username, 1 to 254 printable characters. */
  readonly userName: string;
  /**
   * Addresses that can become the email, best first. The first that no other user has becomes it.
   */
  readonly emails: readonly string[];
  /** Undefined keeps the status. A new user is active. */
  readonly active?: boolean | undefined;
  /** ID in the identity provider. */
  readonly externalId?: string | undefined;
  /** Undefined keeps the description, and null removes it. */
  readonly description?: string | null | undefined;
  /** Values of `roles` and `entitlements` for the role map. Undefined keeps the mapped roles. */
  readonly roleValues?: readonly string[] | undefined;
  /** Password to set, if the connection accepts passwords. */
  readonly password?: string | undefined;
  /** Text values of the declared extension by metadata key. Null removes a key. */
  readonly metadata?: Readonly<Record<string, string | null>> | undefined;
  /** JSON text of the SCIM attributes to store, at most 64 KiB. */
  readonly scimAttributes: string;
}
