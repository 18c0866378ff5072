import type { Failure, FailureCode } from '../../domain/kernel/failure.ts';
import { type DialectConventions } from '../dialects.ts';
import { statusByCode } from '../errors.ts';

/** Error of RFC 6749 §5.2. `details.error` overrides it. */
const errorByCode: Readonly<Partial<Record<FailureCode, string>>> = {
  unauthenticated: 'invalid_client',
  tenant_suspended: 'unauthorized_client',
  too_many_requests: 'temporarily_unavailable',
  unavailable: 'temporarily_unavailable',
  internal: 'server_error',
};

/** RFC 6749 §5.2 requires 400 unless it states another status. */
const statusOverrides: Readonly<Partial<Record<FailureCode, number>>> = { tenant_suspended: 400 };

/** Conventions of the token endpoint (RFC 6749), in every dialect. */
export const oauthConventions: DialectConventions = {
  tenantHeader: 'optional',
  renderError: ({ code, message, details }: Failure) => {
    const status = statusOverrides[code] ?? statusByCode[code];
    const { error = errorByCode[code] ?? 'invalid_request' } = details;
    // RFC 6749 §5.2 allows only ASCII without `"` and `\`.
    const description = message.replaceAll(/[^ !#-[\]-~]/g, "'");
    return {
      status,
      body: { error: String(error), error_description: description },
      headers: {
        pragma: 'no-cache',
        ...(status === 401 && { 'www-authenticate': 'Basic realm="roster"' }),
      },
    };
  },
};
