import { domainToUnicode } from 'node:url';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cradlUser } from '../../lib/api/users/cradl.ts';
import { trimText } from '../../lib/api/characters.ts';
import { emailPatterns, internationalEmail } from '../../lib/api/email-address.ts';
import { userName } from '../../lib/api/users/fields/user-name.ts';
import { canonicalizeEmail, canonicalizeUserName } from '../../lib/domain/kernel/canonical.ts';
import { anyCharacter, scaleRuns } from '../support/property-runs.ts';

const runs = { numRuns: scaleRuns(2000) };
const acceptedName = userName();
const acceptedEmail = internationalEmail();

/** Text with many characters that fold in unusual ways. */
const peculiar = fc.string({
  unit: fc.oneof(
    fc.constantFrom(
      ...'aAiIkKsSßẞıİſ\u212Aﬁﬃŉǰςσ΄ΐ\u0300\u0301\u0307\u0323\u0345µμªº²①Ａｚ０ｶﾞﾟ가각\u1112\u1161Ω\u2126Å\u212BﬅǅჀⴀᲐ',
    ),
    fc.constantFrom(...'\u034F\u115F\u200B\u2060\u3164\uFE0F\u{E0101}'),
    anyCharacter,
  ),
  maxLength: 20,
});

/** Spellings of one text by keyboards, forms and other systems. */
const respelling = fc.constantFrom(
  (text: string) => text.normalize('NFC'),
  (text: string) => text.normalize('NFD'),
  (text: string) => text.normalize('NFKC'),
  (text: string) => text.normalize('NFKD'),
  // Normalizes first, because uppercase turns the mark U+0345 into a letter.
  (text: string) => text.normalize('NFKC').toUpperCase(),
  (text: string) => text.normalize('NFKC').toLowerCase(),
  (text: string) =>
    text.replaceAll(/[!-~]/g, (character) =>
      String.fromCodePoint(character.codePointAt(0)! + 0xfee0),
    ),
);

describe('the canonical form of a username [N12]', () => {
  it('is its own canonical form', () => {
    const property = fc.property(peculiar, (name) => {
      const canonical = canonicalizeUserName(name);
      expect(canonicalizeUserName(canonical)).toBe(canonical);
    });
    fc.assert(property, runs);
  });

  it('is the same for every case, width and Unicode form', () => {
    const property = fc.property(peculiar, respelling, (name, respelled) => {
      expect(canonicalizeUserName(respelled(name))).toBe(canonicalizeUserName(name));
    });
    fc.assert(property, runs);
  });

  it('of ASCII text is its lowercase form', () => {
    const text = fc.string({ unit: 'grapheme-ascii' });
    const delimiters = fc.string({ unit: fc.constantFrom(...'@.xX01#%/?:[]\\ ') });
    const property = fc.property(fc.oneof(text, delimiters), (name) => {
      expect(canonicalizeUserName(name)).toBe(name.toLowerCase());
    });
    fc.assert(property, runs);
  });
});

describe('an accepted username', () => {
  it('has an accepted and stable canonical form without invisible characters', () => {
    const near = fc.oneof(
      peculiar,
      fc
        .tuple(peculiar, fc.constantFrom('.', '_', '-', '@x.example', '＠x.example'), peculiar)
        .map((parts) => parts.join('')),
      fc.string({ unit: fc.constantFrom(...'aZ09._-@äßжΩ文'), maxLength: 12 }),
    );
    const property = fc.property(near, (name) => {
      const { success, data } = acceptedName.safeParse(name);
      if (!success) return;
      const canonical = canonicalizeUserName(data);
      expect(canonicalizeUserName(canonical)).toBe(canonical);
      expect(acceptedName.safeParse(canonical).data).toBe(canonical);
      expect(canonical).not.toMatch(/[\p{C}\p{Z}\p{Default_Ignorable_Code_Point}]/u);
      // A name with @ is compared as an email address.
      expect(acceptedEmail.safeParse(canonical).success).toBe(canonical.includes('@'));
      if (canonical.includes('@')) expect(canonical).toBe(canonicalizeEmail(data));
    });
    fc.assert(property, { numRuns: scaleRuns(5000) });
  });
});

/**
 * Labels of one direction, because RFC 5893 forbids mixed ones, and without the four letters that
 * IDNA 2008 distinguishes from their folded forms.
 */
const label = fc.oneof(
  fc.string({
    unit: fc.constantFrom(...'abcxyzABC019äÖüéñøžабвЯЁαβΩ中文例え한국'),
    minLength: 1,
    maxLength: 8,
  }),
  fc.string({ unit: fc.constantFrom(...'אבגעשת'), minLength: 1, maxLength: 8 }),
);
const domain = fc
  .array(label, { minLength: 1, maxLength: 3 })
  .map((labels) => [...labels, 'example'].join('.'));

describe('the canonical form of an email address [N12]', () => {
  it('is its own canonical form', () => {
    const property = fc.property(peculiar, domain, (local, domain) => {
      const canonical = canonicalizeEmail(`${local}@${domain}`);
      expect(canonicalizeEmail(canonical)).toBe(canonical);
    });
    fc.assert(property, runs);
  });

  it('is the same for every case, width and Unicode form of both parts', () => {
    const property = fc.property(
      peculiar,
      domain,
      respelling,
      respelling,
      (local, domain, respellLocal, respellDomain) => {
        // Label by label, because only a full stop separates labels.
        const respelled = `${respellLocal(local)}@${domain.split('.').map(respellDomain).join('.')}`;
        expect(canonicalizeEmail(respelled)).toBe(canonicalizeEmail(`${local}@${domain}`));
      },
    );
    fc.assert(property, runs);
  });

  it('is the same for the A-labels and the U-labels of a domain', () => {
    const property = fc.property(domain, (domain) => {
      const canonical = canonicalizeEmail(`jo@${domain}`);
      const ascii = canonical.slice('jo@'.length);
      expect(ascii).toMatch(/^[a-z0-9.-]+$/);
      expect(canonicalizeEmail(`jo@${domainToUnicode(ascii)}`)).toBe(canonical);
      expect(canonicalizeEmail(`jo@${ascii.toUpperCase()}`)).toBe(canonical);
    });
    fc.assert(property, runs);
  });

  it('of an accepted address is accepted and stable, without invisible characters', () => {
    const near = fc
      .tuple(
        peculiar,
        fc.constantFrom('@', '＠', '.@'),
        peculiar,
        fc.constantFrom('.com', '.рф', '.xn--p1ai', ''),
      )
      .map((parts) => parts.join(''));
    const property = fc.property(near, (address) => {
      if (!acceptedEmail.safeParse(address).success) return;
      const canonical = canonicalizeEmail(trimText(address));
      expect(acceptedEmail.safeParse(canonical).success).toBe(true);
      expect(canonicalizeEmail(canonical)).toBe(canonical);
      expect(canonical).not.toMatch(/[\p{C}\p{Z}\p{Default_Ignorable_Code_Point}]/u);
    });
    fc.assert(property, { numRuns: scaleRuns(10_000) });
  });

  it('can be computed for any text', () => {
    const anything = fc.oneof(
      fc.string({ unit: anyCharacter }),
      fc.string({ unit: fc.constantFrom(...'@.xn-%#?/:[]\\\u0000 ä') }),
    );
    const property = fc.property(anything, (text) => {
      expect(canonicalizeEmail(text)).toBeTypeOf('string');
      expect(canonicalizeUserName(text)).toBeTypeOf('string');
    });
    fc.assert(property, runs);
  });
});

describe('the pattern for ASCII email addresses', () => {
  it('accepts the ASCII addresses that the international pattern accepts', () => {
    const ascii = emailPatterns.ascii();
    const international = emailPatterns.international();
    const address = fc
      .tuple(
        fc.string({ unit: fc.constantFrom(...'aZ0.!_%+-"'), minLength: 1, maxLength: 5 }),
        fc.constantFrom('@', '@a.', '@a-b.', '@-', '@xn--', ''),
        fc.string({ unit: fc.constantFrom(...'aZ0.-_ @'), maxLength: 5 }),
        fc.constantFrom('', 'com', '.xn--p1ai', '.c', '.co', '-'),
      )
      .map((parts) => parts.join(''));
    const property = fc.property(address, (email) => {
      expect(ascii.test(email)).toBe(international.test(email));
    });
    fc.assert(property, { numRuns: scaleRuns(5000) });
  });
});

describe('the linear pattern for email addresses', () => {
  // From docs.cradl.ai, POST /users. Takes exponential time, so the strings are short.
  const published = /^[A-Za-z0-9][-+._A-Za-z0-9]*@([-_.A-Za-z0-9]+\.)+[A-Za-z]{2,}$/;
  const createInput = cradlUser.createInput();
  const isAccepted = (email: string) => createInput.safeParse({ email }).success;

  it('accepts the same addresses as the published pattern of Cradl', () => {
    const text = (characters: string, maxLength: number) =>
      fc.string({ unit: fc.constantFrom(...characters), maxLength });
    const address = fc
      .tuple(
        text('aZ0.-_+', 6),
        text('aZ0.-_', 10),
        fc.oneof(text('.aZz0', 5), fc.constant('.com')),
      )
      .map(([local, ...rest]) => `${local}@${rest.join('')}`);
    let matches = 0;
    const property = fc.property(fc.oneof(address, text('aZ0@..-_+ é\n', 18)), (email) => {
      const isPublished = published.test(trimText(email));
      expect(isAccepted(email)).toBe(isPublished);
      matches += Number(isPublished);
    });
    fc.assert(property, { numRuns: scaleRuns(20_000) });
    expect(matches).toBeGreaterThan(500);
  });
});
