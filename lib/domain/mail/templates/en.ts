import type { MailMessages } from './mail-messages.ts';

export const en: MailMessages = {
  greeting: (name) => (name === undefined ? 'Hello,' : `Hello ${name},`),
  expiry: (date) => `This link expires on ${date} and works once. Please don't share it.`,
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
      subject: (tenant) => `Confirm your sign-in for ${tenant}`,
      request: ({ tenant, email }) =>
        `Please confirm that you sign in to your ${tenant} account (${email}) with another service. Open this page in the browser where you're signed in with that service:`,
      action: 'Confirm sign-in',
      ignore: "If you didn't ask for this, you can ignore this email.",
    },
  },
  creation: {
    subject: (tenant) => `Your ${tenant} account was created`,
    created: ({ tenant, email }, date) =>
      `An account at ${tenant} was created for ${email} on ${date}.`,
    chooseOwnPassword:
      'The person who created it also chose its password. To choose your own, reset the password where you sign in.',
    unexpected: "If you weren't expecting this account, contact your administrator.",
  },
  change: {
    password: {
      subject: 'Your password was changed',
      changed: ({ tenant, email }, date) =>
        `The password of your ${tenant} account (${email}) was changed on ${date}.`,
    },
    email: {
      subject: 'Your email address was changed',
      changed: ({ tenant, email }, date) =>
        `The email address of your ${tenant} account was changed on ${date}. It is no longer ${email}.`,
    },
    identity: {
      subject: 'Your sign-in with another service was changed',
      changed: ({ tenant, email }, date) =>
        `The sign-in with another service was changed for your ${tenant} account (${email}) on ${date}.`,
    },
    permissions: {
      subject: 'Your permissions were changed',
      changed: ({ tenant, email }, date) =>
        `The permissions of your ${tenant} account (${email}) were changed on ${date}.`,
    },
  },
  details: {
    account: 'new account',
    password: 'password',
    email: 'email address',
    identity: 'sign-in with another service',
    permissions: 'permissions',
  },
  changes: {
    subject: (details) => `Changes to your account: ${details}`,
    changed: ({ tenant, email }, details, date) =>
      `Your ${tenant} account (${email}) was changed on ${date}: ${details}.`,
    line: (date, details) => `${date}: ${details}`,
    list: ({ tenant, email }) => `Your ${tenant} account (${email}) was changed:`,
  },
  linkedIdentity: (service) => `Your account is now linked to this service: ${service}.`,
  unlinkedIdentity: 'Your account is no longer linked to another service.',
  unknownService: "a service that we don't recognize",
  inactivePermissions:
    'Some of your permissions are inactive because someone else set your password. To activate them, reset your password by email where you sign in.',
  expected: 'If this was you, or you expected it, no action is needed.',
  unexpected: "If this wasn't you, reset your password now and contact your administrator.",
  unexpectedWithoutReset: "If this wasn't you, contact your administrator now.",
  signInAt: 'Sign in to your account at:',
};
