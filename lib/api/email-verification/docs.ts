import { exampleBranding, exampleLinkToken, exampleUserId, linkErrors } from '../doc-parts.ts';
import type { ErrorDocs, ResourceDoc } from '../operation-doc.ts';
import type { EmailVerificationOperation } from './email-verification-codec.ts';
import { nativeEmailVerification } from './native.ts';

const exampleNewEmail = 'jane.smith@example.com';

const requestLimits = {
  limits: {
    verification_interval: 'verification links in a minute',
    verification_requests: 'verification links of one user in a day',
  },
};

const verificationLinkErrors: ErrorDocs = {
  ...linkErrors,
  not_found: {
    ...linkErrors.not_found,
    text: 'the token is not valid, a newer link exists, the request was canceled, or the email, identity or status of the user changed. The response does not reveal which',
  },
  email_verification_expired: {},
  email_verification_used: {},
};

const noContent = { responseDescription: 'No content.' };

/** OpenAPI texts of email verification. */
export const emailVerificationDoc: ResourceDoc<EmailVerificationOperation> = {
  name: 'Email verification',
  description: 'Prove that a user receives email at an address, and change the own email.',
  operations: {
    requestOwnEmailVerification: {
      summary: 'Verify your email',
      description:
        'Emails a link to your address. Opening the link and confirming verifies the address. The link works once, for 24 hours, until the email, identity or status changes. Replaces an earlier link.',
      errors: { account_suspended: {}, not_verifiable: {}, too_many_requests: requestLimits },
      content: () => noContent,
    },
    cancelOwnEmailVerification: {
      summary: 'Cancel your verification link',
      description:
        'Invalidates your unused link, and with it a pending change of the email. Succeeds without such a link.',
      errors: { account_suspended: {} },
      content: () => noContent,
    },
    requestEmailChange: {
      summary: 'Change your email',
      description:
        'Emails a link to a new address. The current email stays in place until the link is used, and `pendingEmail` shows the new one. The link works once, for 24 hours, until the email, password, identity or status changes. Replaces an earlier link.\n\nRequires a sign-in within the last 5 minutes. The request does not check whether another user has the address: the link does.',
      errors: {
        account_suspended: {},
        insufficient_user_authentication: {},
        managed_by_connection: {},
        too_many_requests: requestLimits,
      },
      content: () => ({
        request: {
          schema: nativeEmailVerification.changeInput(),
          example: { email: exampleNewEmail },
        },
        ...noContent,
      }),
    },
    requestUserEmailVerification: {
      summary: "Verify a user's email",
      description:
        'Emails a verification link to the address of an active user. Requires the permission `users:update`, and all permissions of the user. Replaces an earlier link, also one to a new email.',
      errors: { not_verifiable: {}, too_many_requests: requestLimits },
      content: () => ({
        parameter: nativeEmailVerification.pathParameter,
        acceptsIfMatch: true,
        ...noContent,
      }),
    },
    inspectEmailVerification: {
      summary: 'Inspect a verification link',
      description:
        'Returns the address and expiration time of a verification link, for a page on which the user confirms. Does not use the link.',
      errors: verificationLinkErrors,
      content: () => ({
        request: {
          schema: nativeEmailVerification.linkInput(),
          example: { token: exampleLinkToken },
        },
        response: {
          schema: nativeEmailVerification.linkResponse(),
          example: {
            status: 'pending',
            email: exampleNewEmail,
            tenant: { name: 'Acme' },
            branding: exampleBranding,
            locale: 'en',
            expiresTime: '2026-02-01T12:00:00.000Z',
          },
        },
        responseDescription: 'The open link.',
      }),
    },
    completeEmailVerification: {
      summary: 'Use a verification link',
      description:
        'Marks the email as verified by its holder. A new email replaces the current one: a notice goes to the previous address, and reset links end. Access tokens stay valid. Limits of credentials stay in place; a new email has the limit of the sign-in that requested it.\n\nThe feed has an event `user.email_verified`.',
      errors: {
        ...verificationLinkErrors,
        user_exists: { text: 'another user has the new email' },
        forbidden: {},
        managed_by_connection: { text: 'a SCIM connection manages the user since the request' },
      },
      content: () => ({
        request: {
          schema: nativeEmailVerification.linkInput(),
          example: { token: exampleLinkToken },
        },
        response: {
          schema: nativeEmailVerification.response(),
          example: {
            userId: exampleUserId,
            email: exampleNewEmail,
            continueUrl: 'https://acme.example.com',
          },
        },
        responseDescription: 'The user with the verified email.',
      }),
    },
  },
};
