/** Filters, paths, PATCH operations and projections of generated texts. */
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Filter, operators } from '../../../lib/api/scim/filter/filter.ts';
import { matches } from '../../../lib/api/scim/filter/matches.ts';
import { parseFilter, parseValuePath } from '../../../lib/api/scim/filter/parse-filter.ts';
import { parseResource } from '../../../lib/api/scim/parse-resource.ts';
import { applyPatch } from '../../../lib/api/scim/patch/apply-patch.ts';
import { project } from '../../../lib/api/scim/project.ts';
import type { Attribute } from '../../../lib/api/scim/schema/attribute.ts';
import {
  type AttributePath,
  findPath,
  formatAttributePath,
} from '../../../lib/api/scim/schema/find-attribute.ts';
import { buildUserSchema } from '../../../lib/api/scim/schema/user.ts';
import { Failure } from '../../../lib/domain/kernel/failure.ts';
import { scaleRuns } from '../../support/property-runs.ts';
import { createRecordedLog } from '../../support/scim/recorded-log.ts';

const runs = { numRuns: scaleRuns(250) };
const schema = buildUserSchema({
  changePassword: true,
  extension: { name: 'acme', attributes: ['badge'] },
});

/** Fails for an error other than a failure with status 400. */
function expectOutcome(run: () => unknown, codes: readonly string[]): void {
  try {
    run();
  } catch (error) {
    expect(error).toBeInstanceOf(Failure);
    expect(codes).toContain((error as Failure).code);
  }
}

const hostileName = fc.constantFrom(
  '__proto__',
  'constructor',
  'prototype',
  'constructor.prototype',
  '__proto__.x',
  'toString',
  'hasOwnProperty',
);
const attributeName = fc.constantFrom(
  ...schema.core.attributes.map(({ name }) => name),
  ...schema.extensions.flatMap(({ id, attributes }) => [
    id,
    ...attributes.map(({ name }) => `${id}:${name}`),
  ]),
  'name.givenName',
  'emails.value',
  'emails[type eq "work"]',
  'emails[type eq "work"].value',
  'meta.version',
  'id',
);
const anyName = fc.oneof(attributeName, hostileName, fc.string({ maxLength: 8 }));

const fragment = fc.oneof(
  anyName,
  fc.constantFrom(
    ...'()[]". \\',
    ' eq ',
    ' and ',
    ' or ',
    'not ',
    ' pr',
    '"a"',
    'null',
    ...operators,
  ),
);
const anyText = fc.array(fragment, { maxLength: 12 }).map((parts) => parts.join(''));

describe('any text', () => {
  it('is a filter or fails with invalid_filter', () => {
    const property = fc.property(anyText, (text) => {
      expectOutcome(() => matches(parseFilter(text, schema), {}), ['invalid_filter']);
    });
    fc.assert(property, runs);
  });

  it('is a path or fails with invalid_path', () => {
    const property = fc.property(anyText, (text) => {
      expectOutcome(() => parseValuePath(text, schema), ['invalid_path']);
    });
    fc.assert(property, runs);
  });

  it.each(['(', 'not (', 'a[', '\\', '"', '[', 'emails[', 'title pr and ', '"\\', '.', ':', ' '])(
    'of 8 kB of %j is parsed in one pass',
    (part) => {
      const text = part.repeat(8192 / part.length);
      expectOutcome(() => parseFilter(text, schema), ['invalid_filter']);
      expectOutcome(() => parseValuePath(text, schema), ['invalid_path']);
    },
  );
});

/** Attributes of the schema that a filter can compare. */
const paths = [...schema.core.attributes, ...schema.extensions.flatMap(toQualified)]
  .flatMap((attribute) => [
    attribute.name,
    ...(attribute.subAttributes ?? []).map(({ name }) => `${attribute.name}.${name}`),
  ])
  .map((path) => findPath(path, schema) as AttributePath)
  .filter(({ attribute }) => attribute.returned !== 'never');

function toQualified({ id, attributes }: { id: string; attributes: readonly Attribute[] }) {
  return attributes.map((attribute) => ({ ...attribute, name: `${id}:${attribute.name}` }));
}

const compare = (path: AttributePath): fc.Arbitrary<Filter> => {
  const { type } = path.subAttribute ?? path.attribute;
  const present: Filter = { kind: 'present', path };
  if (type === 'complex') return fc.constant(present);
  const [names, value] =
    type === 'boolean'
      ? [['eq'] as const, fc.boolean()]
      : [type === 'binary' ? (['eq', 'co'] as const) : operators, fc.string({ maxLength: 8 })];
  return fc.oneof(
    fc.constant(present),
    fc.record({
      kind: fc.constant('compare' as const),
      path: fc.constant(path),
      operator: fc.constantFrom(...names),
      value,
    }),
  );
};

const inner = (term: fc.Arbitrary<Filter>): fc.Arbitrary<Filter> =>
  fc.oneof(
    term,
    term.map((term): Filter => ({ kind: 'not', term })),
    fc
      .tuple(
        fc.constantFrom('and' as const, 'or' as const),
        fc.array(term, { minLength: 2, maxLength: 3 }),
      )
      .map(([kind, terms]): Filter => ({ kind, terms })),
  );

const valueFilter = fc
  .constantFrom(
    ...paths.filter(({ attribute, subAttribute }) => attribute.subAttributes && !subAttribute),
  )
  .chain((path) => {
    const parts = (path.attribute.subAttributes ?? []).map((attribute) => compare({ attribute }));
    return inner(fc.oneof(...parts)).map((filter): Filter => ({ kind: 'value', path, filter }));
  });
const term = fc.oneof(fc.constantFrom(...paths).chain(compare), valueFilter);
const anyFilter = inner(inner(term));

function print(filter: Filter): string {
  switch (filter.kind) {
    case 'not':
      return `not (${print(filter.term)})`;
    case 'value':
      return `${formatAttributePath(filter.path)}[${print(filter.filter)}]`;
    case 'present':
      return `${formatAttributePath(filter.path)} pr`;
    case 'compare':
      return `${formatAttributePath(filter.path)} ${filter.operator} ${JSON.stringify(filter.value)}`;
    default:
      return filter.terms
        .map((each) =>
          each.kind === 'and' || each.kind === 'or' ? `(${print(each)})` : print(each),
        )
        .join(` ${filter.kind} `);
  }
}

it('a printed filter is parsed to the same filter', () => {
  const property = fc.property(anyFilter, (filter) => {
    expect(parseFilter(print(filter), schema)).toEqual(filter);
  });
  fc.assert(property, runs);
});

it('a filter and its negation never match the same resource', () => {
  const values = fc.record({
    userName: fc.string(),
    title: fc.option(fc.string(), { nil: undefined }),
  });
  const property = fc.property(anyFilter, values, (term, resource) => {
    expect(matches({ kind: 'not', term }, resource)).toBe(!matches(term, resource));
  });
  fc.assert(property, runs);
});

const entry = fc.record(
  {
    value: fc.constantFrom('a', 'B', 'b', 'c@x.org'),
    type: fc.constantFrom('work', 'home', 'other'),
    primary: fc.boolean(),
  },
  { requiredKeys: [] },
);
const user = fc.record(
  {
    id: fc.constant('u1'),
    userName: fc.constant('ada'),
    title: fc.string(),
    name: fc.record({ givenName: fc.string() }),
    emails: fc.array(
      entry.map(({ primary: _primary, ...rest }) => ({ type: 'work', ...rest })),
      {
        minLength: 1,
        maxLength: 3,
      },
    ),
  },
  { requiredKeys: ['id', 'userName'] },
);
const target = fc.constantFrom(
  'title',
  'name',
  'name.givenName',
  'emails',
  'emails.display',
  'emails[type eq "work"]',
  'emails[type eq "home"].value',
  'emails[type eq "home" and primary eq true].value',
  'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager',
  undefined,
);
const anyValue = fc.oneof(
  fc.constantFrom('x', 'True', null, [], [{ value: 'x' }], { value: 'a', primary: true }, {}),
  fc.array(entry, { maxLength: 2 }),
  fc.dictionary(anyName, fc.jsonValue({ maxDepth: 2 })),
  fc.jsonValue({ maxDepth: 2 }),
);
const operation = fc.record(
  {
    op: fc.constantFrom('add', 'Add', 'replace', 'Replace', 'remove', 'Remove'),
    path: fc.oneof({ weight: 4, arbitrary: target }, anyName),
    value: anyValue,
  },
  { requiredKeys: ['op'] },
);
const codes = [
  'invalid_input',
  'invalid_path',
  'no_target',
  'immutable_attribute',
  'malformed_json',
];

describe('PATCH', () => {
  it('changes the resource or fails, and changes nothing when an add or remove is repeated', () => {
    const property = fc.property(user, operation, (resource, operation) => {
      const body = { Operations: [operation] };
      const before = structuredClone(resource);
      expectOutcome(() => {
        const result = applyPatch(resource, body, schema, createRecordedLog());
        expect(result).toMatchObject({ id: 'u1' });
        // A value that contradicts the filter of its path is another value each time.
        const changesSelection = operation.path?.endsWith(']') && 'value' in operation;
        if (/replace/i.test(operation.op) || changesSelection) return;
        expect(applyPatch(result, body, schema, createRecordedLog())).toEqual(result);
      }, codes);
      expect(resource).toEqual(before);
      expect(Object.keys(Object.prototype)).toEqual([]);
    });
    fc.assert(property, { numRuns: scaleRuns(600) });
  });

  it('yields a resource that POST accepts unchanged', () => {
    const property = fc.property(
      user,
      fc.array(operation, { maxLength: 3 }),
      (resource, operations) => {
        expectOutcome(() => {
          const body = { Operations: operations };
          const { id: _id, ...result } = applyPatch(resource, body, schema, createRecordedLog());
          expect(parseResource(result, schema, createRecordedLog()).resource).toEqual(result);
        }, codes);
      },
    );
    fc.assert(property, runs);
  });
});

it('any body is a resource or fails', () => {
  const body = fc.dictionary(anyName, fc.oneof(anyValue, fc.jsonValue()));
  const property = fc.property(body, (body) => {
    expectOutcome(() => {
      const log = createRecordedLog();
      const { resource } = parseResource({ userName: 'ada', ...body }, schema, log);
      expect(parseResource(resource, schema, log).resource).toEqual(resource);
    }, codes);
    expect(Object.keys(Object.prototype)).toEqual([]);
  });
  fc.assert(property, runs);
});

it('a projection never yields an excluded attribute, and always the ID', () => {
  const selection = fc.array(anyName, { maxLength: 4 });
  const property = fc.property(user, selection, (resource, names) => {
    const stored = { ...resource, password: 'secret' };
    const excluded = project(stored, { excludedAttributes: names }, schema);
    const included = project(stored, { attributes: names }, schema);
    for (const name of names) {
      const found = findPath(name, schema);
      if (!found || !('attribute' in found) || found.subAttribute) continue;
      if (!['id', 'schemas'].includes(found.attribute.name))
        expect(Object.keys(excluded)).not.toContain(found.attribute.name);
    }
    const whole = { ...included, ...excluded };
    expect(whole).toMatchObject({ id: 'u1', schemas: [schema.core.id] });
    expect(whole).not.toHaveProperty('password');
    expect(included).toMatchObject({ id: 'u1' });
  });
  fc.assert(property, runs);
});
