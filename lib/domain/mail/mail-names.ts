import type { Tenant } from '../tenants/tenant.ts';
import type { User } from '../users/user.ts';

/** Graphemes. A longer text is more likely a message than a name. */
const maxUserNameLength = 32;
const maxTenantNameLength = 64;
/** Fewer than in any phone number that a mail client turns into a link. */
const maxDigits = 4;

/**
 * Characters of names in any script, and symbols that no mail client turns into a link. Excludes
 * `@`, `:`, `\`, brackets, sentence ends other than the dot, currencies and controls.
 */
const nameCharacters =
  /^[\p{L}\p{M}\p{N}\p{Pd}\p{So}\p{Emoji_Modifier}\p{Join_Control} '’‘`´"“”„‚«»‹›&(),+./·・‧׳״་॰*_~^°|†‡§•×%#]*$/u;

/**
 * Invisible characters that do not change how a name reads. Joiners and the emoji selector do. All
 * others can hide text.
 */
const ignorable =
  /(?!\ufe0f|[\u200b-\u200d\u202a-\u202e\u2060-\u206f\ufeff])\p{Default_Ignorable_Code_Point}/gu;
/** Joiners outside emoji and scripts that use them. Latin, Greek and Cyrillic do not. */
const looseJoiner =
  /(?<![\p{M}\p{So}\p{Emoji_Modifier}]|(?![\p{sc=Latn}\p{sc=Grek}\p{sc=Cyrl}])\p{L})[\p{Join_Control}]/gu;

/** Abbreviations whose dot does not end a sentence: titles, suffixes and legal forms. */
const abbreviations = new Set(
  (
    'adm assoc av avv br bros capt ch chr cmdr co col corp cs csc dept dent dipl dott dr dra drs em emer eng esq fr ft gen gy hab habil hon ' +
    'inc ing intl iur jr judr jun jur lic lt ltd mag maj mc md med mgr mlle mme mr mrs ms msgr mt mudr mult mx nat oec op ord ph pharm phd ' +
    'phdr phil pol prof psych rer rev rndr sc sgt sig sr sra srta st ste sz tech th theol univ ven vet yu zs'
  ).split(' '),
);

/** Returns the name in the greeting. Undefined if no name of the user is safe to show. */
export function getGreetingName({
  name,
  firstName,
  lastName,
}: Pick<User, 'name' | 'firstName' | 'lastName'>): string | undefined {
  const fullName = [firstName, lastName].filter(Boolean).join(' ');
  return [name, fullName, firstName]
    .map((each) => toMailName(each ?? '', maxUserNameLength))
    .find((candidate) => candidate !== undefined);
}

/**
 * Returns the name of a tenant in mails: its display name, else its name, else its slug. Omits names
 * that are not safe to show.
 */
export const getMailTenantName = ({
  branding,
  name,
  slug,
}: Pick<Tenant, 'branding' | 'name' | 'slug'>): string =>
  [branding?.displayName ?? name, name]
    .map((candidate) => toMailName(candidate, maxTenantNameLength))
    .find((candidate) => candidate !== undefined) ?? slug;

/**
 * Returns a name that is safe in a mail. Undefined for text with a link, an address, a phone number
 * or a sentence, or text that a mail client could take for one.
 */
function toMailName(text: string, maxLength: number): string | undefined {
  if (text.length > maxLength * 16) return undefined;
  const plain = text
    .normalize('NFC')
    .replaceAll(ignorable, '')
    .replaceAll(looseJoiner, '')
    .replaceAll(/\p{Zs}+/gu, ' ')
    .trim();
  if (!nameCharacters.test(plain) || !/[\p{L}\p{So}]/u.test(plain) || /\p{M}{6}|\/\//u.test(plain))
    return undefined;
  const name = normalizeDots(plain);
  if (name === undefined || [...new Intl.Segmenter().segment(name)].length > maxLength)
    return undefined;
  return isLinkable(name) ? undefined : name;
}

/**
 * Keeps the dots of initials and abbreviations, drops a final dot, and separates parts that look
 * like a host: `M. Sc.`. Undefined for a sentence.
 */
function normalizeDots(text: string): string | undefined {
  let isSentence = false;
  const normalized = text.replaceAll(
    /([\p{L}\p{M}\p{N}\p{So}\p{Join_Control}]*)\.(?=( ?)([\p{L}\p{M}\p{N}\p{So}]*))/gu,
    (_match, word: string, space: string, next: string) => {
      const isInitial = /^\p{L}[\p{M}\p{Join_Control}]*$/u.test(word);
      if (isInitial || abbreviations.has(word.toLowerCase())) {
        const isHost = space === '' && next !== '' && !(isInitial && /^\p{L}\p{M}*$/u.test(next));
        return isHost ? `${word}. ` : `${word}.`;
      }
      isSentence ||= space !== '' || next !== '';
      return word;
    },
  );
  return isSentence ? undefined : normalized;
}

/** Also checks the compatibility form, which a mail client may see in `ｅｖｉｌ．ｃｏｍ`. */
function isLinkable(name: string): boolean {
  const form = name.normalize('NFKC').replaceAll(/\p{Default_Ignorable_Code_Point}/gu, '');
  const digits = form.match(/\p{N}/gu)?.length ?? 0;
  // Two groups of digits may start a number that continues in letters: 1-800-FLOWERS.
  const groups = form.match(/\p{N}+/gu)?.length ?? 0;
  const countDots = (text: string) => text.split('.').length;
  return (
    digits > maxDigits ||
    (groups > 1 && digits >= maxDigits) ||
    countDots(form) !== countDots(name) ||
    /[@:\\。]|\/\/|\.\p{L}\p{M}*[\p{L}\p{N}-]/u.test(form)
  );
}
