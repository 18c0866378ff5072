/** What somebody holds by now, whatever a token of theirs says: it was true when that was made, an hour ago at most. */
export interface Standing {
  /** Slugs of roles in their tenant. */
  readonly roles: readonly string[];
  /** Whether they stand above tenants. No user does. */
  readonly systemAdministrator: boolean;
  /** Where it is an app client. */
  readonly appClientId?: string | undefined;
}

/**
 * Looks up whom a token of Roster's own speaks for, by its tenant and its `sub`. Undefined for who is nobody (any more): a
 * user who is not active, an app client that is revoked or has expired. Up to 30 s old.
 */
export type FindStanding = (tenantId: string, subject: string) => Promise<Standing | undefined>;
