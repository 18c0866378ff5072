import { Failure, type FailureCode } from '../domain/kernel/failure.ts';
import type { CodecDialect } from './routes.ts';
import { createErrorRenderer, type ErrorReply, statusByCode } from './errors.ts';

/** Conventions of a dialect that apply to every operation. */
export interface DialectConventions {
  /** Requirement of `X-Tenant-ID` in a tenant. If sent, it must agree with the token. */
  readonly tenantHeader: 'required' | 'optional';
  renderError(failure: Failure, requestId: string): ErrorReply;
  /** Reads an API key in a place that only this dialect accepts. */
  readApiKey?(headers: Readonly<Record<string, string | undefined>>): string | undefined;
  /** Selects the media type of a response by the `Accept` header. Default: `application/json`. */
  selectMediaType?(accept: string | undefined): string;
}

const nativeNames = {
  roles: 'roleIds',
  expiresAt: 'expiresTime',
  tokenExpiresAt: 'tokenExpiresTime',
  defaultRole: 'defaultRoleId',
};
const renderNativeError = createErrorRenderer(nativeNames);
/** Profiles have other names than users. */
const renderCradlNames = createErrorRenderer({
  ...nativeNames,
  firstName: 'givenName',
  lastName: 'familyName',
});

/**
 * Cradl specifies 404 instead of 422. Its Python client retries only if the message is exactly `Too
 * Many Requests`, so the explanation moves to the details.
 */
const renderCradlError: typeof renderCradlNames = (failure, requestId) => {
  if (failure.code === 'too_many_requests') {
    const { message: explanation, details } = failure;
    return renderCradlNames(
      new Failure(failure.code, 'Too Many Requests', { details: { ...details, explanation } }),
      requestId,
    );
  }
  const reply = renderCradlNames(failure, requestId);
  if (failure.code !== 'invalid_roles' && failure.code !== 'invalid_app_client') return reply;
  return {
    status: statusByCode.not_found,
    body: { ...reply.body, code: 'not_found' satisfies FailureCode },
  };
};

/** Conventions of the dialects that most functions serve. */
export const dialects = {
  native: { tenantHeader: 'optional', renderError: renderNativeError },
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
  credible: {
    tenantHeader: 'optional',
    renderError: createErrorRenderer({ slug: 'name' }),
  },
} as const satisfies Readonly<Record<CodecDialect, DialectConventions>>;
