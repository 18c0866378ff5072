import type { FailureWords, OperationWords } from '../../../infra/build/openapi/operations.ts';
import { describeLimits } from '../../../infra/build/openapi/introduction.ts';

/** What the document says of invitations. */
export const invitationWords = {
  listInvitations: {
    summary: 'List invitations',
    description: `Everybody in the tenant who was ever invited, in the order of their e-mail addresses, with how that stands and how the mail fares;
deleted users are left out. A page reads about 280 users. It may be short or empty and still have a \`nextToken\`; the last page has none.`,
  },
  getInvitation: {
    summary: 'Get the invitation of a user',
    description:
      'Returns the inviter, expiration time, outcome and mail delivery of an invitation, without its link. A user who was not invited yet has none: 404.',
  },
  resendInvitation: {
    summary: 'Invite a user again',
    description:
      'Mails a new link with a full lifetime and invalidates earlier links. Also mails the first link to a user created with `sendInvitation: false`, and a new one after an invitation expired or was revoked. At most once a minute: 429. The caller becomes the inviter: at acceptance, the user gets only roles that the inviter can grant then. Requires the permission `users:create`, and a system administrator if the user owns the tenant: 403.',
  },
  revokeInvitation: {
    summary: 'Revoke an invitation',
    description:
      'Invalidates all links of the invitation and cancels a mail that was not sent yet. The user stays `invite_pending` until invited again or deleted. Requires the permission `users:create`, and a system administrator if the user owns the tenant: 403.',
    failures: {
      invalid_transition:
        'the invitation is already accepted or revoked (`details.status`). `details.allowed` lists possible operations',
    },
  },
  copyInvitationLink: {
    summary: 'Get a link to hand over',
    description:
      'A new link, shown this once, for somebody whom mail does not reach; links before it are dead. Whoever has it can be the person, so it takes the permission `invitations:copy` besides `users:create`, and no role has that one unless the tenant has made it so. Accepting by it leaves the e-mail address unverified.',
  },
  inspectInvitation: {
    summary: 'Look at an invitation that you were sent',
    description:
      'Whom it is for and until when, and what the password must not be: what a page shows on which an invited person chooses one. It changes nothing, however often it is asked. No access token is needed.',
  },
  acceptInvitation: {
    summary: 'Accept an invitation that you were sent',
    description: `Sets the password and makes the account active, once. A link that came by mail proves the e-mail address. Roles that are gone by then, or
that the inviter could not give any more, are left out. No access token is needed, and none is answered: the person signs in as everybody does.`,
    remarks: {
      jitsudo:
        'A token that is not good (any more), and a password that is not acceptable, answer 400: `details.issues` says which of them it is. The link says which tenant it is about, so no `X-Tenant-ID` is asked for.',
    },
  },
} satisfies OperationWords;

/** What failures mean where a mail goes out. */
export const failuresOfInviting: FailureWords = {
  too_many_requests: describeLimits(
    '`tenant_mails` for mailed invitations of the tenant within an hour (creating a user with a password, a password hash or `sendInvitation: false` still works)',
    '`resend_interval` for mails to one user within a minute',
  ),
};
