import type { Words } from './messages.ts';

export const english: Words = {
  language: 'English',
  checking: 'One moment…',
  welcome: (tenant) => `Welcome to ${tenant}`,
  hello: (name) => `Hello ${name},`,
  choose: 'Choose a password, and your account is ready.',
  identity: (issuer) =>
    `This account can also be used by signing in with ${issuer}. If you don't use that service, ask your administrator to remove it.`,
  email: 'E-mail address',
  password: 'Password',
  hint: (minimumLength) =>
    `At least ${minimumLength} characters. A few words that do not belong together are easy to remember.`,
  show: 'Show',
  hide: 'Hide',
  showPassword: 'Show password',
  hidePassword: 'Hide password',
  reasons: {
    too_short: (minimumLength) => `A little longer still: at least ${minimumLength} characters.`,
    too_long: () => 'That is too long: 1024 characters at most.',
    pattern: () => 'It repeats a short piece, or counts up or down, and is quickly guessed.',
    contains_known_word: () =>
      'It contains your e-mail address, your user name or the name of the organisation. Please leave that out.',
    commonly_used: () =>
      'It is one of the passwords that are tried first. Please choose one of your own.',
    is_hash: () => 'It is the hash of a password. Please choose a password.',
    other: () => 'This password cannot be used. Please choose another one.',
  },
  acceptable: 'Looks good.',
  submit: 'Set password',
  sending: 'One moment…',
  validUntil: (time) => `This invitation is valid until ${time}.`,
  problems: {
    missing: {
      heading: 'Please open your invitation again',
      advice:
        'The link is incomplete. Open it in your invitation email again. If you return to this page, copy the link from the email and paste it below.',
    },
    invalid: {
      heading: 'This link is not valid',
      advice:
        'Perhaps it was not copied completely. Open the link in the e-mail once more, or ask the person who invited you for a new one.',
    },
    expired: {
      heading: 'This invitation has expired',
      advice: 'Ask the person who invited you for a new one.',
    },
    used: {
      heading: 'This invitation has already been used',
      advice:
        'If you chose your password with it, all is well: just sign in. If it was not you, please tell the person who invited you right away.',
    },
    revoked: {
      heading: 'This invitation has been withdrawn',
      advice: 'Ask the person who invited you, or somebody else there, for a new one.',
    },
    superseded: {
      heading: 'There is a newer invitation',
      advice:
        'Another one has been sent to you since. Open the link in the latest e-mail: only that one works.',
    },
    suspended: {
      heading: 'Not available at the moment',
      advice:
        'The organisation that invited you cannot take anybody in right now. Try again later, or ask the person who invited you.',
    },
    tooManyRequests: {
      heading: 'A moment’s patience, please',
      advice: 'There were too many requests at once. Wait a minute, then try again.',
    },
    offline: {
      heading: 'No connection',
      advice: 'The service cannot be reached. Check your internet connection, then try again.',
    },
    unavailable: {
      heading: 'Something went wrong on our side',
      advice: 'Wait a moment, then try again. Your invitation is not lost.',
    },
  },
  pasteLink: 'Link from the email',
  openLink: 'Open link',
  invalidLink:
    "This isn't the complete link. Right-click the button in the email, or touch and hold it, then copy the link.",
  support: "If that doesn't work, ask the person who invited you for a new invitation.",
  tryAgain: 'Try again',
  done: 'Your password is set',
  signIn: (tenant, email) => `You can now sign in to ${tenant} as ${email}.`,
  refusedRoles: (roles) =>
    `These roles could no longer be given to you: ${roles}. Please ask the person who invited you.`,
  goOn: (tenant) => `Continue to ${tenant}`,
  close: 'You can close this page.',
};
