/** Languages of the mails and of the pages that their links lead to. */
export const languages = ['en', 'de', 'fr', 'es'] as const;
export type Language = (typeof languages)[number];

/** Formats the languages for a sentence: `en, de, fr, or es`. `Intl` takes 7 ms at first use. */
export const formatLanguages = (): string =>
  new Intl.ListFormat('en', { type: 'disjunction' }).format(languages);

/** Returns the language of the first locale (BCP 47) in one of our languages. */
export function findLanguage(
  locales: readonly (string | null | undefined)[],
): Language | undefined {
  const tags = locales.map((locale) => locale?.split(/[-_]/, 1)[0]?.toLowerCase());
  return tags
    .map((tag) => languages.find((language) => language === tag))
    .find((language) => language !== undefined);
}

/** Returns the language of a mail: the user's, else the tenant's, else English. */
export const selectLanguage = (
  user: { readonly locale?: string | undefined },
  tenant: { readonly locale: string },
): Language => findLanguage([user.locale, tenant.locale]) ?? 'en';
