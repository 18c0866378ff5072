import type { OperationWords } from '../../../infra/build/openapi/operations.ts';

/** What the document says of links for new passwords. */
export const passwordResetWords = {
  requestPasswordReset: {
    summary: 'Ask for a new password',
    description: `Mails a link to the address if an active local user of the tenant has it. The link works once, for an hour, and until the address,
password, status or identity changes. An invited user gets the current invitation link again. The response is the same for every address and takes the
same time. While a link is open, an address gets one mail every 5 minutes, or every 15 minutes after 5 in a row; an earlier request waits for the next mail.
No access token is needed.`,
    remarks: {
      jitsudo:
        '`tenant_slug` is ours: without it the tenant is named by `X-Tenant-ID` or by the host.',
    },
  },
  inspectPasswordReset: {
    summary: 'Look at a link for a new password',
    description:
      'Whose password it is and until when, and what the new one must not be: what a page shows on which somebody chooses it. It changes nothing, however often it is asked. No access token is needed.',
  },
  completePasswordReset: {
    summary: 'Choose a new password',
    description:
      'Sets the password, once, and proves the e-mail address, since the link came by mail. No access token is needed, and none is answered: the person signs in as everybody does.',
    remarks: {
      jitsudo:
        'A token that is not good (any more), and a password that is not acceptable, answer 400: `details.issues` says which of them it is.',
    },
  },
} satisfies OperationWords;
