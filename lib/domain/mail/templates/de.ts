import type { MailMessages } from './mail-messages.ts';

export const de: MailMessages = {
  greeting: (name) => (name === undefined ? 'Guten Tag,' : `Guten Tag ${name},`),
  expiry: (date) =>
    `Der Link ist bis zum ${date} gültig und funktioniert nur einmal. Bitte geben Sie ihn nicht weiter.`,
  hourExpiry: (date) =>
    `Der Link ist eine Stunde lang gültig, bis zum ${date}, und funktioniert nur einmal. Bitte geben Sie ihn nicht weiter.`,
  dayExpiry: (date) =>
    `Der Link ist 24 Stunden lang gültig, bis zum ${date}, und funktioniert nur einmal. Bitte geben Sie ihn nicht weiter.`,
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
      subject: (tenant) => `Anmeldedienst für ${tenant} bestätigen`,
      request: ({ tenant, email }) =>
        `Bitte bestätigen Sie den Anmeldedienst, der mit Ihrem Konto bei ${tenant} (${email}) verknüpft ist. Öffnen Sie diese Seite in dem Browser, in dem Sie bei diesem Dienst angemeldet sind:`,
      action: 'Anmeldedienst bestätigen',
      ignore: 'Wenn Sie das nicht angefordert haben, können Sie diese E-Mail ignorieren.',
    },
  },
  verification: {
    current: {
      subject: (tenant) => `Bitte bestätigen Sie Ihre E-Mail-Adresse für ${tenant}`,
      request: ({ tenant, email }) =>
        `Bitte bestätigen Sie, dass ${email} die E-Mail-Adresse Ihres Kontos bei ${tenant} ist:`,
      action: 'E-Mail-Adresse bestätigen',
      ignore: 'Wenn Sie dieses Konto nicht haben, können Sie diese E-Mail ignorieren.',
    },
    new: {
      subject: (tenant) => `Bitte bestätigen Sie Ihre neue E-Mail-Adresse für ${tenant}`,
      request: ({ tenant, email }) =>
        `Die E-Mail-Adresse Ihres Kontos bei ${tenant} soll in ${email} geändert werden. Um sie zu ändern, bestätigen Sie die neue Adresse:`,
      action: 'Neue E-Mail-Adresse bestätigen',
      ignore:
        'Wenn Sie das nicht angefordert haben, können Sie diese E-Mail ignorieren. Es ändert sich nichts.',
    },
  },
  accessRequest: {
    subject: (tenant) => `Zugriffsanfrage für ${tenant}`,
    request: ({ tenant, email }, level, date) =>
      `${email} hat am ${date} die Berechtigung „${level}“ für ${tenant} angefragt.`,
    message: 'Das ist die Nachricht dazu. Wir haben sie nicht geprüft:',
    decide:
      'Sie erhalten diese E-Mail, weil Ihnen die Organisation gehört. Gewähren Sie die Anfrage in den Berechtigungen der Organisation, oder lehnen Sie sie dort ab.',
  },
  webhook: {
    failing: {
      subject: (tenant) => `Ein Webhook von ${tenant} schlägt fehl`,
      text: ({ tenant, host, since }) =>
        `Der Webhook von ${tenant} bei ${host} hat seit ${since} kein Ereignis angenommen. Er wird deaktiviert, wenn fünf Tage lang keine Zustellung gelingt.`,
    },
    disabled: {
      subject: (tenant) => `Ein Webhook von ${tenant} wurde deaktiviert`,
      text: ({ tenant, host, since }) =>
        `Der Webhook von ${tenant} bei ${host} wurde deaktiviert. Er hat seit ${since} kein Ereignis angenommen.`,
    },
    check:
      'Sie erhalten diese E-Mail, weil Ihnen die Organisation gehört. Sobald der Endpunkt funktioniert und der Webhook aktiviert ist, erhält er die fehlenden Ereignisse.',
  },
  creation: {
    subject: (tenant) => `Ihr Konto bei ${tenant} wurde angelegt`,
    created: ({ tenant, email }, date) =>
      `Am ${date} wurde für ${email} ein Konto bei ${tenant} angelegt.`,
    chooseOwnPassword:
      'Die Person, die es angelegt hat, hat auch das Passwort festgelegt. Um ein eigenes zu wählen, setzen Sie Ihr Passwort auf der Anmeldeseite zurück.',
    unexpected:
      'Wenn Sie dieses Konto nicht erwartet haben, wenden Sie sich an Ihre Administration.',
  },
  change: {
    password: {
      subject: (tenant) => `Ihr Passwort für ${tenant} wurde geändert`,
      changed: ({ tenant, email }, date) =>
        `Das Passwort Ihres Kontos bei ${tenant} (${email}) wurde am ${date} geändert.`,
    },
    email: {
      subject: (tenant) => `Ihre E-Mail-Adresse für ${tenant} wurde geändert`,
      changed: ({ tenant, email }, date) =>
        `Die E-Mail-Adresse Ihres Kontos bei ${tenant} wurde am ${date} geändert. Bisher lautete sie ${email}.`,
    },
    identity: {
      subject: (tenant) => `Der Anmeldedienst Ihres Kontos bei ${tenant} wurde geändert`,
      changed: ({ tenant, email }, date) =>
        `Der Anmeldedienst Ihres Kontos bei ${tenant} (${email}) wurde am ${date} geändert.`,
    },
    permissions: {
      subject: (tenant) => `Ihre Berechtigungen für ${tenant} wurden geändert`,
      changed: ({ tenant, email }, date) =>
        `Die Berechtigungen Ihres Kontos bei ${tenant} (${email}) wurden am ${date} geändert.`,
    },
  },
  details: {
    account: 'neues Konto',
    password: 'Passwort',
    email: 'E-Mail-Adresse',
    identity: 'Anmeldedienst',
    permissions: 'Berechtigungen',
  },
  changes: {
    subject: (tenant, details) => `Änderungen an Ihrem Konto bei ${tenant}: ${details}`,
    changed: ({ tenant, email }, details, date) =>
      `An Ihrem Konto bei ${tenant} (${email}) wurde am ${date} Folgendes geändert: ${details}.`,
    line: (date, details) => `${date}: ${details}`,
    list: ({ tenant, email }) =>
      `An Ihrem Konto bei ${tenant} (${email}) wurde Folgendes geändert:`,
  },
  linkedIdentity: (service) => `Ihr Konto ist jetzt mit ${service} verknüpft.`,
  unlinkedIdentity: 'Ihr Konto ist nicht mehr mit einem anderen Dienst verknüpft.',
  linkedUnknownIdentity: 'Ihr Konto ist jetzt mit einem Dienst verknüpft, den wir nicht kennen.',
  inactivePermissions:
    'Einige Ihrer Berechtigungen sind nicht aktiv, weil eine andere Person Ihr Passwort festgelegt hat. Um sie zu aktivieren, setzen Sie Ihr Passwort auf der Anmeldeseite per E-Mail zurück.',
  expected: 'Wenn Sie das selbst waren oder davon wissen, müssen Sie nichts tun.',
  unexpected:
    'Andernfalls setzen Sie sofort Ihr Passwort zurück und wenden Sie sich an Ihre Administration.',
  unexpectedWithoutReset: 'Andernfalls wenden Sie sich sofort an Ihre Administration.',
  signInAt: 'Hier melden Sie sich an:',
};
