/** Accents, and the vowel points of Hebrew and Arabic. Marks of other scripts are letters. */
const optionalMarks = /[\u0300-\u036F\u0591-\u05C7\u064B-\u065F\u0670]/g;

/** Letters that Unicode does not decompose, by their usual spelling in ASCII. */
const plainLetters: Readonly<Record<string, string>> = {
  æ: 'ae',
  œ: 'oe',
  ø: 'o',
  đ: 'd',
  ð: 'd',
  þ: 'th',
  ħ: 'h',
  ı: 'i',
  ł: 'l',
  ŧ: 't',
  ς: 'σ',
};
const plainLetterPattern = new RegExp(`[${Object.keys(plainLetters).join('')}]`, 'g');

/**
 * Folds text for search: without case, accents and compatibility forms (NFKD), `ß` as `ss`, and
 * letters such as `ø` and `ł` as their ASCII base.
 */
function foldSearchText(text: string): string {
  // Fast path for ASCII.
  if (!/[^\n -~]/.test(text)) return text.toLowerCase();
  return text
    .normalize('NFKD')
    .replaceAll(optionalMarks, '')
    .toLowerCase()
    .toUpperCase()
    .toLowerCase()
    .normalize('NFKD')
    .replaceAll(optionalMarks, '')
    .replaceAll(plainLetterPattern, (letter) => plainLetters[letter] ?? letter);
}

/** A word begins at the start of a text, and after one of these characters. */
const separator = /[\s@._\-+'’"(),;:/&]/;
const leadingSeparators = new RegExp(`^(?:${separator.source})+`);

/**
 * Splits a search into folded words. Empty without a letter, digit or symbol. Omits repeated words
 * and beginnings of other words, which match as well. Long names would take 30 times as long to
 * compare with 50 words `a`.
 */
export const parseSearch = (search: string): readonly string[] => {
  const words = foldSearchText(search)
    .split(/\s+/)
    .map((word) => word.replace(leadingSeparators, ''))
    .filter((word) => word !== '');
  return [...new Set(words)].filter(
    (word, _index, all) => !all.some((other) => other !== word && other.startsWith(word)),
  );
};

/** Creates a predicate for texts in which each word of a search begins a word. */
export function createTextMatcher(
  search: string,
): (texts: readonly (string | undefined)[]) => boolean {
  const words = parseSearch(search);
  return (texts) => {
    const text = foldSearchText(texts.filter((each) => each !== undefined).join('\n'));
    return words.every((word) => beginsWord(text, word));
  };
}

function beginsWord(text: string, word: string): boolean {
  for (let at = text.indexOf(word); at >= 0; at = text.indexOf(word, at + 1))
    if (at === 0 || separator.test(text.charAt(at - 1))) return true;
  return false;
}
