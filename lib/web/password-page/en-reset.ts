import { english } from './en.ts';
import type { Words } from './messages.ts';

/** The same page for somebody who has asked for a new password. */
export const englishReset: Words = {
  ...english,
  welcome: (tenant) => `A new password for ${tenant}`,
  choose: 'Choose a new password. From then on the old one is not good any more.',
  validUntil: (time) => `This link is valid until ${time}.`,
  support:
    "If that doesn't work, request a new password where you sign in, or ask your administrator.",
  problems: {
    ...english.problems,
    missing: {
      heading: 'Please open the link again',
      advice:
        'The link is incomplete. Open it in the email again. If you return to this page, copy the link from the email and paste it below.',
    },
    invalid: {
      heading: 'This link is not valid',
      advice:
        'Perhaps it was not copied completely, or there is a newer one. Open the link in the latest e-mail, or ask for a new password again.',
    },
    expired: {
      heading: 'This link has expired',
      advice: 'It was good for an hour. Ask for a new password again.',
    },
    used: {
      heading: 'This link is not good any more',
      advice:
        'If you chose your new password with it, all is well: just sign in. If your account has changed in another way since, ask for a new password again.',
    },
    suspended: {
      heading: 'Not available at the moment',
      advice: 'Nobody can sign in there right now. Try again later.',
    },
    unavailable: {
      heading: 'Something went wrong on our side',
      advice: 'Wait a moment, then try again. Your password is as it was.',
    },
  },
  done: 'Your new password is set',
};
