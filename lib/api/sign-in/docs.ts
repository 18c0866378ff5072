import { exampleEmail, examplePassword, exampleUserId } from '../doc-parts.ts';
import { unauthenticated } from '../../domain/kernel/failure.ts';
import type { ResourceDoc } from '../operation-doc.ts';
import { jitsudoSignIn } from './jitsudo.ts';
import { nativeSignIn } from './native.ts';

const accessToken = 'eyJhbGciOiJFUzI1NiIsInR5cCI6ImF0K2p3dCJ9.eyJzdWIiOiJleGFtcGxlIn0.c2lnbmF0dXJl';
const credentials = { email: exampleEmail, password: examplePassword };

const media = {
  native: {
    request: { schema: nativeSignIn.signInInput(), example: { tenant: 'acme', ...credentials } },
    response: {
      schema: nativeSignIn.response(),
      example: {
        accessToken,
        tokenType: 'Bearer',
        expiresIn: 3600,
        userId: exampleUserId,
        mustChangePassword: false,
      },
    },
  },
  jitsudo: {
    request: {
      schema: jitsudoSignIn.signInInput(),
      example: { ...credentials, tenant_slug: 'acme' },
    },
    response: {
      schema: jitsudoSignIn.response(),
      example: { token: accessToken, expires_at: '2026-01-31T13:00:00.000Z' },
    },
  },
};

/** OpenAPI texts of signing in. */
export const signInDoc: ResourceDoc<'signIn'> = {
  name: 'Sign-in',
  description: 'Sign in with a password. No token is required.',
  operations: {
    signIn: {
      summary: 'Sign in with a password',
      description: `Returns an access token for an active local user, valid for one hour. All refusals have the same response and take the same time: an unknown tenant or user, a wrong password, and a user who is suspended, invited or signs in elsewhere.

After 5 attempts for an account from one network, each further attempt must wait longer. The same applies after 100 failed attempts from one network in an hour. Other networks are not affected. If another user set the password, the token has no roles until the user changes it with \`POST /v1/users/me/password\`.`,
      dialectNotes: {
        jitsudo:
          'Without `tenant_slug`, the tenant comes from `X-Tenant-ID` or the host. There is no second factor.',
      },
      errors: {
        unauthenticated: {
          text: 'no active user has this name and password (`details.reason`: `invalid_credentials`). The response is the same for every cause',
          example: unauthenticated('invalid_credentials', 'Invalid credentials'),
        },
        too_many_requests: {
          limits: {
            sign_in_attempts: 'attempts for this account from this network',
            network_sign_ins: 'failed attempts from this network',
          },
        },
      },
      content: (dialect) => ({
        ...media[dialect],
        responseDescription: 'The access token.',
        namesTenant: true,
      }),
    },
  },
};
