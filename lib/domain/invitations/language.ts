/** The languages of the mails and of the page that their links lead to. */
export const languages = ['en', 'de'] as const;
export type Language = (typeof languages)[number];

/** The language of the first of these locales (BCP 47) that is one of ours; English where none is. */
export function languageOf(...locales: readonly (string | undefined)[]): Language {
  const spoken = locales.map((locale) => languages.find((language) => language === locale?.split(/[-_]/, 1)[0]?.toLowerCase()));
  return spoken.find((language) => language !== undefined) ?? 'en';
}
