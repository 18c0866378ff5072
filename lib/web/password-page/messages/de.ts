import type { PageMessages } from './page-messages.ts';

export const de: PageMessages = {
  languageName: 'Deutsch',
  language: 'Sprache',
  wait: 'Einen Moment …',
  greeting: (name) => `Guten Tag ${name},`,
  identity: (issuer) =>
    `Sie können sich bei diesem Konto auch über ${issuer} anmelden. Wenn Sie diesen Dienst nicht nutzen, bitten Sie Ihre Administration, ihn zu entfernen.`,
  passwordLabel: 'Passwort',
  show: 'Anzeigen',
  hide: 'Verbergen',
  showPassword: 'Passwort anzeigen',
  hidePassword: 'Passwort verbergen',
  tryAgain: 'Noch einmal versuchen',
  close: 'Sie können diese Seite schließen.',
  pasteLink: 'Link aus der E-Mail',
  openLink: 'Link öffnen',
  invalidLink:
    'Das ist nicht der vollständige Link. Klicken Sie in der E-Mail mit der rechten Maustaste auf die Schaltfläche oder halten Sie sie gedrückt, und kopieren Sie den Link.',
  password: {
    email: 'E-Mail-Adresse',
    hint: (minimumLength) =>
      `Mindestens ${minimumLength} Zeichen. Ein paar Wörter ohne Zusammenhang lassen sich gut merken.`,
    reasons: {
      too_short: (minimumLength) => `Verwenden Sie mindestens ${minimumLength} Zeichen.`,
      too_long: () => 'Verwenden Sie höchstens 1024 Zeichen.',
      pattern: () => 'Das ist leicht zu erraten. Vermeiden Sie Wiederholungen und Reihen.',
      contains_known_word: () =>
        'Lassen Sie Ihre E-Mail-Adresse, Ihren Benutzernamen und den Namen Ihrer Organisation weg.',
      commonly_used: () => 'Dieses Passwort ist zu verbreitet. Wählen Sie ein anderes.',
      is_hash: () => 'Das ist der Hash eines Passworts. Wählen Sie stattdessen ein Passwort.',
      other: () => 'Dieses Passwort können Sie nicht verwenden. Wählen Sie ein anderes.',
    },
    acceptable: 'Sieht gut aus.',
    submit: 'Passwort festlegen',
    signIn: (tenant, email) => `Sie können sich jetzt als ${email} bei ${tenant} anmelden.`,
    refusedRoles: (roles) =>
      `Diese Rollen haben Sie nicht erhalten: ${roles}. Fragen Sie die Person, die Sie eingeladen hat.`,
    continueTo: (tenant) => `Weiter zu ${tenant}`,
  },
  invitation: {
    welcome: (tenant) => `Willkommen bei ${tenant}`,
    choose: 'Wählen Sie ein Passwort, um Ihr Konto einzurichten.',
    validUntil: (time) => `Diese Einladung ist bis zum ${time} gültig.`,
    done: 'Ihr Konto ist bereit',
    help: 'Wenn das nicht hilft, bitten Sie die Person, die Sie eingeladen hat, um eine neue Einladung.',
    problems: {
      missing: {
        heading: 'Öffnen Sie Ihre Einladung noch einmal',
        advice:
          'Der Link ist unvollständig. Öffnen Sie ihn in der E-Mail noch einmal. Wenn Sie wieder hier landen, kopieren Sie den Link aus der E-Mail und fügen Sie ihn unten ein.',
      },
      invalid: {
        heading: 'Dieser Link ist ungültig',
        advice:
          'Vielleicht fehlt ein Teil davon. Öffnen Sie den Link in der E-Mail noch einmal, oder bitten Sie die Person, die Sie eingeladen hat, um eine neue Einladung.',
      },
      expired: {
        heading: 'Diese Einladung ist abgelaufen',
        advice:
          'Bitten Sie die Person, die Sie eingeladen hat, oder Ihre Administration um eine neue Einladung.',
      },
      used: {
        heading: 'Diese Einladung wurde bereits verwendet',
        advice:
          'Wenn Sie Ihr Passwort festgelegt haben, können Sie sich anmelden. Wenn Sie es vergessen haben, setzen Sie es zurück. Wenn Sie das nicht waren, informieren Sie sofort die Person, die Sie eingeladen hat.',
      },
      revoked: {
        heading: 'Diese Einladung wurde zurückgezogen',
        advice:
          'Wenn Sie weiterhin ein Konto brauchen, wenden Sie sich an die Person, die Sie eingeladen hat.',
      },
      superseded: {
        heading: 'Es gibt eine neuere Einladung',
        advice:
          'Nur der Link in der neuesten E-Mail funktioniert. Öffnen Sie diesen, oder fordern Sie ihn noch einmal an.',
      },
      suspended: {
        heading: 'Zurzeit nicht verfügbar',
        advice:
          'Die Organisation, die Sie eingeladen hat, kann zurzeit niemanden aufnehmen. Versuchen Sie es später noch einmal, oder fragen Sie die Person, die Sie eingeladen hat.',
      },
      tooManyRequests: {
        heading: 'Bitte warten Sie einen Moment',
        advice: 'Es gab zu viele Anfragen. Versuchen Sie es in einer Minute noch einmal.',
      },
      offline: {
        heading: 'Keine Verbindung',
        advice:
          'Der Dienst ist nicht erreichbar. Prüfen Sie Ihre Internetverbindung, und versuchen Sie es noch einmal.',
      },
      unavailable: {
        heading: 'Etwas ist schiefgegangen',
        advice: 'Der Fehler liegt bei uns. Versuchen Sie es gleich noch einmal.',
      },
    },
  },
  reset: {
    welcome: (tenant) => `Passwort für ${tenant} zurücksetzen`,
    choose: 'Wählen Sie ein neues Passwort. Es ersetzt Ihr altes.',
    validUntil: (time) => `Dieser Link ist bis zum ${time} gültig.`,
    done: 'Ihr neues Passwort ist festgelegt',
    help: 'Wenn das nicht hilft, fordern Sie einen neuen Link an.',
    problems: {
      missing: {
        heading: 'Fügen Sie den Link aus der E-Mail ein',
        advice:
          'Um den Link zu kopieren, klicken Sie in der E-Mail mit der rechten Maustaste auf die Schaltfläche, oder halten Sie sie gedrückt.',
      },
      invalid: {
        heading: 'Dieser Link ist ungültig',
        advice:
          'Vielleicht fehlt ein Teil davon, oder es gibt einen neueren. Öffnen Sie den Link in der neuesten E-Mail, oder fordern Sie einen neuen an.',
      },
      expired: {
        heading: 'Dieser Link ist abgelaufen',
        advice:
          'Links sind eine Stunde gültig. Fordern Sie einen neuen an, um Ihr Passwort zurückzusetzen.',
      },
      used: {
        heading: 'Dieser Link funktioniert nicht mehr',
        advice:
          'Wenn Sie Ihr neues Passwort festgelegt haben, können Sie sich anmelden. Andernfalls fordern Sie einen neuen Link an.',
      },
      suspended: {
        heading: 'Zurzeit nicht verfügbar',
        advice:
          'Sie können sich bei dieser Organisation zurzeit nicht anmelden. Versuchen Sie es später noch einmal.',
      },
    },
  },
  request: {
    reset: {
      heading: 'Passwort zurücksetzen',
      advice:
        'Geben Sie Ihre E-Mail-Adresse oder Ihren Benutzernamen ein. Wir senden Ihnen per E-Mail einen Link, mit dem Sie ein neues Passwort wählen können.',
    },
    invitation: {
      heading: 'Link noch einmal anfordern',
      advice:
        'Geben Sie die E-Mail-Adresse ein, die eingeladen wurde. Wenn die Einladung noch gültig ist, senden wir Ihnen den Link noch einmal.',
    },
    email: 'E-Mail-Adresse',
    account: 'E-Mail-Adresse oder Benutzername',
    organization: 'Organisation',
    organizationHint:
      'Der Kurzname Ihrer Organisation, zum Beispiel acme. Wenn Sie ihn nicht kennen, fragen Sie Ihre Administration.',
    submit: 'Link senden',
    invalidEmail: 'Geben Sie eine gültige E-Mail-Adresse ein.',
    missingAccount: 'Geben Sie Ihre E-Mail-Adresse oder Ihren Benutzernamen ein.',
    missingOrganization: 'Geben Sie den Kurznamen Ihrer Organisation ein.',
    sent: 'Prüfen Sie Ihr Postfach',
    sentAdvice: (email) =>
      `Wenn es für ${email} ein Konto gibt, erhalten Sie in wenigen Minuten einen Link. Wenn keine E-Mail ankommt, sehen Sie im Spam-Ordner nach, oder fragen Sie Ihre Administration.`,
    otherEmail: 'Andere E-Mail-Adresse verwenden',
    newLink: 'Neuen Link anfordern',
    resetPassword: 'Passwort zurücksetzen',
    sendAgain: 'Link noch einmal anfordern',
    haveLink: 'Ich habe schon einen Link',
  },
  confirmation: {
    heading: 'E-Mail-Adresse bestätigen',
    advice: 'Melden Sie sich bei Ihrem Konto an, um Ihre E-Mail-Adresse zu bestätigen.',
    account: 'E-Mail-Adresse oder Benutzername',
    submit: 'Anmelden und bestätigen',
    attemptProblems: {
      incomplete: 'Geben Sie Ihre E-Mail-Adresse oder Ihren Benutzernamen und Ihr Passwort ein.',
      wrongPassword: 'E-Mail-Adresse, Benutzername oder Passwort stimmt nicht.',
      otherAccount:
        'Dieser Link gehört zu einem anderen Konto. Melden Sie sich mit dem Konto an, an das die E-Mail ging.',
      tooManyRequests: 'Es gab zu viele Versuche.',
      offline:
        'Der Dienst ist nicht erreichbar. Prüfen Sie Ihre Internetverbindung, und versuchen Sie es noch einmal.',
      unavailable: 'Bei uns ist etwas schiefgegangen. Versuchen Sie es gleich noch einmal.',
    },
    retryAfter: (time) => `Versuchen Sie es in ${time} noch einmal.`,
    linkProblems: {
      missing: {
        heading: 'Öffnen Sie den Link noch einmal',
        advice:
          'Der Link ist unvollständig. Öffnen Sie ihn in der E-Mail noch einmal. Wenn Sie wieder hier landen, kopieren Sie den Link aus der E-Mail und fügen Sie ihn unten ein.',
      },
      invalid: {
        heading: 'Dieser Link ist ungültig',
        advice: 'Vielleicht fehlt ein Teil davon. Öffnen Sie den Link in der E-Mail noch einmal.',
      },
      expired: {
        heading: 'Dieser Link ist abgelaufen',
        advice:
          'Links sind eine Stunde gültig. Fordern Sie einen neuen an, um Ihre E-Mail-Adresse zu bestätigen.',
      },
      used: {
        heading: 'Dieser Link funktioniert nicht mehr',
        advice:
          'Vielleicht ist Ihre E-Mail-Adresse schon bestätigt, oder es gibt einen neueren Link. Öffnen Sie den Link in der neuesten E-Mail, oder fordern Sie einen neuen an.',
      },
      limitedPassword: {
        heading: 'Wählen Sie zuerst ein eigenes Passwort',
        advice:
          'Eine andere Person hat Ihr Passwort festgelegt. Damit können Sie Ihre E-Mail-Adresse nicht bestätigen. Setzen Sie Ihr Passwort per E-Mail zurück, und fordern Sie dann einen neuen Bestätigungslink an. Hilft das nicht, bitten Sie Ihre Administration, Ihre E-Mail-Adresse freizugeben.',
      },
      identity: {
        heading: 'Diese Seite kann Ihren Anmeldedienst nicht bestätigen',
        advice:
          'Dieser Link bestätigt den Anmeldedienst, der mit Ihrem Konto verknüpft ist. Ein Passwort reicht dafür nicht aus. Bitten Sie Ihre Administration, den Dienst freizugeben.',
      },
      suspended: {
        heading: 'Zurzeit nicht verfügbar',
        advice:
          'Sie können Ihre E-Mail-Adresse nicht bestätigen, weil Ihr Konto oder Ihre Organisation gesperrt ist. Wenden Sie sich an Ihre Administration.',
      },
    },
    help: 'Wenn das nicht hilft, fordern Sie dort einen neuen Link an, wo Sie diesen angefordert haben, oder fragen Sie Ihre Administration.',
    done: 'Ihre E-Mail-Adresse ist bestätigt',
    sendAgain: 'Neuen Link senden',
    sent: {
      heading: 'Prüfen Sie Ihr Postfach',
      advice:
        'Wir haben einen neuen Link an Ihre E-Mail-Adresse gesendet. Er ist eine Stunde gültig.',
    },
    notNeeded: {
      heading: 'Keine Bestätigung nötig',
      advice: 'Sie müssen Ihre E-Mail-Adresse nicht bestätigen. Sie können diese Seite schließen.',
    },
  },
  verification: {
    heading: 'E-Mail-Adresse bestätigen',
    advice: (tenant, email) =>
      `Bestätigen Sie, dass ${email} Ihre E-Mail-Adresse für Ihr Konto bei ${tenant} ist.`,
    submit: 'Ja, das ist meine E-Mail-Adresse',
    done: 'Ihre E-Mail-Adresse ist bestätigt',
    doneAdvice: (tenant, email) => `Ihr Konto bei ${tenant} hat die E-Mail-Adresse ${email}.`,
    problems: {
      missing: {
        heading: 'Öffnen Sie den Link noch einmal',
        advice:
          'Der Link ist unvollständig. Öffnen Sie ihn in der E-Mail noch einmal. Wenn Sie wieder hier landen, kopieren Sie den Link aus der E-Mail und fügen Sie ihn unten ein.',
      },
      invalid: {
        heading: 'Dieser Link ist ungültig',
        advice:
          'Vielleicht fehlt ein Teil davon, es gibt einen neueren, oder Ihr Konto wurde geändert. Öffnen Sie den Link in der neuesten E-Mail, oder fordern Sie dort einen neuen an, wo Sie diesen angefordert haben.',
      },
      expired: {
        heading: 'Dieser Link ist abgelaufen',
        advice:
          'Links sind 24 Stunden gültig. Fordern Sie dort einen neuen an, wo Sie diesen angefordert haben.',
      },
      used: {
        heading: 'Dieser Link wurde bereits verwendet',
        advice: 'Ihre E-Mail-Adresse ist bestätigt. Sie können diese Seite schließen.',
      },
      taken: {
        heading: 'Diese E-Mail-Adresse ist vergeben',
        advice: 'Ein anderes Konto hat diese E-Mail-Adresse. Ihr Konto behält die bisherige.',
      },
      suspended: {
        heading: 'Im Moment nicht möglich',
        advice:
          'Sie können Ihre E-Mail-Adresse im Moment nicht bestätigen. Versuchen Sie es später noch einmal, oder wenden Sie sich an Ihre Administration.',
      },
    },
    help: 'Wenn das nicht hilft, fordern Sie dort einen neuen Link an, wo Sie diesen angefordert haben, oder wenden Sie sich an Ihre Administration.',
  },
};
