import type { Locale } from './languages.ts';

/** Problems that end the use of a link. */
export type LinkProblem =
  | 'missing'
  | 'invalid'
  | 'expired'
  | 'used'
  | 'limitedPassword'
  | 'identity'
  | 'suspended';

/** Problems of an attempt. The user can try again in the form. */
export type AttemptProblem =
  | 'incomplete'
  | 'wrongPassword'
  | 'otherAccount'
  | 'tooManyRequests'
  | 'offline'
  | 'unavailable';

/** Texts of the confirmation page in one language. */
export interface Messages {
  /** Name of the language in that language. */
  readonly language: string;
  readonly heading: string;
  readonly explanation: string;
  readonly account: string;
  readonly password: string;
  readonly show: string;
  readonly hide: string;
  readonly showPassword: string;
  readonly hidePassword: string;
  readonly submit: string;
  readonly sending: string;
  readonly attemptProblems: Readonly<Record<AttemptProblem, string>>;
  readonly retryAfter: (time: string) => string;
  readonly linkProblems: Readonly<
    Record<LinkProblem, { readonly heading: string; readonly advice: string }>
  >;
  readonly pasteLink: string;
  readonly openLink: string;
  readonly invalidLink: string;
  readonly help: string;
  readonly done: string;
  readonly close: string;
}

const en: Messages = {
  language: 'English',
  heading: 'Confirm your email',
  explanation: 'Sign in to confirm that this email address belongs to your account.',
  account: 'Email or username',
  password: 'Password',
  show: 'Show',
  hide: 'Hide',
  showPassword: 'Show password',
  hidePassword: 'Hide password',
  submit: 'Sign in and confirm',
  sending: 'One moment…',
  attemptProblems: {
    incomplete: 'Enter your email or username and your password.',
    wrongPassword: 'The email, username or password is incorrect.',
    otherAccount:
      'This link belongs to another account. Sign in with the account that the email was sent to.',
    tooManyRequests: 'There were too many attempts.',
    offline: 'The service cannot be reached. Check your internet connection, then try again.',
    unavailable: 'Something went wrong on our side. Wait a moment, then try again.',
  },
  retryAfter: (time) => `Try again in ${time}.`,
  linkProblems: {
    missing: {
      heading: 'Open the link again',
      advice:
        'The link is incomplete. Open it in the email again. If you return to this page, copy the link from the email and paste it below.',
    },
    invalid: {
      heading: 'This link is not valid',
      advice: 'Part of the link may be missing. Open the link in the email again.',
    },
    expired: {
      heading: 'This link has expired',
      advice: 'Links expire after an hour. Request a new one where you requested this one.',
    },
    used: {
      heading: 'This link no longer works',
      advice:
        'If you already used it, your email is confirmed and no action is needed. Otherwise your account has changed since, or there is a newer link: open the link in the latest email, or request a new one.',
    },
    limitedPassword: {
      heading: 'Choose your own password first',
      advice:
        'Another person set your password, so it cannot confirm your email. Reset your password by email, then request a new confirmation link. If that doesn’t help, ask your administrator to approve your email.',
    },
    identity: {
      heading: 'Open this link in your application',
      advice:
        'This link confirms your sign-in with another service. A password cannot confirm it. Open the link where you sign in with that service, or ask your administrator to approve it.',
    },
    suspended: {
      heading: 'Your account is suspended',
      advice: 'Your email cannot be confirmed right now. Ask your administrator.',
    },
  },
  pasteLink: 'Link from the email',
  openLink: 'Open link',
  invalidLink:
    'This isn’t the complete link. Right-click the button in the email, or touch and hold it, then copy the link.',
  help: 'If this doesn’t work, request a new link where you requested this one, or ask your administrator.',
  done: 'Your email is confirmed',
  close: 'You can close this page.',
};

const de: Messages = {
  language: 'Deutsch',
  heading: 'E-Mail-Adresse bestätigen',
  explanation:
    'Melden Sie sich an, um zu bestätigen, dass diese E-Mail-Adresse zu Ihrem Konto gehört.',
  account: 'E-Mail-Adresse oder Benutzername',
  password: 'Passwort',
  show: 'Zeigen',
  hide: 'Verbergen',
  showPassword: 'Passwort zeigen',
  hidePassword: 'Passwort verbergen',
  submit: 'Anmelden und bestätigen',
  sending: 'Einen Moment …',
  attemptProblems: {
    incomplete: 'Geben Sie Ihre E-Mail-Adresse oder Ihren Benutzernamen und Ihr Passwort ein.',
    wrongPassword: 'E-Mail-Adresse, Benutzername oder Passwort stimmt nicht.',
    otherAccount:
      'Dieser Link gehört zu einem anderen Konto. Melden Sie sich mit dem Konto an, an das die E-Mail ging.',
    tooManyRequests: 'Es gab zu viele Versuche.',
    offline:
      'Der Dienst ist nicht erreichbar. Prüfen Sie Ihre Internetverbindung und versuchen Sie es noch einmal.',
    unavailable:
      'Bei uns ist etwas schiefgegangen. Warten Sie einen Moment und versuchen Sie es noch einmal.',
  },
  retryAfter: (time) => `Versuchen Sie es noch einmal in ${time}.`,
  linkProblems: {
    missing: {
      heading: 'Öffnen Sie den Link noch einmal',
      advice:
        'Der Link ist unvollständig. Öffnen Sie ihn in der E-Mail noch einmal. Kommen Sie wieder hierher, dann kopieren Sie den Link in der E-Mail und fügen Sie ihn unten ein.',
    },
    invalid: {
      heading: 'Dieser Link ist nicht gültig',
      advice: 'Vielleicht fehlt ein Teil des Links. Öffnen Sie den Link in der E-Mail noch einmal.',
    },
    expired: {
      heading: 'Dieser Link ist abgelaufen',
      advice:
        'Links gelten eine Stunde. Fordern Sie dort, wo Sie diesen angefordert haben, einen neuen an.',
    },
    used: {
      heading: 'Dieser Link gilt nicht mehr',
      advice:
        'Wenn Sie ihn schon benutzt haben, ist Ihre E-Mail-Adresse bestätigt und Sie müssen nichts tun. Sonst hat sich Ihr Konto inzwischen geändert, oder es gibt einen neueren Link: Öffnen Sie den Link in der neuesten E-Mail, oder fordern Sie einen neuen an.',
    },
    limitedPassword: {
      heading: 'Wählen Sie zuerst ein eigenes Passwort',
      advice:
        'Eine andere Person hat Ihr Passwort gesetzt. Damit lässt sich Ihre E-Mail-Adresse nicht bestätigen. Setzen Sie Ihr Passwort per E-Mail zurück und fordern Sie dann einen neuen Bestätigungslink an. Hilft das nicht, bitten Sie Ihre Administration, Ihre E-Mail-Adresse freizugeben.',
    },
    identity: {
      heading: 'Öffnen Sie diesen Link in Ihrer Anwendung',
      advice:
        'Dieser Link bestätigt Ihre Anmeldung über einen anderen Dienst. Mit einem Passwort geht das nicht. Öffnen Sie den Link dort, wo Sie sich mit diesem Dienst anmelden, oder bitten Sie Ihre Administration um Freigabe.',
    },
    suspended: {
      heading: 'Ihr Konto ist gesperrt',
      advice:
        'Ihre E-Mail-Adresse lässt sich zurzeit nicht bestätigen. Fragen Sie Ihre Administration.',
    },
  },
  pasteLink: 'Link in der E-Mail',
  openLink: 'Link öffnen',
  invalidLink:
    'Das ist nicht der ganze Link. Klicken Sie in der E-Mail mit der rechten Maustaste auf den Knopf, oder halten Sie ihn gedrückt, und kopieren Sie den Link.',
  help: 'Hilft das nicht, fordern Sie dort, wo Sie diesen Link angefordert haben, einen neuen an, oder fragen Sie Ihre Administration.',
  done: 'Ihre E-Mail-Adresse ist bestätigt',
  close: 'Sie können diese Seite schließen.',
};

export const messages: Readonly<Record<Locale, Messages>> = { en, de };
