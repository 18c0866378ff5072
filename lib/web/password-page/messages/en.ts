import type { PageMessages } from './page-messages.ts';

export const en: PageMessages = {
  languageName: 'English',
  language: 'Language',
  wait: 'One moment…',
  greeting: (name) => `Hello ${name},`,
  identity: (issuer) =>
    `You can also sign in to this account with ${issuer}. If you don't use that service, ask your administrator to remove it.`,
  passwordLabel: 'Password',
  show: 'Show',
  hide: 'Hide',
  showPassword: 'Show password',
  hidePassword: 'Hide password',
  tryAgain: 'Try again',
  close: 'You can close this page.',
  pasteLink: 'Link from the email',
  openLink: 'Open link',
  invalidLink:
    "This isn't the complete link. Right-click the button in the email, or touch and hold it, then copy the link.",
  password: {
    email: 'Email address',
    hint: (minimumLength) =>
      `Use at least ${minimumLength} characters. A few unrelated words are easy to remember.`,
    reasons: {
      too_short: (minimumLength) => `Use at least ${minimumLength} characters.`,
      too_long: () => 'Use at most 1024 characters.',
      pattern: () => 'This is easy to guess. Avoid repetitions and sequences.',
      contains_known_word: () =>
        'Leave out your email address, your username and the name of your organization.',
      commonly_used: () => 'This password is too common. Choose another one.',
      is_hash: () => 'This is the hash of a password. Choose a password instead.',
      other: () => "You can't use this password. Choose another one.",
    },
    acceptable: 'Looks good.',
    submit: 'Set password',
    signIn: (tenant, email) => `You can now sign in to ${tenant} as ${email}.`,
    refusedRoles: (roles) =>
      `You didn't get these roles: ${roles}. Ask the person who invited you.`,
    continueTo: (tenant) => `Continue to ${tenant}`,
  },
  invitation: {
    welcome: (tenant) => `Welcome to ${tenant}`,
    choose: 'Choose a password to set up your account.',
    validUntil: (time) => `This invitation expires on ${time}.`,
    done: 'Your account is ready',
    help: "If that doesn't work, ask the person who invited you for a new invitation.",
    problems: {
      missing: {
        heading: 'Open your invitation again',
        advice:
          'The link is incomplete. Open it from the email again. If you still see this page, copy the link from the email and paste it below.',
      },
      invalid: {
        heading: "This link isn't valid",
        advice:
          'It may be incomplete. Open the link in the email again, or ask the person who invited you for a new invitation.',
      },
      expired: {
        heading: 'This invitation has expired',
        advice: 'Ask the person who invited you, or an administrator, for a new invitation.',
      },
      used: {
        heading: 'This invitation was already used',
        advice:
          "If you've set your password, you can sign in. If you forgot it, reset it. If this wasn't you, tell the person who invited you right away.",
      },
      revoked: {
        heading: 'This invitation was withdrawn',
        advice: 'If you still need an account, ask the person who invited you.',
      },
      superseded: {
        heading: "There's a newer invitation",
        advice: 'Only the link in the latest email works. Open that one, or get it again.',
      },
      suspended: {
        heading: 'Not available right now',
        advice:
          "The organization that invited you can't add users right now. Try again later, or ask the person who invited you.",
      },
      tooManyRequests: {
        heading: 'Please wait a moment',
        advice: 'There were too many requests. Try again in a minute.',
      },
      offline: {
        heading: 'No connection',
        advice: "We can't reach the service. Check your internet connection, then try again.",
      },
      unavailable: {
        heading: 'Something went wrong',
        advice: 'The problem is on our side. Try again in a moment.',
      },
    },
  },
  reset: {
    welcome: (tenant) => `Reset your password for ${tenant}`,
    choose: 'Choose a new password. It replaces your old one.',
    validUntil: (time) => `This link expires on ${time}.`,
    done: 'Your new password is set',
    help: "If that doesn't work, get a new link.",
    problems: {
      missing: {
        heading: 'Paste the link from the email',
        advice: 'To copy the link, right-click the button in the email, or touch and hold it.',
      },
      invalid: {
        heading: "This link isn't valid",
        advice:
          "It may be incomplete, or there's a newer one. Open the link in the latest email, or get a new link.",
      },
      expired: {
        heading: 'This link has expired',
        advice: 'Links work for one hour. Get a new one to reset your password.',
      },
      used: {
        heading: 'This link no longer works',
        advice: "If you've set your new password, you can sign in. Otherwise, get a new link.",
      },
      suspended: {
        heading: 'Not available right now',
        advice: "You can't sign in to this organization right now. Try again later.",
      },
    },
  },
  request: {
    reset: {
      heading: 'Reset your password',
      advice:
        "Enter your email address or username, and we'll email you a link to choose a new password.",
    },
    invitation: {
      heading: 'Get the link again',
      advice:
        "Enter the email address that was invited. If the invitation is still valid, we'll send you the link again.",
    },
    email: 'Email address',
    account: 'Email address or username',
    organization: 'Organization',
    organizationHint:
      "The short name of your organization, such as acme. If you don't know it, ask your administrator.",
    submit: 'Send link',
    invalidEmail: 'Enter a valid email address.',
    missingAccount: 'Enter your email address or username.',
    missingOrganization: 'Enter the short name of your organization.',
    sent: 'Check your email',
    sentAdvice: (email) =>
      `If ${email} has an account, you'll get a link within a few minutes. If you don't, check your spam folder or ask your administrator.`,
    otherEmail: 'Use another email address',
    newLink: 'Get a new link',
    resetPassword: 'Reset your password',
    sendAgain: 'Get the link again',
    haveLink: 'I already have a link',
  },
  confirmation: {
    heading: 'Confirm your email address',
    advice: 'To confirm your email address, sign in to your account.',
    account: 'Email address or username',
    submit: 'Sign in and confirm',
    attemptProblems: {
      incomplete: 'Enter your email address or username, and your password.',
      wrongPassword: 'The email address, username or password is incorrect.',
      otherAccount:
        'This link belongs to another account. Sign in with the account that the email was sent to.',
      tooManyRequests: 'There were too many attempts.',
      offline: "We can't reach the service. Check your internet connection, then try again.",
      unavailable: 'Something went wrong on our side. Try again in a moment.',
    },
    retryAfter: (time) => `Try again in ${time}.`,
    linkProblems: {
      missing: {
        heading: 'Open the link again',
        advice:
          'The link is incomplete. Open it from the email again. If you still see this page, copy the link from the email and paste it below.',
      },
      invalid: {
        heading: "This link isn't valid",
        advice: 'It may be incomplete. Open the link in the email again.',
      },
      expired: {
        heading: 'This link has expired',
        advice: 'Links work for one hour. Get a new one to confirm your email address.',
      },
      used: {
        heading: 'This link no longer works',
        advice:
          "Your email address may already be confirmed, or there's a newer link. Open the link in the latest email, or get a new one.",
      },
      limitedPassword: {
        heading: 'Choose your own password first',
        advice:
          "Someone else set your password, so it can't confirm your email address. Reset your password by email, then request a new confirmation link. If that doesn't help, ask your administrator to approve your email address.",
      },
      identity: {
        heading: "This page can't confirm your sign-in service",
        advice:
          'This link confirms the sign-in service that is linked to your account. A password is not enough. Ask your administrator to approve the service.',
      },
      suspended: {
        heading: 'Not available right now',
        advice:
          "You can't confirm your email address because your account or organization is suspended. Contact your administrator.",
      },
    },
    help: "If that doesn't work, request a new link where you requested this one, or ask your administrator.",
    done: 'Your email address is confirmed',
    sendAgain: 'Send a new link',
    sent: {
      heading: 'Check your email',
      advice: 'We sent a new link to your email address. It works for one hour.',
    },
    notNeeded: {
      heading: 'No confirmation needed',
      advice: "You don't need to confirm your email address. You can close this page.",
    },
  },
  verification: {
    heading: 'Verify your email address',
    advice: (tenant, email) =>
      `Confirm that ${email} is your email address for your ${tenant} account.`,
    submit: 'Yes, this is my email address',
    done: 'Your email address is verified',
    doneAdvice: (tenant, email) => `Your ${tenant} account uses the email address ${email}.`,
    problems: {
      missing: {
        heading: 'Open the link again',
        advice:
          'The link is incomplete. Open it from the email again. If you still see this page, copy the link from the email and paste it below.',
      },
      invalid: {
        heading: "This link isn't valid",
        advice:
          "It may be incomplete, there's a newer link, or your account changed. Open the link in the latest email, or request a new one where you requested this one.",
      },
      expired: {
        heading: 'This link has expired',
        advice: 'Links work for 24 hours. Request a new one where you requested this one.',
      },
      used: {
        heading: 'This link was already used',
        advice: 'Your email address is verified. You can close this page.',
      },
      taken: {
        heading: "You can't use this email address",
        advice: 'Another account has this email address. Your account keeps its current one.',
      },
      suspended: {
        heading: 'Not available right now',
        advice:
          "You can't verify your email address right now. Try again later, or contact your administrator.",
      },
    },
    help: "If that doesn't work, request a new link where you requested this one, or ask your administrator.",
  },
};
