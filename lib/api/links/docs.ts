import {
  exampleEmail,
  exampleLinkToken,
  exampleNewPassword,
  exampleOpenLink,
  exampleUserId,
  linkErrors,
} from '../doc-parts.ts';
import type { ErrorDocs, ResourceDoc } from '../operation-doc.ts';
import { linkInspection } from './inspection.ts';
import { jitsudoPasswordReset } from './reset-jitsudo.ts';
import { nativePasswordReset } from './reset-native.ts';
import { type PasswordResetOperation, resetRequestedResponse } from './reset-codec.ts';

const resets = {
  native: {
    codec: nativePasswordReset,
    request: { tenant: 'acme', email: exampleEmail },
    completion: { token: exampleLinkToken, password: exampleNewPassword },
    response: {
      userId: exampleUserId,
      email: exampleEmail,
      continueUrl: 'https://acme.example.com',
    },
  },
  jitsudo: {
    codec: jitsudoPasswordReset,
    request: { email: exampleEmail, tenant_slug: 'acme' },
    completion: { token: exampleLinkToken, new_password: exampleNewPassword },
    response: { message: 'Password reset' },
  },
};

const resetLinkErrors: ErrorDocs = {
  ...linkErrors,
  password_reset_expired: {},
  password_reset_used: {},
};

/** OpenAPI texts of password resets. */
export const passwordResetDoc: ResourceDoc<PasswordResetOperation | 'inspectPasswordReset'> = {
  name: 'Password reset',
  description: 'Replace a forgotten password through a link sent by email. No token is required.',
  operations: {
    requestPasswordReset: {
      summary: 'Request a reset link',
      description: `Emails a link to the account with this \`email\` or \`userName\`, at its email, if it is an active local user of the tenant. The link works once, for an hour, until the email, password, status or identity changes. An invited user receives the current invitation link again. Every request gets the same response in the same time, so it does not reveal which accounts exist.

While a link is open, an address gets one email every 5 minutes, or every 15 minutes after 5 in a row. Earlier requests wait for the next email.`,
      dialectNotes: {
        jitsudo:
          '`tenant_slug` is an addition of Roster. Without it, the tenant comes from `X-Tenant-ID` or the host.',
      },
      errors: {
        too_many_requests: {
          limits: {
            reset_requests: 'reset requests for one account from one network in an hour',
            network_links: 'uses of links and reset requests from one network in an hour',
          },
        },
      },
      content: (dialect) => ({
        request: { schema: resets[dialect].codec.requestInput(), example: resets[dialect].request },
        response: { schema: resetRequestedResponse.schema(), example: resetRequestedResponse.body },
        responseDescription: 'The same response for every request.',
        namesTenant: true,
      }),
    },
    inspectPasswordReset: {
      summary: 'Inspect a reset link',
      description:
        'Returns the account of a reset link, its expiration time and the password rules, for a page on which the user chooses a password. Does not use the link.',
      errors: resetLinkErrors,
      content: () => ({
        request: { schema: linkInspection.inspectInput(), example: { token: exampleLinkToken } },
        response: {
          schema: linkInspection.response(),
          example: { ...exampleOpenLink, expiresTime: '2026-01-31T13:00:00.000Z' },
        },
        responseDescription: 'The open link.',
      }),
    },
    completePasswordReset: {
      summary: 'Reset a password',
      description:
        'Sets the password and verifies the email, because the link was sent to it. The link works once. Returns no access token: the user signs in with the new password.',
      dialectNotes: {
        jitsudo:
          'An invalid token and a rejected password return 400 `invalid_input`; `details.issues` names the field.',
      },
      errors: { ...resetLinkErrors, password_rejected: {} },
      content: (dialect) => {
        const { codec, completion, response } = resets[dialect];
        return {
          request: { schema: codec.completeInput(), example: completion },
          response: { schema: codec.response(), example: response },
          responseDescription: 'The account with the new password.',
          ...(codec.mapError && { mapError: codec.mapError }),
        };
      },
    },
  },
};
