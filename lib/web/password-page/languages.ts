import { findLanguage, type Language } from '../../domain/mail/language.ts';
import { de } from './messages/de.ts';
import { en } from './messages/en.ts';
import { es } from './messages/es.ts';
import { fr } from './messages/fr.ts';
import type { CardMessages, PageMessages, Problem } from './messages/page-messages.ts';

/** Purpose of a link with which a user chooses a password. */
export type Purpose = 'invitation' | 'reset';

export const messages: Readonly<Record<Language, PageMessages>> = { en, de, fr, es };

/** Returns the texts of a problem with a link. */
export function getProblem(
  { invitation, reset }: PageMessages,
  purpose: Purpose,
  problem: Problem,
): CardMessages {
  const ownProblems: Partial<Record<Problem, CardMessages>> =
    purpose === 'reset' ? reset.problems : {};
  return ownProblems[problem] ?? invitation.problems[problem];
}

/** Formats a time in the time zone of the browser, and names it, because mails show UTC. */
export const formatLocalTime = (time: Date, language: Language): string =>
  new Intl.DateTimeFormat(toRegion(language), {
    year: 'numeric',
    month: 'long',
    day: 'numeric',
    hour: 'numeric',
    minute: '2-digit',
    timeZoneName: 'short',
  }).format(time);

/** Returns the first tag of the browser in a language, because regions format dates differently. */
const toRegion = (language: Language): string =>
  navigator.languages.find((tag) => findLanguage([tag]) === language) ?? language;
