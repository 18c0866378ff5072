import type { MailMessages } from './mail-messages.ts';

export const en: MailMessages = {
  greeting: (name) => (name === undefined ? 'Hello,' : `Hello ${name},`),
  expiry: (date) => `This link expires on ${date} and works once. Please don't share it.`,
  hourExpiry: (date) =>
    `This link works once and expires after one hour, on ${date}. Please don't share it.`,
  dayExpiry: (date) =>
    `This link works once and expires after 24 hours, on ${date}. Please don't share it.`,
  invitation: {
    subject: (tenant) => `You're invited to join ${tenant}`,
    request: ({ tenant, email }) =>
      `${tenant} created an account for ${email}. To start using it, choose a password:`,
    action: 'Set up your account',
    ignore: "If you weren't expecting this email, you can ignore it.",
  },
  reset: {
    subject: (tenant) => `Reset your password for ${tenant}`,
    request: ({ tenant, email }) =>
      `We received a request to reset the password of your ${tenant} account (${email}). Choose a new one:`,
    action: 'Choose a new password',
    ignore: "If you didn't ask for this, you can ignore this email. Your password won't change.",
  },
  confirmation: {
    email: {
      subject: (tenant) => `Confirm your email address for ${tenant}`,
      request: ({ tenant, email }) =>
        `Please confirm that ${email} is the email address of your ${tenant} account. Open this page and sign in:`,
      action: 'Confirm email address',
      ignore: "If you didn't ask for this, you can ignore this email.",
    },
    identity: {
      subject: (tenant) => `Confirm your sign-in service for ${tenant}`,
      request: ({ tenant, email }) =>
        `Please confirm the sign-in service that is linked to your ${tenant} account (${email}). Open this page in the browser where you're signed in with that service:`,
      action: 'Confirm sign-in service',
      ignore: "If you didn't ask for this, you can ignore this email.",
    },
  },
  verification: {
    current: {
      subject: (tenant) => `Verify your email address for ${tenant}`,
      request: ({ tenant, email }) =>
        `Please verify that ${email} is the email address of your ${tenant} account:`,
      action: 'Verify email address',
      ignore: "If you don't have this account, you can ignore this email.",
    },
    new: {
      subject: (tenant) => `Verify your new email address for ${tenant}`,
      request: ({ tenant, email }) =>
        `We received a request to change the email address of your ${tenant} account to ${email}. To change it, verify the new address:`,
      action: 'Verify new email address',
      ignore: "If you didn't ask for this, you can ignore this email. Nothing will change.",
    },
  },
  accessRequest: {
    subject: (tenant) => `Access request for ${tenant}`,
    request: ({ tenant, email }, level, date) =>
      `${email} requested the permission "${level}" for ${tenant} on ${date}.`,
    message: 'This is their message. We did not check it:',
    decide:
      'You receive this email because you own the organization. Grant or decline the request in its permissions.',
  },
  webhook: {
    failing: {
      subject: (tenant) => `A webhook of ${tenant} is failing`,
      text: ({ tenant, host, since }) =>
        `The webhook of ${tenant} at ${host} has accepted no event since ${since}. It will be disabled if no delivery succeeds within five days.`,
    },
    disabled: {
      subject: (tenant) => `A webhook of ${tenant} was disabled`,
      text: ({ tenant, host, since }) =>
        `The webhook of ${tenant} at ${host} was disabled. It has accepted no event since ${since}.`,
    },
    check:
      'You receive this email because you own the organization. Once the endpoint works and the webhook is enabled, it receives the missed events.',
  },
  creation: {
    subject: (tenant) => `Your ${tenant} account was created`,
    created: ({ tenant, email }, date) =>
      `An account at ${tenant} was created for ${email} on ${date}.`,
    chooseOwnPassword:
      'The person who created it also set the password. To choose your own, reset your password on the sign-in page.',
    unexpected: "If you weren't expecting this account, contact your administrator.",
  },
  change: {
    password: {
      subject: (tenant) => `Your password for ${tenant} was changed`,
      changed: ({ tenant, email }, date) =>
        `The password of your ${tenant} account (${email}) was changed on ${date}.`,
    },
    email: {
      subject: (tenant) => `Your email address for ${tenant} was changed`,
      changed: ({ tenant, email }, date) =>
        `The email address of your ${tenant} account was changed on ${date}. It is no longer ${email}.`,
    },
    identity: {
      subject: (tenant) => `The sign-in service of your ${tenant} account was changed`,
      changed: ({ tenant, email }, date) =>
        `The sign-in service of your ${tenant} account (${email}) was changed on ${date}.`,
    },
    permissions: {
      subject: (tenant) => `Your permissions for ${tenant} were changed`,
      changed: ({ tenant, email }, date) =>
        `The permissions of your ${tenant} account (${email}) were changed on ${date}.`,
    },
  },
  details: {
    account: 'new account',
    password: 'password',
    email: 'email address',
    identity: 'sign-in service',
    permissions: 'permissions',
  },
  changes: {
    subject: (tenant, details) => `Changes to your ${tenant} account: ${details}`,
    changed: ({ tenant, email }, details, date) =>
      `Your ${tenant} account (${email}) was changed on ${date}: ${details}.`,
    line: (date, details) => `${date}: ${details}`,
    list: ({ tenant, email }) => `Your ${tenant} account (${email}) was changed:`,
  },
  linkedIdentity: (service) => `Your account is now linked to ${service}.`,
  unlinkedIdentity: 'Your account is no longer linked to another service.',
  linkedUnknownIdentity: "Your account is now linked to a service that we don't recognize.",
  inactivePermissions:
    'Some of your permissions are inactive because someone else set your password. To activate them, reset your password by email on the sign-in page.',
  expected: 'If this was you, or you expected it, no action is needed.',
  unexpected: 'Otherwise, reset your password now and contact your administrator.',
  unexpectedWithoutReset: 'Otherwise, contact your administrator now.',
  signInAt: 'Sign in to your account at:',
};
