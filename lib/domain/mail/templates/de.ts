import type { MailMessages } from './mail-messages.ts';

export const de: MailMessages = {
  greeting: (name) => (name === undefined ? 'Guten Tag,' : `Guten Tag ${name},`),
  expiry: (date) =>
    `Der Link ist bis zum ${date} gültig und funktioniert nur einmal. Bitte geben Sie ihn nicht weiter.`,
  invitation: {
    subject: (tenant) => `Ihre Einladung zu ${tenant}`,
    request: ({ tenant, email }) =>
      `${tenant} hat für ${email} ein Konto angelegt. Um es zu nutzen, wählen Sie ein Passwort:`,
    action: 'Konto einrichten',
    ignore: 'Wenn Sie diese E-Mail nicht erwartet haben, können Sie sie ignorieren.',
  },
  reset: {
    subject: (tenant) => `Passwort für ${tenant} zurücksetzen`,
    request: ({ tenant, email }) =>
      `Für Ihr Konto bei ${tenant} (${email}) wurde ein neues Passwort angefordert. Hier können Sie es wählen:`,
    action: 'Neues Passwort wählen',
    ignore:
      'Wenn Sie das nicht angefordert haben, können Sie diese E-Mail ignorieren. Ihr Passwort bleibt unverändert.',
  },
  confirmation: {
    email: {
      subject: (tenant) => `E-Mail-Adresse für ${tenant} bestätigen`,
      request: ({ tenant, email }) =>
        `Bitte bestätigen Sie, dass ${email} die E-Mail-Adresse Ihres Kontos bei ${tenant} ist. Öffnen Sie diese Seite und melden Sie sich an:`,
      action: 'E-Mail-Adresse bestätigen',
      ignore: 'Wenn Sie das nicht angefordert haben, können Sie diese E-Mail ignorieren.',
    },
    identity: {
      subject: (tenant) => `Anmeldung bei ${tenant} bestätigen`,
      request: ({ tenant, email }) =>
        `Bitte bestätigen Sie, dass Sie sich bei Ihrem Konto bei ${tenant} (${email}) über einen anderen Dienst anmelden. Öffnen Sie diese Seite in dem Browser, in dem Sie bei diesem Dienst angemeldet sind:`,
      action: 'Anmeldung bestätigen',
      ignore: 'Wenn Sie das nicht angefordert haben, können Sie diese E-Mail ignorieren.',
    },
  },
  creation: {
    subject: (tenant) => `Ihr Konto bei ${tenant} wurde angelegt`,
    created: ({ tenant, email }, date) =>
      `Am ${date} wurde für ${email} ein Konto bei ${tenant} angelegt.`,
    chooseOwnPassword:
      'Die Person, die es angelegt hat, hat auch das Passwort festgelegt. Um ein eigenes zu wählen, setzen Sie das Passwort dort zurück, wo Sie sich anmelden.',
    unexpected:
      'Wenn Sie dieses Konto nicht erwartet haben, wenden Sie sich an Ihre Administration.',
  },
  change: {
    password: {
      subject: 'Ihr Passwort wurde geändert',
      changed: ({ tenant, email }, date) =>
        `Das Passwort Ihres Kontos bei ${tenant} (${email}) wurde am ${date} geändert.`,
    },
    email: {
      subject: 'Ihre E-Mail-Adresse wurde geändert',
      changed: ({ tenant, email }, date) =>
        `Die E-Mail-Adresse Ihres Kontos bei ${tenant} wurde am ${date} geändert. Die bisherige Adresse war ${email}.`,
    },
    identity: {
      subject: 'Ihre Anmeldung über einen anderen Dienst wurde geändert',
      changed: ({ tenant, email }, date) =>
        `Die Anmeldung über einen anderen Dienst wurde für Ihr Konto bei ${tenant} (${email}) am ${date} geändert.`,
    },
    permissions: {
      subject: 'Ihre Berechtigungen wurden geändert',
      changed: ({ tenant, email }, date) =>
        `Die Berechtigungen Ihres Kontos bei ${tenant} (${email}) wurden am ${date} geändert.`,
    },
  },
  details: {
    account: 'neues Konto',
    password: 'Passwort',
    email: 'E-Mail-Adresse',
    identity: 'Anmeldung über einen anderen Dienst',
    permissions: 'Berechtigungen',
  },
  changes: {
    subject: (details) => `Änderungen an Ihrem Konto: ${details}`,
    changed: ({ tenant, email }, details, date) =>
      `An Ihrem Konto bei ${tenant} (${email}) wurde am ${date} Folgendes geändert: ${details}.`,
    line: (date, details) => `${date}: ${details}`,
    list: ({ tenant, email }) =>
      `An Ihrem Konto bei ${tenant} (${email}) wurde Folgendes geändert:`,
  },
  linkedIdentity: (service) => `Ihr Konto ist jetzt mit diesem Dienst verknüpft: ${service}.`,
  unlinkedIdentity: 'Ihr Konto ist nicht mehr mit einem anderen Dienst verknüpft.',
  unknownService: 'ein uns unbekannter Dienst',
  inactivePermissions:
    'Einige Ihrer Berechtigungen sind nicht aktiv, weil eine andere Person Ihr Passwort festgelegt hat. Um sie zu aktivieren, setzen Sie Ihr Passwort dort, wo Sie sich anmelden, per E-Mail zurück.',
  expected: 'Wenn Sie das selbst waren oder davon wissen, müssen Sie nichts tun.',
  unexpected:
    'Wenn Sie das nicht waren, setzen Sie sofort Ihr Passwort zurück und wenden Sie sich an Ihre Administration.',
  unexpectedWithoutReset:
    'Wenn Sie das nicht waren, wenden Sie sich sofort an Ihre Administration.',
  signInAt: 'Hier melden Sie sich an:',
};
