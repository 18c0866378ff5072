import { german } from './de.ts';
import type { Words } from './messages.ts';

/** The same page for somebody who has asked for a new password. */
export const germanReset: Words = {
  ...german,
  welcome: (tenant) => `Ein neues Passwort für ${tenant}`,
  choose: 'Wählen Sie ein neues Passwort. Von da an gilt das alte nicht mehr.',
  validUntil: (time) => `Dieser Link ist gültig bis ${time}.`,
  support:
    'Wenn das nicht hilft, fordern Sie dort, wo Sie sich anmelden, noch einmal ein neues Passwort an, oder fragen Sie Ihre Administration.',
  problems: {
    ...german.problems,
    missing: {
      heading: 'Bitte öffnen Sie den Link noch einmal',
      advice:
        'Diese Seite braucht den ganzen Link. Öffnen Sie ihn in der E-Mail noch einmal. Kommen Sie wieder hierher, dann kopieren Sie den Link in der E-Mail und fügen Sie ihn unten ein.',
    },
    invalid: {
      heading: 'Dieser Link ist nicht gültig',
      advice:
        'Vielleicht wurde er nicht vollständig kopiert, oder es gibt einen neueren. Öffnen Sie den Link in der neuesten E-Mail, oder fordern Sie noch einmal ein neues Passwort an.',
    },
    expired: {
      heading: 'Dieser Link ist abgelaufen',
      advice: 'Er galt eine Stunde lang. Fordern Sie noch einmal ein neues Passwort an.',
    },
    used: {
      heading: 'Dieser Link gilt nicht mehr',
      advice:
        'Wenn Sie damit Ihr neues Passwort festgelegt haben, ist alles in Ordnung: Melden Sie sich einfach an. Wenn sich Ihr Konto inzwischen auf andere Weise geändert hat, fordern Sie noch einmal ein neues Passwort an.',
    },
    suspended: {
      heading: 'Zurzeit nicht verfügbar',
      advice: 'Dort kann sich im Moment niemand anmelden. Versuchen Sie es später noch einmal.',
    },
    unavailable: {
      heading: 'Bei uns ist etwas schiefgegangen',
      advice:
        'Warten Sie einen Moment, und versuchen Sie es dann noch einmal. Ihr Passwort ist, wie es war.',
    },
  },
  done: 'Ihr neues Passwort ist festgelegt',
};
