/** Error codes of every dialect. `lib/api/errors.ts` maps them to HTTP statuses. */
export type FailureCode =
  | 'malformed_json'
  | 'invalid_input'
  | 'unauthenticated'
  | 'insufficient_user_authentication'
  | 'forbidden'
  | 'not_managed'
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
  | 'group_exists'
  | 'group_limit_reached'
  | 'group_token_exists'
  | 'invalid_nesting'
  | 'level_exists'
  | 'too_many_results'
  | 'app_client_revoked'
  | 'domain_exists'
  | 'domain_limit_reached'
  | 'domain_taken'
  | 'domain_unverified'
  | 'secret_limit_reached'
  | 'events_disabled'
  | 'webhook_limit_reached'
  | 'replay_limit_reached'
  | 'connection_limit_reached'
  | 'managed_by_connection'
  | 'deprovisioning_held'
  | 'invalid_transition'
  | 'restore_expired'
  | 'not_invitable'
  | 'not_verifiable'
  | 'owner_protected'
  | 'owner_ineligible'
  | 'self_protected'
  | 'invitation_expired'
  | 'invitation_used'
  | 'invitation_revoked'
  | 'password_reset_expired'
  | 'password_reset_used'
  | 'confirmation_expired'
  | 'email_verification_expired'
  | 'email_verification_used'
  | 'cursor_expired'
  | 'invalid_cursor'
  | 'invalid_filter'
  | 'invalid_path'
  | 'no_target'
  | 'immutable_attribute'
  | 'invalid_count'
  | 'precondition_failed'
  | 'precondition_required'
  | 'payload_too_large'
  | 'unsupported_media_type'
  | 'invalid_roles'
  | 'invalid_app_client'
  | 'password_rejected'
  | 'origin_required'
  | 'domain_rejected'
  | 'idempotency_mismatch'
  | 'too_many_requests'
  | 'not_implemented'
  | 'internal'
  | 'unavailable';

/** A problem of one input field (`roles.0`). Never contains the value. */
export interface Issue {
  readonly path: string;
  readonly message: string;
}

interface FailureOptions {
  /** `details` of the response. */
  readonly details?: {
    readonly field?: string;
    readonly issues?: readonly Issue[];
    readonly [fact: string]: unknown;
  };
  /** `@notice` texts of the deciding policies. */
  readonly notices?: readonly string[];
  /** Permissions that the caller lacks. Logged only. */
  readonly missingPermissions?: readonly string[];
  /** Underlying error. Logged only. */
  readonly cause?: unknown;
  /** True if issue paths are field names of the dialect, which must not be translated. */
  readonly hasWirePaths?: boolean;
}

/** An expected error. Any other error is a defect and becomes `internal`. */
export class Failure extends Error {
  override readonly name = 'Failure';
  readonly code: FailureCode;
  readonly details: NonNullable<FailureOptions['details']>;
  readonly notices: readonly string[];
  readonly missingPermissions: readonly string[];
  readonly hasWirePaths: boolean;

  constructor(
    code: FailureCode,
    message: string,
    {
      details = {},
      notices = [],
      missingPermissions = [],
      cause,
      hasWirePaths = false,
    }: FailureOptions = {},
  ) {
    super(message, { cause });
    this.code = code;
    this.details = details;
    this.notices = notices;
    this.missingPermissions = missingPermissions;
    this.hasWirePaths = hasWirePaths;
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

/** `unauthenticated` with a reason. The cause is logged only. */
export const unauthenticated = (
  reason: UnauthenticatedReason,
  message: string,
  cause?: unknown,
): Failure =>
  new Failure('unauthenticated', message, {
    details: { reason },
    ...(cause !== undefined && { cause }),
  });

/** `invalid_input` with issues. */
export const invalidInput = (...issues: Issue[]): Failure =>
  new Failure('invalid_input', summarizeIssues(issues), { details: { issues } });

/** `password_rejected` with a reason. `message` follows the field name. */
export const passwordRejected = (field: string, reason: string, message: string): Failure =>
  new Failure('password_rejected', `${field} ${message}`, {
    details: { field, reason, issues: [{ path: field, message }] },
  });

/** Formats the first issue and the number of the others. */
export function summarizeIssues([first, ...others]: readonly Issue[]): string {
  if (!first) return 'The request is not valid';
  const more = others.length > 0 ? ` (and ${others.length} more)` : '';
  return `${first.path || 'The request body'} ${first.message}${more}`;
}
