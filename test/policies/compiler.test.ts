import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { compilePolicies } from '../../infra/build/policies/compile.ts';
import { parseSchema } from '../../infra/build/policies/schema.ts';
import {
  listProblems,
  parsePolicies,
  readPolicies,
  readSchema,
} from '../../infra/build/policies/sources.ts';
import { translatePolicy } from '../../infra/build/policies/translate.ts';
import { compiledPolicies } from '../../lib/domain/access/policies/compiled.ts';
import { authenticatedRoutes, getAction } from '../support/authenticated-routes.ts';
import { compileFixtures } from '../support/compile-policies.ts';

const schema = readSchema();
const policies = readPolicies();

interface PolicyText {
  readonly annotations?: string;
  readonly effect?: string;
  readonly scope?: string;
  readonly condition?: string;
}

const createUser = 'action == Roster::Action::"createUser"';
/** Cedar policy that the compiler supports, except for the given parts. */
const renderPolicy = ({
  annotations = '@id("fixture") @notice("Text.")',
  effect = 'permit',
  scope = `principal, ${createUser}, resource`,
  condition = 'context.assignsRoles',
}: PolicyText) => `${annotations} ${effect} (${scope}) when { ${condition} };`;

describe('the deployed policies', () => {
  it('match their sources', () => {
    for (const [path, code] of Object.entries(compilePolicies()))
      expect(readFileSync(path, 'utf8'), path).toBe(code);
  });

  it('pass strict validation without warnings', () => {
    expect(listProblems(policies, schema)).toEqual([]);
  });

  it('are in the order of their sources', () => {
    expect(compiledPolicies.map(({ id }) => id)).toEqual(policies.map(({ id }) => id));
    const positions = policies.slice(-13).map(({ id }) => userPolicies.indexOf(`@id("${id}")`));
    expect(positions).toEqual(positions.toSorted((a, b) => a - b));
    expect(positions[0]).toBeGreaterThan(0);
  });

  it('have a notice for denied callers', () => {
    for (const { notice } of compiledPolicies) expect(notice).toMatch(/^[A-Z].{20,}\.$/);
  });

  it('cover the action of every operation with a token, and no other action', () => {
    const actions = new Set(authenticatedRoutes.map(({ operation }) => getAction[operation]));
    const declared = Object.keys(parseSchema(schema).contexts);
    expect(new Set(declared)).toEqual(actions);
    expect(declared).toHaveLength(actions.size);
  });
});
const userPolicies = readFileSync(
  new URL('../../lib/domain/access/policies/users.cedar', import.meta.url),
  'utf8',
);

describe('strict validation refuses', () => {
  it.each([
    ['an unknown attribute of a principal', 'principal.permission'],
    ['an attribute that may be absent', 'principal.tenant == resource'],
    ['a number as a permission', 'principal.permissions.contains(7)'],
    ['an impossible condition', 'principal == resource'],
  ])('%s', (_, condition) => {
    const mistaken = parsePolicies(renderPolicy({ condition }));
    expect(listProblems([...policies, ...mistaken], schema)).toEqual([
      expect.stringMatching(/^Policy fixture: /),
    ]);
  });
});

describe('the compiler translates', () => {
  const grants = 'principal.permissions.containsAll(context.grantedPermissions)';
  const compileClause = (condition: string) => {
    const [policy] = compileFixtures(renderPolicy({ condition }));
    const request = (granted: readonly string[]) => ({
      principal: { tenant: 't', permissions: ['users:create'], systemAdministrator: false },
      action: 'createUser',
      resource: 't',
      context: { dialect: 'native', grantedPermissions: granted, assignsRoles: false },
    });
    return (granted: readonly string[]) =>
      policy?.clauses.every((clause) => 'when' in clause && clause.when(request(granted) as never));
  };

  it('a disjunction within a conjunction', () => {
    const holds = compileClause(
      `(context.assignsRoles || context.dialect == "native") && (${grants} || context.assignsRoles)`,
    );
    expect([holds(['users:create']), holds(['users:read'])]).toEqual([true, false]);
  });

  it('a conjunction within a disjunction', () => {
    const holds = compileClause(
      `context.assignsRoles && ${grants} || context.dialect == "native" && ${grants}`,
    );
    expect([holds(['users:create']), holds(['users:read'])]).toEqual([true, false]);
  });

  it.each([
    ['permit', 'when', 'principal.permissions.contains("users:read")', ['users:read']],
    ['permit', 'unless', 'principal.permissions.contains("users:read")', []],
    ['forbid', 'when', 'principal.permissions.contains("users:read")', []],
    ['forbid', 'unless', 'principal.permissions.contains("users:read")', ['users:read']],
    ['permit', 'when', 'principal.permissions.containsAny(["users:read"])', []],
    ['forbid', 'unless', grants, ['roles:read', 'roles:write']],
    [
      'forbid',
      'unless',
      `${grants} || principal.permissions.contains("users:read")`,
      ['roles:read', 'roles:write', 'users:read'],
    ],
    [
      'permit',
      'when',
      'principal.permissions.containsAll(["users:read", "users:update"])',
      ['users:read', 'users:update'],
    ],
    ['permit', 'when', 'context.grantedPermissions.contains("users:read")', []],
  ])('the permissions that %s … %s { %s } requires', (effect, kind, condition, required) => {
    const text = renderPolicy({ effect, condition }).replace(' when ', ` ${kind} `);
    const context = { grantedPermissions: ['roles:read', 'roles:write'] };
    const [policy] = compileFixtures(text);
    expect(policy?.requiredPermissions({ context } as never)).toEqual(required);
  });

  it('quotes and other special characters of a text', () => {
    const notice = `"It's" \\ \${x} \u2028 </script> é`;
    const text = renderPolicy({
      annotations: `@id("fixture") @notice(${JSON.stringify(notice)})`,
      condition: String.raw`context.dialect == "'\"\\` + '${a}`"',
    });
    const [policy] = compileFixtures(text);
    expect(policy?.notice).toBe(notice);
    const [clause] = policy?.clauses ?? [];
    const context = { dialect: '\'"\\${a}`' };
    expect(clause && 'when' in clause && clause.when({ context } as never)).toBe(true);
  });
});

describe('the compiler refuses, with the ID of the policy and the construct,', () => {
  const compile = (text: string) => () =>
    parsePolicies(text).map((policy) => translatePolicy(policy, parseSchema(schema)));

  it.each([
    ['!context.assignsRoles', '`!`'],
    ['context.dialect != "cradl"', '`!=`'],
    ['1 < 2', '`<`'],
    ['1 <= 2', '`<=`'],
    ['1 > 2', '`>`'],
    ['1 >= 2', '`>=`'],
    ['1 + 1 == 2', '`+`'],
    ['1 - 1 == 0', '`-`'],
    ['1 * 1 == 1', '`*`'],
    ['-context.assignsRoles == 1', '`neg`'],
    ['if context.assignsRoles then true else false', '`if-then-else`'],
    ['context.dialect like "cradl*"', '`like`'],
    ['resource is Roster::Tenant', '`is`'],
    ['resource is Roster::Tenant in resource', '`is`'],
    ['principal in resource', '`in`'],
    ['context.grantedPermissions.isEmpty()', '`isEmpty`'],
    ['principal.hasTag("a")', '`hasTag`'],
    ['principal.getTag("a") == "b"', '`getTag`'],
    ['{ a: "b" } == { a: "b" }', '`Record`'],
    ['ip("127.0.0.1").isLoopback()', '`isLoopback`'],
    ['datetime("2026-01-01") == datetime("2026-01-01")', '`datetime`'],
    ['true', 'the literal true'],
    ['context.assignsRoles == true', 'the literal true'],
    ['context.dialect == 1', 'the literal 1'],
    ['resource == Roster::Tenant::"acme"', 'the literal {"__entity":{"type":"Roster::Tenant",'],
    ['action == Roster::Action::"none"', 'the literal {"__entity":{"type":"Roster::Action",'],
    ['context.dialect', 'a condition of type string'],
    ['context.grantedPermissions == ["users:read"]', '`==` of set and set'],
    ['context.assignsRoles == context.assignsRoles', '`==` of boolean and boolean'],
    ['context == context', '`==` of record and record'],
    ['principal == principal', '`==` of record and record'],
    ['principal.tenant == action', '`==` of entity and entity'],
    ['context.dialect == resource', '`==` of string and entity'],
    ['context.dialect && context.assignsRoles', '`&&` of string'],
    ['context.assignsRoles || context.dialect', '`||` of string'],
    ['context.missing', 'the attribute context.missing'],
    ['context.constructor == "a"', 'the attribute context.constructor'],
    ['context.self', 'the attribute context.self'],
    ['principal has tenant.name', 'the attribute principal.tenant,name'],
    ['resource has name', 'an attribute of entity'],
    ['principal.tenant.name == "a"', 'an attribute of entity'],
    ['context.dialect.contains("a")', '`contains` of string and string'],
    ['principal.permissions.contains(context.assignsRoles)', '`contains` of set and boolean'],
    ['principal.permissions.containsAll("a")', '`containsAll` of set and string'],
    ['principal.permissions.containsAny([])', 'a set of anything other than string literals'],
    [
      'principal.permissions.containsAny(["a", context.dialect])',
      'a set of anything other than string literals',
    ],
    ['principal.permissions.containsAny([["a"]])', 'a set of anything other than string literals'],
  ])('the condition %s', (condition, construct) => {
    expect(compile(renderPolicy({ condition }))).toThrow(`Policy fixture: ${construct}`);
  });

  it.each([
    ['principal == Roster::Principal::"a", action, resource', 'a scope with a principal'],
    ['principal in Roster::Principal::"a", action, resource', 'a scope with a principal'],
    ['principal is Roster::Principal, action, resource', 'a scope with a principal'],
    ['principal, action, resource == Roster::Tenant::"a"', 'a scope with a resource'],
    ['principal, action, resource in Roster::Tenant::"a"', 'a scope with a resource'],
    ['principal, action, resource is Roster::Tenant', 'a scope with a resource'],
    ['principal, action, resource', 'a scope without `action ==`'],
    ['principal, action in Roster::Action::"createUser", resource', 'a scope without `action ==`'],
    ['principal, action in [], resource', 'a scope without actions'],
    ['principal, action == Roster::Action::"none", resource', 'the action Roster::Action::"none"'],
    ['principal, action == Other::Action::"getUser", resource', 'the action Other::Action::'],
  ])('the scope %s', (scope, construct) => {
    expect(compile(renderPolicy({ scope }))).toThrow(`Policy fixture: ${construct}`);
  });

  it.each([
    ['no ID', '@notice("Text.")', 'A policy has no @id'],
    ['an empty ID', '@id @notice("Text.")', 'A policy has no @id'],
    ['no notice', '@id("fixture")', 'Policy fixture: the @notice is missing'],
    ['an empty notice', '@id("fixture") @notice', 'Policy fixture: the @notice is missing'],
    [
      'another annotation',
      '@id("fixture") @notice("Text.") @advice("a")',
      'Policy fixture: the annotation @advice is not supported',
    ],
  ])('%s', (_, annotations, message) => {
    expect(compile(renderPolicy({ annotations }))).toThrow(message);
  });

  it('two policies with one ID', () => {
    expect(compile(renderPolicy({}) + renderPolicy({}))).toThrow(
      'Policy fixture: the @id is not unique',
    );
  });

  it('a context attribute that only one of the actions has', () => {
    const scope = `principal, action in [Roster::Action::"getUser", Roster::Action::"createUser"], resource`;
    expect(compile(renderPolicy({ scope }))).toThrow('the attribute context.assignsRoles');
  });

  it('the resource of actions on a tenant and on the deployment', () => {
    const scope = `principal, action in [Roster::Action::"getUser", Roster::Action::"createTenant"], resource`;
    const condition = 'principal has tenant && principal.tenant == resource';
    expect(compile(renderPolicy({ scope, condition }))).toThrow(
      'the resource of actions on a tenant and on the deployment',
    );
  });

  it('a schema with another common type', () => {
    const extended = schema
      .replace('entity Tenant;', 'type Field = String; entity Tenant;')
      .replace('Set<String>', 'Set<Field>');
    expect(() => parseSchema(extended)).toThrow('the type of updateTenant.fields');
  });

  it.each([
    ['templates', 'permit (principal == ?principal, action, resource);', 'Templates'],
    ['text that is not a policy', 'allow everything;', 'unexpected token'],
    ['an unknown effect', renderPolicy({ effect: 'allow' }), 'invalid policy effect'],
    ['an unknown operator', renderPolicy({ condition: '1 === 1' }), 'unexpected token'],
  ])('%s', (_, text, message) => {
    expect(compile(text)).toThrow(message);
  });

  it.each([
    [
      'an action group',
      'action createUser appliesTo',
      'action group; action createUser in [group] appliesTo',
      'the action group of createUser',
    ],
    ['a number', 'setsPassword: Bool', 'setsPassword: Long', 'the type of updateUser.setsPassword'],
    [
      'a record',
      'setsPassword: Bool',
      'setsPassword: { a: Bool }',
      'the type of updateUser.setsPassword',
    ],
    [
      'a set of booleans',
      'setsPassword: Bool',
      'setsPassword: Set<Bool>',
      'the type of updateUser.setsPassword',
    ],
    ['a set of entities', 'fields: Set<String>', 'fields: Set<Tenant>', 'the type of updateTenant'],
    ['a common type that is not a string', '= String', '= Long', 'the type of changeGroupMember'],
    ['another principal', 'principal: Principal', 'principal: Tenant', 'createUser must apply to'],
    ['another resource', 'resource: Tenant', 'resource: Principal', 'createUser must apply to'],
    [
      'two namespaces',
      'namespace Roster',
      'namespace A { entity B; } namespace Roster',
      'one namesp',
    ],
  ])('a schema with %s', (_, text, replacement, message) => {
    expect(schema).toContain(text);
    expect(() => parseSchema(schema.replace(text, replacement))).toThrow(message);
  });
});
