import { jitsudoSignIn } from './jitsudo.ts';
import { nativeSignIn } from './native.ts';
import type { DialectName } from '../routes.ts';
import type { Shape } from '../operation-doc.ts';

const password = 'correct horse battery staple';
const email = 'jsmith@example.com';
const accessToken = 'eyJhbGciOiJFUzI1NiIsInR5cCI6ImF0K2p3dCJ9.eyJzdWIiOiJleGFtcGxlIn0.c2lnbmF0dXJl';

/** What signing in takes and gives. */
export const signInShapes: Readonly<Record<'signIn', (dialect: DialectName) => Shape>> = {
  signIn: (dialect) => ({
    ...(dialect === 'jitsudo'
      ? {
          request: {
            schema: jitsudoSignIn.signInInput,
            example: { email, password, tenant_slug: 'acme' },
          },
          answer: {
            schema: jitsudoSignIn.response,
            example: { token: accessToken, expires_at: '2026-01-31T13:00:00.000Z' },
          },
        }
      : {
          request: {
            schema: nativeSignIn.signInInput,
            example: { tenant: 'acme', email, password },
          },
          answer: {
            schema: nativeSignIn.response,
            example: {
              accessToken,
              tokenType: 'Bearer',
              expiresIn: 3600,
              userId: 'cradl:user:0123456789ab4def8123456789abcdef',
              mustChangePassword: false,
            },
          },
        }),
    done: 'The user is signed in.',
    namesTenant: true,
  }),
};
