import { english } from './english.ts';
import { german } from './german.ts';
import type { Words } from './words.ts';

export type Locale = 'en' | 'de';

export const languages: Readonly<Record<Locale, Words>> = { en: english, de: german };

/** The first of these language tags (`de-AT`) that the page speaks. */
export const spokenOf = (tags: readonly (string | null)[]): Locale | undefined =>
  tags.map((tag) => tag?.slice(0, 2).toLowerCase()).find((tag) => tag === 'en' || tag === 'de');
