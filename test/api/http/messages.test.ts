/**
 * Messages of rejected inputs. They name the field, the problem and the fix, without validator text
 * or the value.
 */
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { getOperationDoc } from '../../../infra/build/openapi/operations.ts';
import { parse } from '../../../lib/api/parse.ts';
import { assertKnownNames } from '../../../lib/api/unknown-names.ts';
import { findNearestName } from '../../../lib/api/unknown-names.ts';
import { Failure } from '../../../lib/domain/kernel/failure.ts';
import { routes } from '../../../lib/api/routes.ts';
import { password } from '../../support/dialects/dialects.ts';
import { createTestService, adminToken, tenantId } from '../../support/service.ts';
import { scaleRuns } from '../../support/property-runs.ts';

const service = await createTestService();
const token = adminToken('acme');
const email = 'a@example.com';
const creates = (body: unknown, path = '/v1/users') =>
  service.post(path, body, { token, headers: { 'x-tenant-id': tenantId.acme } });
const jitsudoPath = '/jitsudo/v1/users';

describe('the message of a rejected request names the field and the fix', () => {
  it.each<[string, object, unknown]>([
    [
      'a misspelled field [UX1a]',
      { email, rolIds: [] },
      'rolIds is not a known field; did you mean roleIds?',
    ],
    [
      'a field of another dialect [UX1b]',
      { email, role_ids: [] },
      'role_ids is not a known field; did you mean roleIds?',
    ],
    [
      'a field with its domain name',
      { email, roles: [] },
      'roles is not a known field; did you mean roleIds?',
    ],
    [
      'swapped letters',
      { email, firstNmae: 'Jo' },
      'firstNmae is not a known field; did you mean firstName?',
    ],
    ['a missing field [UX2]', {}, 'email is required'],
    ['a number instead of a string [UX2]', { email: 5 }, 'email must be a string'],
    [
      'an unknown choice [UX2]',
      { email, authProvider: 'x' },
      'authProvider must be local, oidc or saml',
    ],
    ['an array instead of an object [UX2]', { email, metadata: [] }, 'metadata must be an object'],
    [
      'text that is not an email address [UX3]',
      { email: 'no address' },
      'email must be an email address',
    ],
    [
      'a string that is too long',
      { email, identity: { issuer: 'x'.repeat(513), subject: 's' } },
      'identity.issuer must have at most 512 characters',
    ],
    [
      'a role that is not an ID',
      { email, roleIds: ['cradl:role:user', 'admin'] },
      'roleIds.1 must be a role ID such as cradl:role:admin',
    ],
    [
      'a field without a name',
      { email, '': 1 },
      expect.stringMatching(/^"" is not a known field; the known fields are email, /),
    ],
    [
      'several problems',
      { email: 5, metadata: [], identity: {} },
      'email must be a string (and 3 more)',
    ],
    ['an array', [], 'The request body must be an object'],
  ])('for %s', async (_, body, message) => {
    const answer = await creates(body);
    expect(answer).toMatchObject({ status: 400, body: { code: 'invalid_input', message } });
  });

  it('for several unknown fields, with an issue for each [UX1a]', async () => {
    const { body } = await creates({ email, identity: { iss: 'x', subject: 's', foo: 1 } });
    expect(body.details.issues).toEqual([
      { path: 'identity.issuer', message: 'is required' },
      {
        path: 'identity.iss',
        message: 'is not a known field; the known fields are issuer, subject',
      },
      { path: 'identity.foo', message: 'is not a known field' },
    ]);
  });

  it.each<[string, object, string]>([
    ['a missing field', { name: 'Jo', roles: ['user'], password }, 'email is required'],
    [
      'an unknown choice',
      { email, name: 'Jo', roles: ['user'], password, auth_provider: 'x' },
      'auth_provider must be local, oidc or saml',
    ],
    [
      'a role that does not exist',
      { email, name: 'Jo', roles: ['user', 'none'], password },
      'roles.1 must be a role of this tenant',
    ],
  ])('in JITSudo for %s', async (_, body, message) => {
    expect((await creates(body, jitsudoPath)).body.message).toBe(message);
  });

  it.each([
    [
      'POST',
      '/v1/users',
      { email, roleIds: ['cradl:role:none'] },
      'roleIds.0 must be a role of this tenant',
    ],
    [
      'POST',
      '/cradl/v1/users',
      { email, roleIds: ['cradl:role:none'] },
      'roleIds.0 must be a role of this tenant',
    ],
    [
      'POST',
      '/v1/users',
      { email, password: 'short' },
      'password must have at least 15 characters',
    ],
    [
      'POST',
      '/v1/app-clients',
      { expiresTime: '2020-01-01T00:00:00Z' },
      'expiresTime must be in the future',
    ],
    [
      'POST',
      '/jitsudo/v1/api-keys',
      { name: 'Key', scopes: ['none'] },
      'scopes.0 must be a role of this tenant',
    ],
    [
      'PATCH',
      '/v1/users/cradl:user:0123456789abcdef0123456789abcdef',
      {},
      'The request body must name at least one field',
    ],
    [
      'PATCH',
      '/v1/users/cradl:user:0123456789abcdef0123456789abcdef',
      { firstNmae: 'Jo' },
      'firstNmae is not a known field; did you mean firstName?',
    ],
    [
      'GET',
      '/v1/users?emial=a@example.com',
      undefined,
      'emial is not a known parameter; did you mean email?',
    ],
    ['GET', '/v1/users?maxResults=0', undefined, 'maxResults must be a whole number of at least 1'],
    ['GET', '/v1/users?email=a&email=b', undefined, 'email must not be repeated'],
  ])('in every dialect: %s %s %j', async (method, path, body, message) => {
    const headers = {
      'x-tenant-id': tenantId.acme,
      ...(body && { 'content-type': 'application/json' }),
    };
    const answer = await service.send(method, path, {
      token,
      headers,
      ...(body && { body: JSON.stringify(body) }),
    });
    expect(answer.body.message).toBe(message);
  });
});

describe('the message for a schema with alternatives', () => {
  const text = z.string().max(2);
  const object = z.object({ a: z.strictObject({ b: z.int() }) });
  const kinds = z.discriminatedUnion('kind', [
    z.object({ kind: z.literal('x') }),
    z.object({ kind: z.literal('y') }),
  ]);
  it.each<[string, z.ZodType, unknown, string]>([
    [
      'has the problems of the matching one',
      z.union([text, object]),
      { a: { c: 1 } },
      'value.a.b is required (and 1 more)',
    ],
    [
      'has the problem of the other matching one',
      z.union([text, object]),
      'abc',
      'value must have at most 2 characters',
    ],
    [
      'lists the alternatives if none matches',
      z.union([text, object]),
      7,
      'value must be a string or an object',
    ],
    ['says that the value is required', z.union([text, object]), undefined, 'value is required'],
    ['lists the discriminator values', kinds, { kind: 'z' }, 'value.kind must be x or y'],
    ['requires the discriminator', kinds, {}, 'value.kind is required'],
    [
      'names the fields of a record',
      z.record(z.string().max(1), z.int()),
      { ab: 1 },
      'value.ab cannot have this name, which must have at most 1 character',
    ],
    [
      'names the types of items',
      z.array(z.tuple([z.int(), z.boolean()])),
      [[1.5, 'x']],
      'value.0.0 must be a whole number (and 1 more)',
    ],
  ])('%s', (_, schema, value, message) => {
    expect(catchFailure(() => parse(z.object({ value: schema }), { value }))?.message).toBe(
      message,
    );
  });
});

describe('the nearest known name', () => {
  it.each([
    ['Email', 'email'],
    ['user_name', 'userName'],
    ['user-name', 'userName'],
    ['USERNAME', 'userName'],
    ['emails', 'email'],
    ['emial', 'email'],
    ['mail', 'email'],
    ['fistName', 'firstName'],
  ])('to %s is %s', (name, expectedName) => {
    expect(findNearestName(name, ['email', 'userName', 'firstName', 'lastName'])).toBe(
      expectedName,
    );
  });

  it.each(['x', 'surname', 'age', 'constructor', '💡', ''])('is undefined for %j', (name) => {
    expect(findNearestName(name, ['email', 'userName'])).toBeUndefined();
  });

  it('is suggested for an unknown query parameter', () => {
    const check = () => assertKnownNames(['staus', 'status'], ['status'], 'parameter');
    expect(check).toThrow('staus is not a known parameter; did you mean status?');
    expect(() => assertKnownNames(['status'], ['status'], 'parameter')).not.toThrow();
  });
});

const rawPhrases =
  /Invalid (input|option|string|key|element)|Unrecognized|Too (big|small)|expected|received|ISO |regex|pattern|\/\^|undefined|NaN|\[object/;
const schemas = new Map<z.ZodType, string>();
for (const row of routes) {
  if (row.body !== 'json' && !row.operation.startsWith('list')) continue;
  const { request, query } = getOperationDoc(row).content(row.dialect);
  for (const schema of [request?.schema, query]) if (schema) schemas.set(schema, row.route);
}

/** Values of any type. Each text contains the mark. */
const mark = 'sesame';
const anyValue = fc.oneof(
  fc.constantFrom(
    null,
    true,
    0,
    -1,
    1.5,
    1e300,
    '',
    `${mark} `,
    mark.repeat(2000),
    [],
    {},
    [mark],
    [[mark]],
    [null],
    { a: mark },
  ),
  fc.array(fc.constantFrom(mark, 7), { minLength: 101, maxLength: 101 }),
);
/** Names of fields, and of some keywords of JSON Schema. */
const listNames = (schema: unknown): string[] =>
  [...JSON.stringify(schema).matchAll(/"(?!pattern)([A-Za-z_]\w*)":\{/g)].map(
    ([, name = '']) => name,
  );

describe('a message contains neither validator text nor rejected values', () => {
  it.each([...schemas].map(([schema, route]) => ({ schema, route })))('$route', ({ schema }) => {
    const names = listNames(z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }));
    const flat = fc.dictionary(fc.constantFrom(...names, 'unknown'), anyValue, { maxKeys: 8 });
    const nested = fc.dictionary(
      fc.constantFrom(...names, 'unknown'),
      fc.oneof(anyValue, flat, fc.array(flat, { maxLength: 2 })),
    );
    fc.assert(
      fc.property(
        fc.oneof({ weight: 1, arbitrary: anyValue }, { weight: 9, arbitrary: nested }),
        (value) => {
          const failure = catchFailure(() => parse(schema, value));
          if (!failure) return;
          expect(failure.message).not.toMatch(rawPhrases);
          expect(JSON.stringify(failure.details)).not.toContain(mark);
          for (const { message } of failure.details.issues ?? [])
            expect(message).toMatch(/^(must|is required|cannot|is not a known) ?/);
        },
      ),
      { numRuns: scaleRuns(60) },
    );
  });
});

function catchFailure(act: () => unknown): Failure | undefined {
  try {
    act();
    return undefined;
  } catch (error) {
    if (error instanceof Failure) return error;
    throw error;
  }
}

it.each([
  ['/v1/auth/token', 'tenant', { email, password }],
  ['/v1/auth/password-reset', 'tenant', { email }],
  ['/jitsudo/v1/auth/login', 'tenant_slug', { email, password }],
  ['/jitsudo/v1/auth/request-password-reset', 'tenant_slug', { email }],
])('%s returns 400 for an impossible tenant name', async (path, field, body) => {
  for (const tenant of [
    'Acme Inc.',
    'acme@example.com',
    'https://acme.example.com',
    '<tenant>',
    'acme_eu',
  ]) {
    const { status, body: answer } = await service.post(path, { ...body, [field]: tenant });
    expect([status, answer.message]).toEqual([
      400,
      `${field} must be the slug or the ID of a tenant`,
    ]);
  }
});
