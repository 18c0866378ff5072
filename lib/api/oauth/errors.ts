import type { Failure, FailureCode } from '../../domain/kernel/failure.ts';
import { type DialectConventions } from '../dialects.ts';
import { statusByCode } from '../errors.ts';

/** The error of RFC 6749 for a failure; one that a request is refused with names its own in its details. */
const errorByCode: Readonly<Partial<Record<FailureCode, string>>> = {
  unauthenticated: 'invalid_client',
  tenant_suspended: 'unauthorized_client',
  too_many_requests: 'temporarily_unavailable',
  unavailable: 'temporarily_unavailable',
  internal: 'server_error',
};

/** RFC 6749 has 400 for whatever it does not name another status for. */
const statusOverrides: Readonly<Partial<Record<FailureCode, number>>> = { tenant_suspended: 400 };

/** How the token endpoint behaves, which is no dialect's: it speaks OAuth 2.0 to everybody. */
export const oauthConventions: DialectConventions = {
  tenantHeader: 'optional',
  renderError: ({ code, message, details }: Failure) => {
    const status = statusOverrides[code] ?? statusByCode[code];
    const { error = errorByCode[code] ?? 'invalid_request' } = details;
    // RFC 6749 allows neither of these two characters, nor anything beyond ASCII.
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
