import { findLanguage, type Language, languages } from '../../domain/mail/language.ts';
import { messages } from './languages.ts';

const menu = document.querySelector<HTMLSelectElement>('#language')!;

/** Lists the languages, each by its own name, and reports the user's choice. */
export function openLanguageMenu(choose: (language: Language) => void): void {
  const options = languages.map((language) => {
    const option = new Option(messages[language].languageName, language);
    option.lang = language;
    return option;
  });
  menu.replaceChildren(...options);
  menu.hidden = false;
  menu.addEventListener('change', () => choose(findLanguage([menu.value]) ?? 'en'));
}

/** Sets the language of the document. */
export function renderLanguage(language: Language): void {
  document.documentElement.lang = language;
  menu.value = language;
  menu.ariaLabel = messages[language].language;
}
