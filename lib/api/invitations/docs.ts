import type { InvitationOperation } from './invitation-codec.ts';
import {
  exampleCreatedTime,
  exampleEmail,
  exampleLinkToken,
  exampleOpenLink,
  examplePassword,
  exampleUpdatedTime,
  exampleUserId,
  linkErrors,
} from '../doc-parts.ts';
import { Failure } from '../../domain/kernel/failure.ts';
import { jitsudoAcceptance } from '../links/acceptance-jitsudo.ts';
import { nativeAcceptance } from '../links/acceptance-native.ts';
import { linkInspection } from '../links/inspection.ts';
import type { ErrorDocs, OperationContent, ResourceDoc } from '../operation-doc.ts';
import { byUserId } from '../users/user-codec.ts';
import { invitationResponse, invitationLinkResponse, invitationList } from './native.ts';

const expiresTime = '2026-02-07T12:00:00.000Z';
const nextExpiresTime = '2026-02-08T09:30:00.000Z';
const sentTime = '2026-01-31T12:00:00.250Z';

const invitation = {
  invitationId: 'cradl:invitation:89abcdef012345678123456789abcdef',
  userId: exampleUserId,
  email: exampleEmail,
  status: 'pending',
  roleIds: ['cradl:role:user'],
  locale: null,
  appClientId: null,
  version: 1,
  channel: 'mail',
  invitedTime: exampleCreatedTime,
  invitedBy: 'admin',
  expiresTime,
  acceptedTime: null,
  refusedRoleIds: [],
  revokedTime: null,
  revokedBy: null,
  delivery: { status: 'sent', time: sentTime, reason: null, sentTimes: [sentTime] },
};

const describeInvitation = (
  responseDescription: string,
  changes: object = {},
): OperationContent => ({
  parameter: byUserId.pathParameter,
  response: { schema: invitationResponse(), example: { ...invitation, ...changes } },
  responseDescription,
  hasEtag: true,
});

const acceptances = {
  native: {
    codec: nativeAcceptance,
    example: {
      userId: exampleUserId,
      email: exampleEmail,
      status: 'active',
      refusedRoleIds: [],
      continueUrl: 'https://acme.example.com',
    },
  },
  jitsudo: { codec: jitsudoAcceptance, example: { message: 'Password set' } },
};

const invitationLinkErrors: ErrorDocs = {
  ...linkErrors,
  invitation_expired: {},
  invitation_used: {},
  invitation_revoked: {},
};

/** OpenAPI texts of invitations. */
export const invitationDoc: ResourceDoc<
  InvitationOperation | 'inspectInvitation' | 'acceptInvitation'
> = {
  name: 'Invitations',
  description:
    'Links with which local users choose their first password. Accepting needs no access token.',
  operations: {
    listInvitations: {
      summary: 'List invitations',
      description:
        'Returns the invitations of all users who were ever invited, in the order of their emails, with status and email delivery. Deleted users are omitted. A page reads about 280 users. It can be short or empty and still have a `nextToken`; the last page has none. Requires the permission `users:read`.',
      content: () => ({
        query: invitationList.query(),
        response: {
          schema: invitationList.response(),
          example: invitationList.toResponse([invitation], undefined),
        },
        responseDescription: 'A page of invitations.',
      }),
    },
    getInvitation: {
      summary: 'Get an invitation',
      description:
        'Returns the inviter, expiration time, outcome and email delivery of an invitation, without its link. Requires the permission `users:read`. A user who was not invited yet is 404.',
      content: () => describeInvitation('The invitation.'),
    },
    resendInvitation: {
      summary: 'Resend an invitation',
      description: `Emails a new link with a full lifetime and invalidates earlier links. Also emails the first link to a user created with \`sendInvitation: false\`, and a new one after an invitation expired or was revoked. Allowed once a minute: 429.

The caller becomes the inviter: at acceptance, the user gets only roles that the inviter can grant then. Requires the permission \`users:create\`, and a system administrator if the user owns the tenant: 403.`,
      errors: {
        not_invitable: {},
        too_many_requests: {
          limits: {
            tenant_mails: 'invitation emails of the tenant in an hour',
            resend_interval: 'emails to one user in a minute',
          },
        },
      },
      content: () => ({
        ...describeInvitation('The renewed invitation.', {
          version: 2,
          invitedTime: exampleUpdatedTime,
          expiresTime: nextExpiresTime,
          delivery: { status: 'pending', time: null, reason: null, sentTimes: [sentTime] },
        }),
        acceptsIfMatch: true,
      }),
    },
    revokeInvitation: {
      summary: 'Revoke an invitation',
      description:
        'Invalidates all links of the invitation and cancels an email that was not sent yet. The user stays `invite_pending` until invited again or deleted. Requires the permission `users:create`, and a system administrator if the user owns the tenant: 403.',
      errors: {
        invalid_transition: {
          text: 'the invitation is already accepted or revoked (`details.status`). `details.allowed` lists possible operations',
          example: new Failure('invalid_transition', 'An accepted invitation cannot be revoked', {
            details: { status: 'accepted', allowed: [] },
          }),
        },
      },
      content: () => ({
        ...describeInvitation('The revoked invitation.', {
          status: 'revoked',
          revokedTime: exampleUpdatedTime,
          revokedBy: 'admin',
        }),
        acceptsIfMatch: true,
      }),
    },
    copyInvitationLink: {
      summary: 'Create an invitation link',
      description:
        'Returns a new link, once, for a user who cannot be reached by email, and invalidates earlier links. The holder of the link can take over the account. The email stays unverified when the user accepts by this link. Requires the permissions `users:create` and `invitations:copy`; no built-in role has the latter.',
      errors: { not_invitable: {} },
      content: () => ({
        parameter: byUserId.pathParameter,
        response: {
          schema: invitationLinkResponse(),
          example: {
            link: `https://acme.example.com/accept#token=${exampleLinkToken}&locale=en`,
            expiresTime: nextExpiresTime,
          },
        },
        responseDescription: 'The new link.',
        acceptsIfMatch: true,
      }),
    },
    inspectInvitation: {
      summary: 'Inspect an invitation link',
      description:
        'Returns the account of an invitation link, its expiration time and the password rules, for a page on which the user chooses a password. Does not use the link.',
      errors: invitationLinkErrors,
      content: () => ({
        request: { schema: linkInspection.inspectInput(), example: { token: exampleLinkToken } },
        response: {
          schema: linkInspection.response(),
          example: { ...exampleOpenLink, expiresTime },
        },
        responseDescription: 'The open link.',
      }),
    },
    acceptInvitation: {
      summary: 'Accept an invitation',
      description:
        'Sets the password and activates the user. The link works once. An emailed link verifies the email. Roles that no longer exist or that the inviter can no longer grant are not assigned. Returns no access token: the user signs in with the password.',
      dialectNotes: {
        jitsudo:
          'An invalid token and a rejected password return 400 `invalid_input`; `details.issues` names the field. The tenant comes from the link, so `X-Tenant-ID` is optional.',
      },
      errors: { ...invitationLinkErrors, password_rejected: {} },
      content: (dialect) => {
        const { codec, example } = acceptances[dialect];
        return {
          request: {
            schema: codec.acceptInput(),
            example: { token: exampleLinkToken, password: examplePassword },
          },
          response: { schema: codec.response(), example },
          responseDescription: 'The active user.',
          ...(codec.mapError && { mapError: codec.mapError }),
        };
      },
    },
  },
};
