import { type Failure, type FailureCode, summarizeIssues } from '../domain/kernel/failure.ts';

/** Response for a failure. */
export interface ErrorReply<Body extends object = object> {
  readonly status: number;
  readonly body: Body;
  /** In addition to the headers of the status. */
  readonly headers?: Readonly<Record<string, string>>;
}

interface ErrorBody {
  readonly code: FailureCode;
  readonly message: string;
  readonly details: object;
  readonly notices?: readonly string[];
}

/** Status of each code. Cradl overrides two. `docs/api.md` has the table. */
export const statusByCode: Readonly<Record<FailureCode, number>> = {
  malformed_json: 400,
  invalid_input: 400,
  invalid_filter: 400,
  invalid_path: 400,
  no_target: 400,
  immutable_attribute: 400,
  invalid_count: 400,
  invalid_cursor: 400,
  unauthenticated: 401,
  insufficient_user_authentication: 401,
  forbidden: 403,
  not_managed: 403,
  tenant_mismatch: 403,
  tenant_suspended: 403,
  account_suspended: 403,
  not_found: 404,
  method_not_allowed: 405,
  user_exists: 409,
  slug_taken: 409,
  role_exists: 409,
  role_built_in: 409,
  role_limit_reached: 409,
  group_exists: 409,
  group_limit_reached: 409,
  group_token_exists: 409,
  invalid_nesting: 409,
  level_exists: 409,
  app_client_revoked: 409,
  domain_exists: 409,
  domain_limit_reached: 409,
  domain_taken: 409,
  domain_unverified: 409,
  secret_limit_reached: 409,
  invalid_transition: 409,
  restore_expired: 409,
  not_invitable: 409,
  not_verifiable: 409,
  owner_protected: 409,
  owner_ineligible: 409,
  events_disabled: 409,
  webhook_limit_reached: 409,
  replay_limit_reached: 409,
  connection_limit_reached: 409,
  managed_by_connection: 409,
  self_protected: 409,
  invitation_expired: 410,
  invitation_used: 410,
  invitation_revoked: 410,
  password_reset_expired: 410,
  password_reset_used: 410,
  confirmation_expired: 410,
  email_verification_expired: 410,
  email_verification_used: 410,
  cursor_expired: 410,
  precondition_failed: 412,
  precondition_required: 428,
  payload_too_large: 413,
  unsupported_media_type: 415,
  invalid_roles: 422,
  invalid_app_client: 422,
  password_rejected: 422,
  origin_required: 422,
  domain_rejected: 422,
  too_many_results: 422,
  idempotency_mismatch: 422,
  too_many_requests: 429,
  deprovisioning_held: 429,
  internal: 500,
  not_implemented: 501,
  unavailable: 503,
};

/**
 * Creates a renderer that replaces field names of the domain by those of the dialect. The message
 * includes the first issue, or the first notice of the policies.
 */
export const createErrorRenderer =
  (names: Readonly<Record<string, string>>) =>
  (
    { code, message, details: { field, issues, ...details }, notices, hasWirePaths }: Failure,
    requestId: string,
  ): ErrorReply<ErrorBody> => {
    const rename = (path: string) =>
      hasWirePaths ? path : path.replace(/^[^.]+/, (first) => names[first] ?? first);
    const renamedIssues = issues?.map((issue) => ({ ...issue, path: rename(issue.path) }));
    return {
      status: statusByCode[code],
      body: {
        code,
        message: renamedIssues
          ? summarizeIssues(renamedIssues)
          : [message, ...notices.slice(0, 1)].join(': '),
        details: {
          ...(field !== undefined && { field: rename(field) }),
          ...(renamedIssues && { issues: renamedIssues }),
          ...details,
          requestId,
        },
        ...(notices.length > 0 && { notices }),
      },
    };
  };
