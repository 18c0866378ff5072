/**
 * Characters allowed in text. Hidden characters are rejected, because users must see the whole
 * text.
 */

import { buildOnce } from './codec.ts';

/** White space, the Braille blank and invisible characters, which copied text often contains. */
const blank = String.raw`[\p{White_Space}\p{Default_Ignorable_Code_Point}\u2800]`;
/** Blanks without joiners and variation selectors, which belong to the preceding character. */
const strippablePattern = buildOnce(
  () => new RegExp(String.raw`[${blank}--[\u200C\u200D\uFE00-\uFE0F\u180B-\u180D\u180F]]`, 'v'),
);
const blankPattern = buildOnce(() => new RegExp(`^${blank}*$`, 'v'));

/** Removes white space and invisible characters at both ends. */
export function trimText(text: string): string {
  const strippable = strippablePattern();
  let [start, end] = [0, text.length];
  // A pattern anchored at the end would take quadratic time.
  while (start < end && strippable.test(text.charAt(start))) start++;
  while (end > start && strippable.test(text.charAt(end - 1))) end--;
  return text.slice(start, end);
}

/** True for a string without visible characters, such as an empty spreadsheet cell. */
export const isBlank = (value: unknown): boolean =>
  typeof value === 'string' && blankPattern().test(value);

/** Scripts whose letters do not join. Joiners and variation selectors have no effect on them. */
const plainScripts = String.raw`[\p{Script=Latin}\p{Script=Greek}\p{Script=Cyrillic}\p{Script=Armenian}]`;
const rightToLeft = String.raw`[\p{Script=Hebrew}\p{Script=Arabic}\p{Script=Syriac}\p{Script=Thaana}\p{Script=Nko}\p{Script=Adlam}]`;
const letter = String.raw`[[\p{L}\p{M}]--${plainScripts}--\p{Script=Inherited}]`;

/**
 * Invisible characters that scripts and emoji need: joiners between letters of joining scripts
 * (Unicode Standard, section 23.2), marks next to right-to-left letters, variation selectors, and
 * the tags of flags.
 */
const requiredInvisibles = [
  String.raw`(?<=[\p{M}--\p{Script=Inherited}--\p{Default_Ignorable_Code_Point}])[\u200C\u200D]`,
  String.raw`(?<=${letter})[\u200C\u200D](?=${letter})`,
  String.raw`(?<=${rightToLeft})[\u200E\u200F\u061C]`,
  String.raw`[\u200E\u200F\u061C](?=${rightToLeft})`,
  String.raw`(?<=[\p{Extended_Pictographic}\p{Emoji_Modifier}\uFE0F])\u200D(?=\p{Extended_Pictographic})`,
  String.raw`(?<=[[\p{L}\p{S}\p{N}\p{Po}]--${plainScripts}])[\uFE00-\uFE0F\u{E0100}-\u{E01EF}\u180B-\u180D\u180F]`,
  String.raw`(?<=\u{1F3F4})[\u{E0030}-\u{E0039}\u{E0061}-\u{E007A}]{1,8}\u{E007F}`,
].join('|');

/**
 * Controls, line separators, lone surrogates, unassigned code points, and invisible or
 * bidirectional characters.
 */
const forbiddenInLine = String.raw`[\p{Cc}\p{Cs}\p{Cn}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}\p{Bidi_Control}\uFFF9-\uFFFB]`;
const forbiddenInBlock = String.raw`[[\p{Cc}--[\t\n\r]]\p{Cs}\p{Cn}\u202A-\u202E\u2066-\u2069]`;

const linePattern = buildOnce(
  () => new RegExp(`(?:${requiredInvisibles})|(${forbiddenInLine})`, 'gv'),
);
const blockPattern = buildOnce(() => new RegExp(`(${forbiddenInBlock})`, 'gv'));

/** Describes the first forbidden character of a line. Returns undefined without one. */
export const findLineFault = (text: string): string | undefined =>
  printableAscii.test(text) ? undefined : findForbiddenCharacter(text, linePattern());

/** Fast path for most lines, because compiling the pattern for Unicode takes 2 ms. */
const printableAscii = /^[ -~]*$/;

/**
 * Describes the first forbidden character of text with line breaks and tabs. Returns undefined if
 * all characters are allowed.
 */
export const findBlockFault = (text: string): string | undefined =>
  findForbiddenCharacter(text, blockPattern());

function findForbiddenCharacter(text: string, pattern: RegExp): string | undefined {
  for (const { 1: character, index } of text.matchAll(pattern)) {
    if (character !== undefined)
      return describe(character, Array.from(text.slice(0, index)).length + 1);
  }
  return undefined;
}

const describe = (character: string, position: number): string =>
  `cannot contain the character ${formatCodePoint(character)}${describeKind(character)} (position ${position})`;

const formatCodePoint = (character: string): string =>
  `U+${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}`;

const kinds: readonly (readonly [RegExp, string])[] = [
  [/[\n\r\u0085\u2028\u2029]/, ', a line break'],
  [/\p{Cc}/u, ', a control character'],
  [/\p{Bidi_Control}/u, ', which changes the writing direction'],
  [/[\p{Cn}\p{Cs}]/u, ', which is not an assigned character'],
];
const describeKind = (character: string): string =>
  kinds.find(([pattern]) => pattern.test(character))?.[1] ?? ', which is invisible';
