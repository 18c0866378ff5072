import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { quirks } from '../../lib/api/scim/quirks.ts';
import type { Attribute } from '../../lib/api/scim/schema/attribute.ts';
import { commonAttributes } from '../../lib/api/scim/schema/common-attributes.ts';
import { enterpriseUserSchema } from '../../lib/api/scim/schema/enterprise-user.ts';
import { buildGroupSchema } from '../../lib/api/scim/schema/group.ts';
import { rosterUserSchema } from '../../lib/api/scim/schema/roster-user.ts';
import { buildUserSchema } from '../../lib/api/scim/schema/user.ts';
import { readPage, readSection } from '../support/project/docs-examples.ts';

const listNames = (cell = ''): string[] =>
  [...cell.matchAll(/`([^`]+)`/g)].map(([, name = '']) => name);

/** Lists the paths in a table of attributes and sub-attributes. */
const listDocumented = (section: string): string[] =>
  [...readSection('docs/scim/attributes.md', section).matchAll(/^\| (`.*?) \| (.*?) ?\| /gm)]
    .flatMap(([, names, subNames]) => {
      const subAttributes = listNames(subNames);
      return listNames(names).flatMap((name) =>
        subAttributes.length === 0 ? [name] : subAttributes.map((subName) => `${name}.${subName}`),
      );
    })
    .toSorted();

const listPaths = (attributes: readonly Attribute[]): string[] =>
  attributes
    .flatMap(({ name, subAttributes = [] }) =>
      subAttributes.length === 0 ? [name] : subAttributes.map((each) => `${name}.${each.name}`),
    )
    .toSorted();

describe('the page of SCIM attributes', () => {
  it.each([
    ['Users', buildUserSchema({ changePassword: true }).core.attributes],
    ['Enterprise extension', enterpriseUserSchema.attributes],
    ['Roster extension', rosterUserSchema.attributes],
    ['Groups', buildGroupSchema().core.attributes],
    ['Every resource', commonAttributes],
  ])('lists exactly the attributes of the schema: %s', (section, attributes) => {
    expect(listDocumented(section)).toEqual(listPaths(attributes));
  });

  it('names the extensions', () => {
    const page = readPage('docs/scim/attributes.md');
    for (const { id } of buildUserSchema().extensions) expect(page).toContain(`\`${id}\``);
  });
});

it('lists every quirk with its text', () => {
  const rows = readPage('docs/scim/quirks.md').match(/^\| `.*$/gm);
  expect(rows).toEqual(Object.entries(quirks).map(([name, text]) => `| \`${name}\` | ${text} |`));
});

it('quotes messages that the service has', () => {
  const folder = join(import.meta.dirname, '../../lib');
  const source = readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .map((name) => readFileSync(join(folder, name), 'utf8'))
    .join('');
  const quotes = [...readPage('docs/scim/troubleshooting.md').matchAll(/^> (.*)$/gm)];
  const parts = quotes.flatMap(([, message = '']) => message.split('…'));
  expect(parts.length).toBeGreaterThan(8);
  expect(parts.filter((part) => !source.includes(part))).toEqual([]);
});
