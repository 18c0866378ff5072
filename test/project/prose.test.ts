import { expect, it } from 'vitest';
import { findProblems, listFiles, readTexts, type Text } from '../support/project/prose.ts';

const findTextProblems = (text: string, kind: Text['kind'] = 'comment') =>
  findProblems([{ file: 'a.ts', line: 1, kind, text }]);

it.each([
  ['comment', 'What the caller sees.'],
  ['comment', 'Throws if it fails. Whoever calls it must catch.'],
  ['string', 'Nobody can sign in like this'],
  ['markdown', 'The links are good for 7 days besides.'],
  ['policy', 'Who has no role cannot read e-mail.'],
  ['page', 'The colour of the button'],
] as const)('reports a %s that breaks the style: %s', (kind, text) => {
  expect(findTextProblems(text, kind)).not.toEqual([]);
});

it.each([
  ['comment', 'Current access of a token subject. Throws `unauthenticated` if the token expired.'],
  ['markdown', 'What does it cost? See below.'],
  ['string', 'You can grant only permissions that you hold.'],
] as const)('accepts a %s in plain English: %s', (kind, text) => {
  expect(findTextProblems(text, kind)).toEqual([]);
});

it('finds nothing in comments, messages, policies, pages and documents', () => {
  const texts = listFiles(
    '.',
    ':!test/project/prose.test.ts',
    ':!test/project/names.test.ts',
  ).flatMap(readTexts);
  expect(texts.length).toBeGreaterThan(5_000);
  expect(findProblems(texts)).toEqual([]);
});
