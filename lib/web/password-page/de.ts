import type { Words } from './messages.ts';

export const german: Words = {
  language: 'Deutsch',
  checking: 'Einen Moment …',
  welcome: (tenant) => `Willkommen bei ${tenant}`,
  hello: (name) => `Guten Tag, ${name}!`,
  choose: 'Wählen Sie ein Passwort, und Ihr Konto ist bereit.',
  identity: (issuer) =>
    `Jemand hat mit diesem Konto eine Anmeldung von ${issuer} verknüpft. Wenn Sie diesen Dienst nicht benutzen, bitten Sie Ihre Administration, sie zu entfernen.`,
  email: 'E-Mail-Adresse',
  password: 'Passwort',
  hint: (minimumLength) =>
    `Mindestens ${minimumLength} Zeichen. Ein paar Wörter, die nicht zusammengehören, lassen sich gut merken.`,
  show: 'Zeigen',
  hide: 'Verbergen',
  showPassword: 'Passwort zeigen',
  hidePassword: 'Passwort verbergen',
  reasons: {
    too_short: (minimumLength) => `Noch etwas länger: mindestens ${minimumLength} Zeichen.`,
    too_long: () => 'Das ist zu lang: höchstens 1024 Zeichen.',
    pattern: () =>
      'Es wiederholt ein kurzes Stück oder zählt auf- oder abwärts und ist schnell erraten.',
    contains_known_word: () =>
      'Es enthält Ihre E-Mail-Adresse, Ihren Benutzernamen oder den Namen der Organisation. Bitte lassen Sie das weg.',
    commonly_used: () =>
      'Es gehört zu den Passwörtern, die zuerst ausprobiert werden. Bitte wählen Sie ein eigenes.',
    is_hash: () => 'Es ist der Hash eines Passworts. Bitte wählen Sie ein Passwort.',
    other: () => 'Dieses Passwort kann nicht verwendet werden. Bitte wählen Sie ein anderes.',
  },
  acceptable: 'Sieht gut aus.',
  submit: 'Passwort festlegen',
  sending: 'Einen Moment …',
  validUntil: (time) => `Diese Einladung gilt bis ${time} Uhr.`,
  problems: {
    missing: {
      heading: 'Bitte öffnen Sie Ihre Einladung noch einmal',
      advice:
        'Diese Seite braucht den ganzen Link aus Ihrer Einladung. Öffnen Sie ihn in der E-Mail noch einmal. Kommen Sie wieder hierher, dann kopieren Sie den Link in der E-Mail und fügen Sie ihn unten ein.',
    },
    invalid: {
      heading: 'Dieser Link ist nicht gültig',
      advice:
        'Vielleicht wurde er nicht vollständig kopiert. Öffnen Sie den Link in der E-Mail noch einmal, oder bitten Sie die Person, die Sie eingeladen hat, um einen neuen.',
    },
    expired: {
      heading: 'Diese Einladung ist abgelaufen',
      advice: 'Bitten Sie die Person, die Sie eingeladen hat, um eine neue.',
    },
    used: {
      heading: 'Diese Einladung wurde bereits verwendet',
      advice:
        'Wenn Sie damit Ihr Passwort festgelegt haben, ist alles in Ordnung: Melden Sie sich einfach an. Wenn Sie es nicht waren, sagen Sie bitte gleich der Person Bescheid, die Sie eingeladen hat.',
    },
    revoked: {
      heading: 'Diese Einladung wurde zurückgezogen',
      advice:
        'Bitten Sie die Person, die Sie eingeladen hat, oder jemand anderen dort um eine neue.',
    },
    superseded: {
      heading: 'Es gibt eine neuere Einladung',
      advice:
        'Inzwischen wurde Ihnen eine weitere geschickt. Öffnen Sie den Link in der neuesten E-Mail: Nur dieser gilt noch.',
    },
    suspended: {
      heading: 'Zurzeit nicht verfügbar',
      advice:
        'Die Organisation, die Sie eingeladen hat, kann im Moment niemanden aufnehmen. Versuchen Sie es später noch einmal, oder fragen Sie die Person, die Sie eingeladen hat.',
    },
    tooManyRequests: {
      heading: 'Bitte haben Sie einen Moment Geduld',
      advice:
        'Es kamen zu viele Anfragen auf einmal. Warten Sie eine Minute, und versuchen Sie es dann noch einmal.',
    },
    offline: {
      heading: 'Keine Verbindung',
      advice:
        'Der Dienst ist nicht erreichbar. Prüfen Sie Ihre Internetverbindung, und versuchen Sie es dann noch einmal.',
    },
    unavailable: {
      heading: 'Bei uns ist etwas schiefgegangen',
      advice:
        'Warten Sie einen Moment, und versuchen Sie es dann noch einmal. Ihre Einladung geht nicht verloren.',
    },
  },
  pasteLink: 'Link in der E-Mail',
  openLink: 'Link öffnen',
  invalidLink:
    'Das ist nicht der ganze Link. Klicken Sie in der E-Mail mit der rechten Maustaste auf die Schaltfläche, oder halten Sie sie gedrückt, und kopieren Sie den Link.',
  support:
    'Wenn das nicht hilft, bitten Sie die Person, die Sie eingeladen hat, um eine neue Einladung.',
  tryAgain: 'Noch einmal versuchen',
  done: 'Ihr Passwort ist festgelegt',
  signIn: (tenant, email) => `Sie können sich jetzt als ${email} bei ${tenant} anmelden.`,
  refusedRoles: (roles) =>
    `Diese Rollen konnten Ihnen nicht mehr gegeben werden: ${roles}. Bitte fragen Sie die Person, die Sie eingeladen hat.`,
  goOn: (tenant) => `Weiter zu ${tenant}`,
  close: 'Sie können diese Seite schließen.',
};
