import type { OperationWords } from '../../../infra/build/openapi/operations.ts';

/** What the document says of signing in. */
export const signInWords = {
  signIn: {
    summary: 'Sign in with a password',
    description: `An access token of Roster's own for an active local user, for an hour. Whatever is wrong, the answer and what it takes are the same: no
such tenant or user, another password, a user who is suspended, invited, or signs in elsewhere. After five attempts for an account from one
address the next has to wait, longer each time; so has one from an address that was wrong a hundred times in an hour. From other addresses the account
can be used as ever. Whose password somebody else has set is signed in without any role, and changes it at \`POST …/me/password\`.`,
    remarks: {
      jitsudo:
        'Without `tenant_slug` the tenant is named by `X-Tenant-ID` or by the host. There is no second factor yet.',
    },
    failures: {
      unauthenticated:
        'no active user has this name and password (`details.reason`: `invalid_credentials`). The response is the same for every cause',
      too_many_requests:
        'too many attempts. `details.limit` is `sign_in_attempts` for this account from this network, or `network_sign_ins` for this network. Retry after the number of seconds in `Retry-After` and `details.retryAfter`',
    },
  },
} satisfies OperationWords;
