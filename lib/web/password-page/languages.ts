import { englishReset } from './en-reset.ts';
import { english } from './en.ts';
import { germanReset } from './de-reset.ts';
import { german } from './de.ts';
import type { Words } from './messages.ts';

export type Locale = 'en' | 'de';

/** What the page is for, which its path says: to accept an invitation, or to choose a new password. */
export type Purpose = 'invitation' | 'reset';

export const languages: Readonly<Record<Purpose, Readonly<Record<Locale, Words>>>> = {
  invitation: { en: english, de: german },
  reset: { en: englishReset, de: germanReset },
};

/** The first of these language tags (`de-AT`) that the page speaks. */
export const spokenOf = (tags: readonly (string | null)[]): Locale | undefined =>
  tags.map((tag) => tag?.slice(0, 2).toLowerCase()).find((tag) => tag === 'en' || tag === 'de');
