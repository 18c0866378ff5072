/** Every way in which a call can be refused, as clients see it. What status each has is said in `dialects/manners.ts`. */
export type FailureCode =
  | 'malformed_json'
  | 'invalid_input'
  | 'unauthenticated'
  | 'insufficient_user_authentication'
  | 'forbidden'
  | 'tenant_mismatch'
  | 'tenant_suspended'
  | 'account_suspended'
  | 'not_found'
  | 'method_not_allowed'
  | 'user_exists'
  | 'slug_taken'
  | 'role_exists'
  | 'role_built_in'
  | 'role_limit_reached'
  | 'app_client_revoked'
  | 'secret_limit_reached'
  | 'invalid_transition'
  | 'restore_expired'
  | 'not_invitable'
  | 'owner_protected'
  | 'owner_ineligible'
  | 'self_protected'
  | 'invitation_expired'
  | 'invitation_used'
  | 'invitation_revoked'
  | 'password_reset_expired'
  | 'password_reset_used'
  | 'confirmation_expired'
  | 'precondition_failed'
  | 'precondition_required'
  | 'payload_too_large'
  | 'unsupported_media_type'
  | 'invalid_roles'
  | 'invalid_app_client'
  | 'password_rejected'
  | 'idempotency_mismatch'
  | 'too_many_requests'
  | 'internal'
  | 'unavailable';

/** One thing wrong with an input: where it stands (`roles.0`) and what was expected. Never holds the value itself. */
export interface Issue {
  readonly path: string;
  readonly message: string;
}

interface FailureOptions {
  /** For machines; goes out as `details`. */
  readonly details?: {
    readonly field?: string;
    readonly issues?: readonly Issue[];
    readonly [fact: string]: unknown;
  };
  /** The `@notice` texts of the policies that decided. */
  readonly notices?: readonly string[];
  /** Permissions that the caller lacks: for the log, never for the client. */
  readonly missingPermissions?: readonly string[];
  /** What went wrong underneath: for the log, never for the client. */
  readonly cause?: unknown;
  /** True where the paths of the issues are those of the request, and not the core's names of fields. */
  readonly hasPathsAsSent?: boolean;
}

/** The one error that is thrown on purpose. Anything else that is thrown is a defect and answers 500. */
export class Failure extends Error {
  override readonly name = 'Failure';
  readonly code: FailureCode;
  readonly details: NonNullable<FailureOptions['details']>;
  readonly notices: readonly string[];
  readonly missingPermissions: readonly string[];
  readonly hasPathsAsSent: boolean;

  constructor(
    code: FailureCode,
    message: string,
    {
      details = {},
      notices = [],
      missingPermissions = [],
      cause,
      hasPathsAsSent = false,
    }: FailureOptions = {},
  ) {
    super(message, { cause });
    this.code = code;
    this.details = details;
    this.notices = notices;
    this.missingPermissions = missingPermissions;
    this.hasPathsAsSent = hasPathsAsSent;
  }
}

/** Reasons for `unauthenticated` (`details.reason`) that clients handle differently. */
export type UnauthenticatedReason =
  | 'token_missing'
  | 'token_expired'
  | 'token_not_yet_valid'
  | 'token_invalid'
  | 'token_revoked'
  | 'api_key_invalid'
  | 'invalid_credentials';

/** `unauthenticated` with its reason. The cause goes to the log alone. */
export const unauthenticated = (
  reason: UnauthenticatedReason,
  message: string,
  cause?: unknown,
): Failure =>
  new Failure('unauthenticated', message, {
    details: { reason },
    ...(cause !== undefined && { cause }),
  });

/** A refused input: `invalid_input` with its issues. */
export const invalidInput = (...issues: Issue[]): Failure =>
  new Failure('invalid_input', summarizeIssues(issues), { details: { issues } });

/** A refused password or hash: `password_rejected` with its reason. `message` continues the name of the field. */
export const passwordRejected = (field: string, reason: string, message: string): Failure =>
  new Failure('password_rejected', `${field} ${message}`, {
    details: { field, reason, issues: [{ path: field, message }] },
  });

/** The first issue as a sentence, with the number of the others. */
export function summarizeIssues([first, ...others]: readonly Issue[]): string {
  if (!first) return 'The request is not valid';
  const more = others.length > 0 ? ` (and ${others.length} more)` : '';
  return `${first.path || 'The request body'} ${first.message}${more}`;
}
