import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { listFiles } from '../support/project/prose.ts';

const participles = 'asked|named|shown|told|met|held|made|kept|known|left|said|wanted';
const pronouns = 'nobody|somebody|whoever|anybody|everybody';

/** Declared names that CONTRIBUTING.md forbids: `xOf` accessors, bare participles and pronouns. */
const forbidden = new RegExp(
  String.raw`\b(?:const|let|function|type|interface)\s+(\w+(?<![oO]ne)Of|${participles}|${pronouns})\b`,
  'g',
);

it.each(['const nameOf = 1', 'let kept', 'function told() {}', 'const nobody = {}'])(
  'finds the forbidden name in %s',
  (source) => {
    expect(source.match(forbidden)).not.toBeNull();
  },
);

it('finds no forbidden names in code', () => {
  const files = listFiles('functions', 'lib', 'infra', 'test').filter(
    (file) => file.endsWith('.ts') && !file.endsWith('/names.test.ts'),
  );
  const found = files.flatMap((file) =>
    [...readFileSync(file, 'utf8').matchAll(forbidden)].map(([match]) => `${file}: ${match}`),
  );
  expect(found).toEqual([]);
});
