import {
  exampleBranding,
  exampleEmail,
  examplePassword,
  exampleTenantId,
  exampleUserId,
} from '../doc-parts.ts';
import { Failure, unauthenticated } from '../../domain/kernel/failure.ts';
import type { ResourceDoc } from '../operation-doc.ts';
import { jitsudoSignIn } from './jitsudo.ts';
import { signInMethodsCodecs, signInMethodsQuery } from './methods-codec.ts';
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

const methods = ['local', 'oidc'];

const methodsMedia = {
  native: {
    schema: signInMethodsCodecs.native.response(),
    example: { tenantId: exampleTenantId, methods, branding: exampleBranding },
  },
  jitsudo: {
    schema: signInMethodsCodecs.jitsudo.response(),
    example: { tenant_id: exampleTenantId, methods },
  },
};

/** OpenAPI texts of signing in. */
export const signInDoc: ResourceDoc<'signIn' | 'getSignInMethods'> = {
  name: 'Sign-in',
  description: 'Sign in with a password. No token is required.',
  operations: {
    signIn: {
      summary: 'Sign in with a password',
      description: `Returns an access token for an active local user, valid for one hour. All refusals have the same response and take the same time: an unknown tenant or user, a wrong password, and a user who is suspended, invited or signs in elsewhere.

After 5 attempts for an account from one network, each further attempt must wait longer. The same applies after 100 failed attempts from one network in an hour. Other networks are not affected. If another user set the password, the token has no roles until the user changes it with \`POST /v1/users/me/password\`.`,
      dialectNotes: {
        jitsudo:
          'Without `tenant_slug`, the tenant comes from `X-Tenant-ID`, the host or the verified domain of the email. There is no second factor.',
        native:
          'Without `tenant`, the tenant comes from `X-Tenant-ID`, the host or the verified domain of the email.',
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
            sign_in_lookups: 'unknown domains and tenants from this network',
          },
        },
      },
      content: (dialect) => ({
        ...media[dialect],
        responseDescription: 'The access token.',
        namesTenant: true,
      }),
    },
    getSignInMethods: {
      summary: 'Get the sign-in methods',
      description:
        'Returns the tenant that has a slug or has verified a domain, and its sign-in methods, so a sign-in page can ask for the email first. Send either `slug` or `domain`; without both, `X-Tenant-ID` or the host names the tenant. After 100 unknown names from one network in an hour, each further request must wait longer.',
      errors: {
        not_found: {
          text: 'no active tenant has this slug or ID, or has verified this domain. The response is the same for every cause',
          example: new Failure('not_found', 'No tenant has this slug or verified domain'),
        },
        too_many_requests: {
          limits: { sign_in_lookups: 'unknown domains and tenants from this network' },
        },
        unavailable: {},
      },
      content: (dialect) => ({
        query: signInMethodsQuery(),
        response: methodsMedia[dialect],
        responseDescription: 'The tenant and its sign-in methods.',
        namesTenant: true,
      }),
    },
  },
};
