/** Reads and replaces password hashes in the secrets table. */
export interface PasswordHashStore {
  /** Returns a PHC string or a bcrypt hash. */
  get(tenantId: string, userId: string): Promise<string | undefined>;
  /** Replaces a hash by another of the same password, unless it has changed. */
  replace(
    user: { readonly tenantId: string; readonly userId: string },
    before: string,
    after: string,
  ): Promise<void>;
}
