import { readFileSync } from 'node:fs';
import jsTokens from 'js-tokens';
import { describe, expect, it } from 'vitest';
import { formatOutcome } from '../../infra/build/policies/engine.ts';
import { parsePolicies } from '../../infra/build/policies/sources.ts';
import { translatePolicy } from '../../infra/build/policies/translate.ts';
import type { CompiledPolicy } from '../../lib/domain/access/compiled-policy.ts';
import { getString, hasAttribute, isInTenant } from '../../lib/domain/access/policy-operators.ts';
import { compiledPolicies } from '../../lib/domain/access/policies/compiled.ts';
import { loadPolicies } from '../support/compile-policies.ts';
import { actions, decide, getSpace, schema } from '../support/policy-requests.ts';

const readModule = (name: string) =>
  readFileSync(new URL(`../../lib/domain/access/policies/${name}`, import.meta.url), 'utf8');

/** Replaces one token of a text at a time. */
function replaceTokens(
  tokens: readonly string[],
  replace: (token: string) => readonly string[],
): { text: string; name: string }[] {
  return tokens.flatMap((token, index) =>
    replace(token).map((replacement) => ({
      text: tokens.with(index, replacement).join(''),
      name: `${token} → ${replacement}, ${tokens.slice(Math.max(0, index - 6), index).join('')}`,
    })),
  );
}

const changeString = (token: string) => token.replace(/.$/, (quote) => `~${quote}`);

describe('a change of a policy without `npm run policies` is detected:', () => {
  const replacements: Readonly<Record<string, readonly string[]>> = {
    permit: ['forbid'],
    forbid: ['permit'],
    when: ['unless'],
    unless: ['when'],
    '==': ['!='],
    '&&': ['||'],
    '||': ['&&'],
    contains: ['containsAll', 'containsAny'],
    containsAll: ['contains', 'containsAny'],
    containsAny: ['contains', 'containsAll'],
    has: ['!='],
    in: ['=='],
    principal: ['context', 'resource'],
    context: ['principal'],
    resource: ['principal', 'action'],
    action: ['resource'],
  };
  const tokenPattern = /"(?:\\.|[^"\\])*"|==|&&|\|\||[A-Za-z]+|[^"=&|A-Za-z]+|./g;
  const files = [
    'app-clients',
    'connections',
    'events',
    'groups',
    'levels',
    'roles',
    'tenants',
    'users',
  ];
  const texts = files.flatMap((name) =>
    readModule(`${name}.cedar`)
      .replaceAll(/^\/\/.*$/gm, '')
      .split(/(?=^@id)/m)
      .filter((text) => text.startsWith('@id')),
  );
  const compile = (text: string) => {
    try {
      return parsePolicies(text)
        .map((policy) => translatePolicy(policy, schema))
        .join();
    } catch {
      return 'refused';
    }
  };

  it('every operator, keyword, literal, attribute and variable', () => {
    expect(texts).toHaveLength(compiledPolicies.length);
    const unchanged = texts.flatMap((text) => {
      const compiled = compile(text);
      expect(compiled).toContain('definePolicy');
      return replaceTokens(text.match(tokenPattern) ?? [], (token) => {
        if (token.startsWith('"')) return [changeString(token)];
        const isName = /^[a-z]+$/i.test(token);
        return replacements[token] ?? (isName ? [`${token}s`] : []);
      })
        .filter((mutant) => compile(mutant.text) === compiled)
        .map(({ name }) => name);
    });
    expect(unchanged).toEqual([]);
  });
});

describe('the answers of the engine detect a change of the compiled module:', () => {
  const code = readModule('compiled.ts');
  const segments = code
    .slice(code.indexOf('= [') + 3, code.lastIndexOf(']'))
    .split(/(?=definePolicy\()/)
    .filter((segment) => segment.startsWith('definePolicy('));
  const originals = loadPolicies(code);

  const listActions = ({ action }: CompiledPolicy): readonly string[] =>
    typeof action === 'string' ? [action] : action;

  /**
   * True if an outcome differs from the engine's. To find it early, starts with the actions of only
   * one of both policies, and spreads the requests.
   */
  const isDetected = (index: number, mutant: CompiledPolicy | undefined): boolean => {
    const mutated = originals.toSpliced(index, 1, ...(mutant ? [mutant] : []));
    const [before, after] = [originals[index], mutant].map(
      (each) => new Set(each ? listActions(each) : []),
    ) as [Set<string>, Set<string>];
    const affected = [...before.symmetricDifference(after), ...before.intersection(after)];
    return affected.some((action) => {
      if (!actions.includes(action)) return false;
      const { space, outcomes } = getSpace(action);
      const stride = 7919;
      for (let n = 0, at = 0; n < space.size; n++, at = (at + stride) % space.size)
        if (formatOutcome(decide(mutated, space.get(at))) !== outcomes[at]) return true;
      return false;
    });
  };

  interface Mutant {
    readonly name: string;
    readonly index: number;
    readonly policy: CompiledPolicy | undefined;
  }
  const expectDetected = (mutants: readonly Mutant[], minimum: number) => {
    expect(mutants.length).toBeGreaterThanOrEqual(minimum);
    expect(
      mutants
        .filter(({ index, policy }) => !isDetected(index, policy))
        .map(({ name, index }) => `${originals[index]?.id}: ${name}`),
    ).toEqual([]);
  };
  /** Mutants with another list of clauses. */
  const changeClauses = (
    name: string,
    change: (clauses: CompiledPolicy['clauses'], at: number) => CompiledPolicy['clauses'],
  ): Mutant[] =>
    originals.flatMap((policy, index) =>
      policy.clauses.map((_, at) => ({
        name: `${name} ${at}`,
        index,
        policy: { ...policy, clauses: change(policy.clauses, at) },
      })),
    );

  it('a policy removed', () => {
    expectDetected(
      originals.map((_, index) => ({ name: 'removed', index, policy: undefined })),
      28,
    );
  });

  it('a clause removed', () => {
    expectDetected(
      changeClauses('without clause', (clauses, at) => clauses.toSpliced(at, 1)),
      65,
    );
  });

  it('a clause negated', () => {
    expectDetected(
      changeClauses('negated clause', (clauses, at) => {
        const clause = clauses[at]!;
        return clauses.with(
          at,
          'when' in clause ? { unless: clause.when } : { when: clause.unless },
        );
      }),
      65,
    );
  });

  it('two clauses swapped, which changes the errors', () => {
    const swapped = changeClauses('swapped clause', (clauses, at) => [
      ...clauses.slice(0, at),
      ...clauses.slice(at, at + 2).toReversed(),
      ...clauses.slice(at + 2),
    ]);
    expectDetected(
      swapped.filter(
        ({ index, name }) =>
          Number(name.split(' ').at(-1)) + 1 < (originals[index]?.clauses.length ?? 0),
      ),
      37,
    );
  });

  it('the comparison of the tenant changed', () => {
    type Test = typeof isInTenant;
    const replacements: Readonly<Record<string, Test>> = {
      'another tenant': ({ principal, resource }) =>
        hasAttribute(principal, 'tenant') && getString(principal, 'tenant') !== resource,
      'any tenant': ({ principal }) => hasAttribute(principal, 'tenant'),
      'an error without a tenant': ({ principal, resource }) =>
        getString(principal, 'tenant') === resource,
    };
    const mutants = originals.flatMap((policy, index) =>
      policy.clauses.flatMap((clause, at) =>
        'when' in clause && clause.when === isInTenant
          ? Object.entries(replacements).map(([name, when]) => ({
              name,
              index,
              policy: { ...policy, clauses: policy.clauses.with(at, { when }) },
            }))
          : [],
      ),
    );
    expectDetected(mutants, 75);
  });

  it('an operator, literal, effect, ID or scope changed', () => {
    const replacements: Readonly<Record<string, readonly string[]>> = {
      '===': ['!=='],
      '&&': ['||'],
      '||': ['&&'],
      contains: ['!contains'],
      containsAll: ['!containsAll', 'containsAny'],
      containsAny: ['!containsAny', 'containsAll'],
      getBoolean: ['!getBoolean', 'hasAttribute'],
      hasAttribute: ['!hasAttribute'],
      "'permit'": ["'forbid'"],
      "'forbid'": ["'permit'"],
    };
    const mutants = segments.flatMap((segment, index): Mutant[] => {
      // The notice and the required permissions are not part of the decision.
      const start = segment.indexOf('notice:');
      const end = segment.indexOf('action:');
      const rest = segment.indexOf('requiredPermissions:');
      const clauses = segment.indexOf('clauses:');
      const changed = (prefix: string, part: string, suffix: string) =>
        replaceTokens(
          [...jsTokens(part)].map(({ value }) => value),
          (token) => replacements[token] ?? (/^['"]/.test(token) ? [changeString(token)] : []),
        ).map(({ name, text }) => ({ name, text: prefix + text + suffix }));
      return [
        ...changed('', segment.slice(0, start), segment.slice(start)),
        ...changed(segment.slice(0, end), segment.slice(end, rest), segment.slice(rest)),
        ...changed(segment.slice(0, clauses), segment.slice(clauses), ''),
      ].map(({ name, text }) => ({ name, index, policy: loadPolicies(`= [${text}]`)[0] }));
    });
    expectDetected(mutants, 300);
  });
});
