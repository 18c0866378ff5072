import { Failure, type FailureCode, summarizeIssues } from '../domain/kernel/failure.ts';

/** How a dialect behaves whatever the operation: what it demands of every request, and how a failure looks in it. */
export interface DialectConventions {
  /** Whether every request must carry `X-Tenant-ID`. Where it is optional it still has to agree with the token. */
  readonly tenantHeader: 'required' | 'optional';
  renderError(failure: Failure, requestId: string): ErrorReply;
}

/** A failure on the wire; the body has the shape of `problemBody`. */
export interface ErrorReply {
  readonly status: number;
  readonly body: object;
  /** Besides those that its status asks for. */
  readonly headers?: Readonly<Record<string, string>>;
}

/** The status of each code (docs/api.md has the table). Cradl has two of its own. */
export const statusByCode: Readonly<Record<FailureCode, number>> = {
  malformed_json: 400,
  invalid_input: 400,
  unauthenticated: 401,
  insufficient_user_authentication: 401,
  forbidden: 403,
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
  app_client_revoked: 409,
  secret_limit_reached: 409,
  invalid_transition: 409,
  restore_expired: 409,
  not_invitable: 409,
  owner_protected: 409,
  owner_ineligible: 409,
  self_protected: 409,
  invitation_expired: 410,
  invitation_used: 410,
  invitation_revoked: 410,
  password_reset_expired: 410,
  password_reset_used: 410,
  confirmation_expired: 410,
  precondition_failed: 412,
  precondition_required: 428,
  payload_too_large: 413,
  unsupported_media_type: 415,
  invalid_roles: 422,
  invalid_app_client: 422,
  password_rejected: 422,
  idempotency_mismatch: 422,
  too_many_requests: 429,
  internal: 500,
  unavailable: 503,
};

/**
 * A failure names fields as the core does; `names` has those that the dialect calls otherwise. The message alone has to be
 * enough: it has the first issue, or the first notice of the policies.
 */
const createErrorRenderer =
  (names: Readonly<Record<string, string>>) =>
  (
    { code, message, details: { field, issues, ...details }, notices, hasPathsAsSent }: Failure,
    requestId: string,
  ): ErrorReply => {
    const rename = (path: string) =>
      hasPathsAsSent ? path : path.replace(/^[^.]+/, (first) => names[first] ?? first);
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

const renderError = createErrorRenderer({});
const renderRoleIdsError = createErrorRenderer({ roles: 'roleIds', expiresAt: 'expiresTime' });

/**
 * Cradl's specification knows no 422: what a body names and the tenant lacks is not found. Its Python client repeats a request
 * only if the message is exactly `Too Many Requests`, so the explanation is in the details.
 */
const renderCradlError: typeof renderError = (failure, requestId) => {
  if (failure.code === 'too_many_requests') {
    const { message: explanation, details } = failure;
    return renderRoleIdsError(
      new Failure(failure.code, 'Too Many Requests', { details: { ...details, explanation } }),
      requestId,
    );
  }
  const plain = renderRoleIdsError(failure, requestId);
  if (failure.code !== 'invalid_roles' && failure.code !== 'invalid_app_client') return plain;
  return {
    status: statusByCode.not_found,
    body: { ...plain.body, code: 'not_found' satisfies FailureCode },
  };
};

/** By the dialect that a route names. */
export const dialects = {
  native: { tenantHeader: 'optional', renderError: renderRoleIdsError },
  cradl: { tenantHeader: 'optional', renderError: renderCradlError },
  jitsudo: {
    tenantHeader: 'required',
    renderError: createErrorRenderer({
      currentPassword: 'current_password',
      newPassword: 'new_password',
      firstName: 'first_name',
      lastName: 'last_name',
      expiresAt: 'expires_at',
      ownerEmail: 'owner_email',
      ownerUserId: 'owner_user_id',
    }),
  },
  credible: { tenantHeader: 'optional', renderError },
} as const satisfies Readonly<Record<string, DialectConventions>>;
