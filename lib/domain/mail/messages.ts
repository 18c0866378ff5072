import type { Language } from './language.ts';
import { de } from './templates/de.ts';
import { en } from './templates/en.ts';
import { es } from './templates/es.ts';
import { fr } from './templates/fr.ts';
import type { MailMessages } from './templates/mail-messages.ts';

/** Texts of the mails in each language. */
export const messages: Readonly<Record<Language, MailMessages>> = { en, de, fr, es };
