/**
 * JSON that is accepted unchanged, and JSON that is rejected because it would lose information [J10
 * R02 R03].
 */
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Failure } from '../../../lib/domain/kernel/failure.ts';
import { assertIJson } from '../../../lib/api/http/i-json.ts';
import { unique } from '../../support/dialects/dialects.ts';
import { createTestService, adminToken, tenantId } from '../../support/service.ts';
import { scaleRuns } from '../../support/property-runs.ts';

const service = await createTestService();
const token = adminToken('acme');
const headers = { 'content-type': 'application/json', 'x-tenant-id': tenantId.acme };
const posts = (body: string | Uint8Array, path = '/v1/users') =>
  service.post(path, body, { token, headers });

/** A user with this text as a value in its metadata. */
const toUser = (value: string): string =>
  `{"email":"jsmith.${unique()}@example.com","metadata":{"value":${value}}}`;
const malformed = { status: 400, body: { code: 'malformed_json' } };
const bytes = (...parts: (string | number)[]): Uint8Array =>
  Buffer.concat(
    parts.map((part) => (typeof part === 'number' ? Buffer.of(part) : Buffer.from(part))),
  );

describe('a JSON value', () => {
  it.each<[string, unknown]>([
    ['null', null],
    ['true', true],
    ['false', false],
    ['0', 0],
    ['-0', 0],
    ['-0.0e5', 0],
    ['1.0', 1],
    ['1.50', 1.5],
    ['-1', -1],
    ['1E+2', 100],
    ['100e-2', 1],
    ['0.1', 0.1],
    ['1e22', 1e22],
    ['123456789012345680000', 123456789012345680000],
    ['9007199254740992', 9007199254740992],
    ['-9007199254740991', -9007199254740991],
    ['1.7976931348623157e308', Number.MAX_VALUE],
    ['5e-324', Number.MIN_VALUE],
    ['0e400', 0],
    ['""', ''],
    ['"\\"\\\\\\/\\b\\f\\n\\r\\t"', '"\\/\b\f\n\r\t'],
    ['"\\u0000"', '\0'],
    ['"\\ud83e\\udd9c"', '🦜'],
    ['"🦜\u2028\u2029\u007f\ufeff\ufffe"', '🦜\u2028\u2029\u007f\ufeff\ufffe'],
    ['"9007199254740993"', '9007199254740993'],
    ['"\\"a\\":1,\\"a\\":2"', '"a":1,"a":2'],
    ['[]', []],
    ['[[],{}]', [[], {}]],
    [' \t\r\n[ 1 ,\n2 ] ', [1, 2]],
    ['{}', {}],
    ['{"":0}', { '': 0 }],
    ['{"a":{"a":{"a":1}}}', { a: { a: { a: 1 } } }],
    ['[{"a":1},{"a":2}]', [{ a: 1 }, { a: 2 }]],
    ['{"a":1,"A":2,"\u00e9":3,"e\u0301":4}', { a: 1, A: 2, '\u00e9': 3, 'e\u0301': 4 }],
    ['{"\\"a\\":":1,"a":2}', { '"a":': 1, a: 2 }],
    ['{"2":"b","1":"a"}', { 1: 'a', 2: 'b' }],
    [
      '{"constructor":1,"prototype":{},"toString":null,"proto":"__proto__"}',
      { constructor: 1, prototype: {}, toString: null, proto: '__proto__' },
    ],
  ])('is returned unchanged: %s', async (text, value) => {
    const { status, body } = await posts(toUser(text));
    expect({ status, value: body.metadata?.value }).toEqual({ status: 201, value });
    const again = await service.get(`/v1/users/${body.userId}`, { token });
    expect(again.body.metadata).toEqual({ value });
  });
});

describe('a JSON value is rejected if it', () => {
  const broken = [
    '01',
    '-01',
    '1.',
    '.5',
    '+1',
    '-',
    '--1',
    '1e',
    '1e+',
    '1e1.5',
    '0x1',
    '1_000',
    'NaN',
    'Infinity',
    '-Infinity',
    'nul',
  ];
  const constants = [
    'True',
    'undefined',
    'nulll',
    '',
    ',',
    ':',
    ']',
    '}',
    'a',
    "'a'",
    '`a`',
    '"a',
    'a"',
    '"\\x61"',
    '"\\u00g0"',
    '"\\u12"',
  ];
  const strings = ['"\\"', '"a\nb"', '"a\tb"', '"\u0000"', '"a" "b"', '"\\U0041"'];
  const structures = [
    '[1,]',
    '[,1]',
    '[1,,2]',
    '[1 2]',
    '[1',
    '1]',
    '[1}',
    '{"a"}',
    '{"a":}',
    '{"a" 1}',
    '{a:1}',
    "{'a':1}",
    '{"a":1,}',
  ];
  const more = [
    '{,"a":1}',
    '{"a":1 "b":2}',
    '{"a":1;"b":2}',
    '{1:1}',
    '{null:1}',
    '// a\n1',
    '1 // a',
    '/* a */ 1',
    '# a\n1',
    '[\u00a01]',
    '[\u20281]',
  ];
  it.each([...broken, ...constants, ...strings, ...structures, ...more])(
    'is invalid JSON: %j',
    async (text) => {
      expect(await posts(toUser(text))).toMatchObject(malformed);
    },
  );

  it.each([
    '1e400',
    '-1e400',
    '1e-400',
    '9007199254740993',
    '-9007199254740993',
    '1234567890123456789',
    '0.1000000000000000055511151231257827',
    '3.14159265358979323846',
    '1.7976931348623159e308',
    '4e-324',
    `1${'0'.repeat(400)}`,
    `0.${'0'.repeat(400)}1`,
    '[1,{"a":[9007199254740993]}]',
  ])('has a number that exceeds double precision: %s', async (text) => {
    expect(await posts(toUser(text))).toMatchObject(malformed);
  });

  it.each([
    '{"a":1,"a":1}',
    '{"a":1,"\\u0061":2}',
    '{"a":1,"b":{"c":1,"c":1}}',
    '[{"a":[{"b":1,"b":2}]}]',
    '{"":1,"":2}',
    '{"a\\"":1,"a\\u0022":2}',
    '{"1":1,"1":2}',
  ])('has a repeated name in an object: %s', async (text) => {
    expect(await posts(toUser(text))).toMatchObject(malformed);
  });

  it.each([
    '"\\ud83e"',
    '"\\udd9c\\ud83e"',
    '"a\\ud83eb"',
    '["\\udfff"]',
    '{"\\ud800":1}',
    '{"a":{"b":["\\ud800\\ud800"]}}',
  ])('has a lone surrogate: %s', async (text) => {
    expect(await posts(toUser(text))).toMatchObject(malformed);
  });

  it.each([
    '{"__proto__":1}',
    '{"__proto__":{"isAdmin":true}}',
    '{"\\u005f_proto__":null}',
    '[{"a":{"__proto__":[]}}]',
    '{"constructor":{"prototype":{"isAdmin":true}}}',
  ])('has __proto__ or constructor.prototype, without changing a prototype: %s', async (text) => {
    expect(await posts(toUser(text))).toMatchObject(malformed);
    expect(await posts(text)).toMatchObject(malformed);
    expect(({} as Record<string, unknown>)['isAdmin']).toBeUndefined();
    expect(Object.getOwnPropertyNames(Object.prototype)).not.toContain('isAdmin');
  });
});

describe('a body is rejected', () => {
  const user = '{"email":"jsmith@example.com"}';
  it.each<[string, string | Uint8Array]>([
    ['with two byte order marks', `\ufeff\ufeff${user}`],
    ['with content after its end', `${user}{}`],
    ['with a comma after its end', `${user},`],
    ['with a NUL after its end', `${user}\0`],
    ['without its end', user.slice(0, -1)],
    ['of whitespace', ' \n '],
    ['with whitespace that JSON does not allow', `\u00a0${user}`],
    [
      'with a repeated list of roles',
      '{"email":"jsmith@example.com","roleIds":["cradl:role:user"],"roleIds":["cradl:role:admin"]}',
    ],
    [
      'with bytes that are not in UTF-8',
      bytes('{"email":"jsmith@example.com","name":"', 0xff, '"}'),
    ],
    ['in Latin-1', bytes('{"email":"jsmith@example.com","name":"Zo', 0xeb, '"}')],
    ['with an overlong form', bytes('{"email":"jsmith@example.com","name":"', 0xc0, 0xaf, '"}')],
    [
      'with an encoded surrogate',
      bytes('{"email":"jsmith@example.com","name":"', 0xed, 0xa0, 0x80, '"}'),
    ],
    [
      'with half a character',
      bytes('{"email":"jsmith@example.com","name":"', 0xf0, 0x9f, 0xa6, '"}'),
    ],
    [
      'with a code point above U+10FFFF',
      bytes('{"email":"jsmith@example.com","name":"', 0xf4, 0x90, 0x80, 0x80, '"}'),
    ],
    ['in UTF-16, little-endian', Buffer.from(user, 'utf16le')],
    ['in UTF-16, big-endian', Buffer.from(user, 'utf16le').swap16()],
    ['in UTF-16 with a byte order mark', Buffer.from(`\ufeff${user}`, 'utf16le')],
    ['of 100,000 nested arrays', '['.repeat(100_000) + ']'.repeat(100_000)],
    [
      'with a number of 1,000,000 digits',
      `{"email":"jsmith@example.com","metadata":{"a":1${'0'.repeat(1_000_000)}1}}`,
    ],
    ['of 500,000 unclosed brackets', '['.repeat(500_000)],
  ])('%s', async (_, body) => {
    expect(await posts(body)).toMatchObject({
      status: 400,
      body: { code: expect.stringMatching(/^(malformed_json|invalid_input)$/) },
    });
  });
});

it('JITSudo rejects unknown fields of any depth or width', async () => {
  const base = '"name":"Jane","roles":["user"],"auth_provider":"oidc"';
  for (const ignored of [
    '['.repeat(1000) + ']'.repeat(1000),
    `[${'0,'.repeat(200_000)}0]`,
    `{${wide(20_000)}}`,
  ]) {
    const body = `{"email":"jsmith.${unique()}@example.com",${base},"ignored":${ignored}}`;
    expect(await posts(body, '/jitsudo/v1/users')).toMatchObject({
      status: 400,
      body: { details: { issues: [{ path: 'ignored' }] } },
    });
  }
});

const wide = (count: number): string =>
  Array.from({ length: count }, (_, index) => `"key${index}":${index}`).join(',');

it('a body can start with a byte order mark [30]', async () => {
  const email = `jsmith.${unique()}@example.com`;
  const bodyWithMark = bytes(0xef, 0xbb, 0xbf, JSON.stringify({ email }));
  expect(await posts(bodyWithMark)).toMatchObject({ status: 201, body: { email } });
});

describe('the message for rejected JSON', () => {
  const invalid = (line: number, column: number, fault: string) => ({
    message: `The request body is not valid JSON at line ${line}, column ${column}: ${fault}`,
    details: { line, column },
  });
  const value = (path: string, column: number, fault: string) => ({
    message: `${path} ${fault} (line 1, column ${column})`,
    details: { path, line: 1, column },
  });
  it.each<[string, string, { message: string; details: object }]>([
    [
      'a trailing comma [UX6]',
      '{"email": "a@example.com",}',
      invalid(1, 26, 'the comma before } must be removed'),
    ],
    [
      'a trailing comma in a list',
      '{"roleIds": [1,\n]}',
      invalid(1, 15, 'the comma before ] must be removed'),
    ],
    [
      'a missing comma',
      '{\r\n  "a": 1\r\n  "b": 2\r\n}',
      invalid(3, 3, "expected , or }, found '\"'"),
    ],
    [
      'single quotes',
      "{'email': 1}",
      invalid(1, 2, 'expected a name in double quotes or }, found a single quote'),
    ],
    ['typographic quotes', '{"😀": “a”}', invalid(1, 7, "expected a value, found '“'")],
    [
      'a name without quotes',
      '{"a": 1, email: 2}',
      invalid(1, 10, "expected a name in double quotes, found 'e'"),
    ],
    ['a missing colon', '{"email" 1}', invalid(1, 10, "expected a colon, found '1'")],
    [
      'a comment',
      '{ // secret\n}',
      invalid(1, 3, "expected a name in double quotes or }, found '/'"),
    ],
    ['a Python literal', '{"a": None}', invalid(1, 7, "expected a value, found 'N'")],
    ['a leading zero', '{"a": 01}', invalid(1, 8, "expected , or }, found '1'")],
    ['a truncated body', '{"a": [1', invalid(1, 9, 'expected , or ], found the end of the body')],
    [
      'an unterminated string',
      '{"password": "secret}',
      invalid(1, 14, 'the string has no closing double quote'),
    ],
    [
      'a line break in a string',
      '{"a": "b\nc"}',
      invalid(1, 9, 'control characters in a string must be escaped, such as \\n'),
    ],
    [
      'an unknown escape',
      '{"a": "C:\\x"}',
      invalid(1, 10, 'a backslash must begin one of the escape sequences of JSON'),
    ],
    ['a second value', '{}\n[]', invalid(2, 1, "expected the end of the body, found '['")],
    [
      'a no-break space',
      '{\u00a0}',
      invalid(1, 2, 'expected a name in double quotes or }, found U+00A0'),
    ],
    [
      'a repeated name',
      '{"a": [{"b": 1, "b": 2}]}',
      value('a.0.b', 17, 'must not be repeated in the same object'),
    ],
    [
      'a lone surrogate',
      '{"a": ["", "\\ud800"]}',
      value('a.1', 12, 'must not have a lone surrogate'),
    ],
    [
      'a number with too many digits',
      '{"a": {"b": 9007199254740993}}',
      value(
        'a.b',
        13,
        'must have no more digits than a 64-bit floating-point number can hold; send it as a string',
      ),
    ],
    [
      'a __proto__',
      '{"a": {"__proto__": 1}}',
      value('a.__proto__', 8, 'must have another name, because this one is reserved'),
    ],
  ])('has the position and the cause of %s', async (_, body, expected) => {
    const answer = await posts(body);
    expect(answer).toMatchObject({ status: 400, body: { code: 'malformed_json', ...expected } });
    expect(answer.text).not.toContain('secret');
  });

  it('says that the JSON is invalid only if JSON.parse rejects it', () => {
    const fragments = fc.constantFrom(
      ...'{}[]:,"\\ \n\t0123456789-+.eEu\u00a0',
      '"a"',
      '"b":',
      'true',
      'null',
      'tru',
      '\\u00e9',
      '1e5',
      '__proto__',
    );
    const spliced = fc
      .tuple(fc.json({ maxDepth: 3 }), fc.nat(), fragments, fc.nat(3))
      .map(([text, at, piece, cut]) => {
        const index = at % (text.length + 1);
        return text.slice(0, index) + piece + text.slice(index + cut);
      });
    const texts = fc.oneof(
      fc.json({ maxDepth: 3 }),
      spliced,
      fc.array(fragments, { maxLength: 12 }).map((all) => all.join('')),
    );
    fc.assert(
      fc.property(texts, (text) => {
        const [result, native] = [
          runSafely(() => (assertIJson(text), JSON.parse(text)) as unknown),
          runSafely(() => JSON.parse(text) as unknown),
        ];
        if ('value' in result) expect(result).toEqual(native);
        else expect(result.error).toBeInstanceOf(Failure);
        if ('error' in result && 'value' in native)
          expect(String(result.error)).not.toContain('is not valid JSON');
      }),
      { numRuns: scaleRuns(3000) },
    );
  });
});

function runSafely(act: () => unknown): { readonly value: unknown } | { readonly error: unknown } {
  try {
    return { value: act() };
  } catch (error) {
    return { error };
  }
}
