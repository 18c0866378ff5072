/** Bodies of POST and PUT, as identity providers send them. */
import { describe, expect, it } from 'vitest';
import { parseResource } from '../../../../lib/api/scim/parse-resource.ts';
import { enterpriseUserUrn } from '../../../../lib/api/scim/schema/enterprise-user.ts';
import { buildGroupSchema } from '../../../../lib/api/scim/schema/group.ts';
import { buildUserSchema, toExtensionUrn, userUrn } from '../../../../lib/api/scim/schema/user.ts';
import { rosterUserUrn } from '../../../../lib/api/scim/schema/roster-user.ts';
import { createRecordedLog } from '../../../support/scim/recorded-log.ts';

const schemas = [userUrn];
const user = buildUserSchema();
const extension = { name: 'acme', attributes: ['costCenter', 'badge'] };
const withExtension = buildUserSchema({ changePassword: true, extension });

const parse = (body: unknown, schema = user, id?: string) => {
  const log = createRecordedLog();
  const { resource, mentioned } = parseResource(body, schema, log, id);
  return { resource, mentioned: [...mentioned], quirks: log.quirks, skipped: log.skipped };
};

describe('a body', () => {
  it.each<[string, object, object, string[]?]>([
    [
      'names in another case',
      { USERNAME: 'ada', Name: { GIVENNAME: 'Ada' } },
      { name: { givenName: 'Ada' } },
    ],
    ['null and empty lists', { title: null, emails: [], name: { middleName: null } }, {}],
    ['empty text', { nickName: '' }, { nickName: '' }],
    [
      'read-only attributes',
      { id: '1', meta: { version: 'x' }, groups: [{}], [rosterUserUrn]: { status: 'active' } },
      {},
    ],
    ['text booleans', { active: 'False' }, { active: false }, ['text-boolean']],
    [
      'primary as text',
      { emails: [{ value: 'a', primary: 'TRUE' }] },
      { emails: [{ value: 'a', primary: true }] },
      ['text-boolean'],
    ],
    [
      'bare values',
      { emails: ['a', 'b'] },
      { emails: [{ value: 'a' }, { value: 'b' }] },
      ['bare-value'],
    ],
    [
      'a value without list',
      { emails: { value: 'a' } },
      { emails: [{ value: 'a' }] },
      ['value-without-list'],
    ],
    [
      'a list for a single value',
      { displayName: [{ $ref: null, value: 'Ada' }] },
      { displayName: 'Ada' },
      ['single-value-list'],
    ],
    ['dotted names', { 'Name.GivenName': 'Ada' }, { name: { givenName: 'Ada' } }, ['dotted-name']],
    [
      'enterprise attributes without URN',
      { Department: 'Sales', Manager: 'u2' },
      { [enterpriseUserUrn]: { department: 'Sales', manager: { value: 'u2' } } },
      ['extension-attribute-without-urn', 'bare-value'],
    ],
    [
      'a URN as the prefix of a name',
      { [`${enterpriseUserUrn.toLowerCase()}:department`]: 'Sales' },
      { [enterpriseUserUrn]: { department: 'Sales' } },
    ],
    [
      'a dot after a URN',
      { [`${enterpriseUserUrn}.manager.value`]: 'u2' },
      { [enterpriseUserUrn]: { manager: { value: 'u2' } } },
      ['dotted-name'],
    ],
    [
      'the manager as a list, without read-only parts',
      { [enterpriseUserUrn]: { manager: [{ $ref: 'x', value: 'u2', displayName: 'Bo' }] } },
      { [enterpriseUserUrn]: { manager: { value: 'u2' } } },
      ['single-value-list'],
    ],
    ['attributes under the core URN', { [userUrn]: { title: 'Engineer' } }, { title: 'Engineer' }],
    [
      'the extension of SCIM 1',
      { 'urn:scim:schemas:extension:enterprise:1.0': { division: 'D' } },
      { [enterpriseUserUrn]: { division: 'D' } },
      ['schema-alias'],
    ],
    ['text with JSON', { roles: [{ value: '{"id":1}' }] }, { roles: [{ value: '{"id":1}' }] }],
  ])('accepts %s', (_title, body, expected, quirks = []) => {
    const parsed = parse({ schemas, userName: 'ada', ...withoutUserName(body) });
    expect(parsed).toMatchObject({ resource: { userName: 'ada', ...expected }, quirks });
    expect(Object.keys(parsed.resource).toSorted()).toEqual(
      Object.keys({ userName: 'ada', ...expected }).toSorted(),
    );
  });

  it.each<[string, object]>([
    ['unknown names', { shoeSize: 1, 'emails.shape': 'x', 'a.b.c': 1 }],
    ['an undeclared extension', { 'urn:ietf:params:scim:schemas:extension:acme:2.0:User': {} }],
    ['names of prototypes', { constructor: { prototype: { x: 1 } }, prototype: 1, toString: 'x' }],
    ['a password that is not accepted', { password: 'secret' }],
    ['unknown sub-attributes', { name: { constructor: 'x', nick: 'y' } }],
  ])('logs and ignores %s', (_title, body) => {
    const { resource, skipped } = parse({ schemas, userName: 'ada', ...body });
    expect(resource).toEqual({ userName: 'ada' });
    expect(skipped).toHaveLength('name' in body ? 2 : Object.keys(body).length);
    expect({}).not.toHaveProperty('x');
  });

  it('keeps the spelling of a hostile name without changing a prototype', () => {
    const body = JSON.parse('{"userName":"ada","__proto__":{"title":"x"}}') as object;
    const { resource, skipped } = parse(body);
    expect(resource).toEqual({ userName: 'ada' });
    expect(skipped).toEqual(['unknown attribute: __proto__']);
  });

  it('lists attributes that are mentioned without a value', () => {
    const { mentioned } = parse({
      userName: 'ada',
      title: null,
      emails: [],
      'name.givenName': null,
      [enterpriseUserUrn]: null,
    });
    expect(mentioned).toEqual(['userName', 'title', 'emails', 'name', enterpriseUserUrn]);
  });

  it('accepts a password and declared attributes of the connection', () => {
    const urn = toExtensionUrn(extension);
    expect(urn).toBe('urn:ietf:params:scim:schemas:extension:acme:2.0:User');
    const { resource } = parse(
      { userName: 'ada', Password: 'secret', [urn]: { BADGE: '7' }, [`${urn}:costCenter`]: '42' },
      withExtension,
    );
    expect(resource).toEqual({
      userName: 'ada',
      password: 'secret',
      [urn]: { badge: '7', costCenter: '42' },
    });
  });
});

const withoutUserName = (body: object) =>
  Object.fromEntries(Object.entries(body).filter(([name]) => name !== 'USERNAME'));

describe('schemas', () => {
  it.each<[string, unknown, string[]]>([
    ['are the URN of users', [userUrn], []],
    ['are in another case', [userUrn.toUpperCase()], []],
    ['are absent', undefined, ['unknown-schemas']],
    ['name an unknown URN', [userUrn, 'urn:example:x'], ['unknown-schemas']],
    ['are those of SCIM 1', ['urn:scim:schemas:core:2.0'], []],
    ['are no list', 'x', ['unknown-schemas']],
    [
      'name the resource type and another',
      [userUrn, 'urn:ietf:params:scim:schemas:core:2.0:Group'],
      ['unknown-schemas'],
    ],
  ])('are tolerated if they %s', (_title, sent, quirks) => {
    expect(parse({ schemas: sent, userName: 'ada' }).quirks).toEqual(quirks);
  });

  it('are rejected if they name only another resource type', () => {
    const groups = ['urn:ietf:params:scim:schemas:core:2.0:Group'];
    expect(() => parse({ schemas: groups, userName: 'ada' })).toThrow(
      expect.objectContaining({ code: 'malformed_json' }),
    );
    expect(() => parse({ schemas: [userUrn], displayName: 'Sales' }, buildGroupSchema())).toThrow(
      expect.objectContaining({ code: 'malformed_json' }),
    );
  });
});

describe('a request is rejected', () => {
  it.each<[string, unknown, string]>([
    ['without a username', {}, 'userName is required'],
    ['with an empty username', { userName: '' }, 'userName is required'],
    ['with a username of null', { userName: null }, 'userName is required'],
    [
      'with a long username',
      { userName: 'a'.repeat(255) },
      'userName must have at most 254 characters',
    ],
    ['with a number for a text', { userName: 3 }, 'userName must be a string'],
    ['with a number for a boolean', { userName: 'a', active: 3 }, 'active must be a boolean'],
    [
      'with another text for a boolean',
      { userName: 'a', active: 'yes' },
      'active must be a boolean',
    ],
    ['with a text for an object', { userName: 'a', name: 'Ada' }, 'name must be an object'],
    [
      'with a list of two for a text',
      { userName: 'a', title: ['a', 'b'] },
      'title must be a string',
    ],
    [
      'with a text for an extension',
      { userName: 'a', [enterpriseUserUrn]: 'x' },
      `${enterpriseUserUrn} must be an object`,
    ],
    [
      'with a number as a value',
      { userName: 'a', emails: [{ value: 'b' }, { value: 1 }] },
      'emails.1.value must be a string',
    ],
    [
      'with two primary values',
      { userName: 'a', emails: [{ primary: true }, { primary: true }] },
      'emails must have only one primary value',
    ],
    [
      'with 33 emails',
      { userName: 'a', emails: Array.from({ length: 33 }, (_, index) => `${index}`) },
      'emails must have at most 32 values',
    ],
    [
      'with a certificate that is not base64',
      { userName: 'a', x509Certificates: [{ value: '%' }] },
      'x509Certificates.0.value must be base64',
    ],
    [
      'with a name in two cases',
      { userName: 'a', USERNAME: 'b' },
      'userName must not be repeated in the same request',
    ],
  ])('%s', (_title, body, message) => {
    expect(() => parse(body)).toThrow(expect.objectContaining({ code: 'invalid_input', message }));
  });

  it.each([[[]], ['text'], [null], [undefined], [3]])('if the body is %j', (body) => {
    expect(() => parse(body)).toThrow(expect.objectContaining({ code: 'malformed_json' }));
  });

  it('if it replaces the ID', () => {
    expect(() => parse({ userName: 'a', ID: 'b' }, user, 'a')).toThrow(
      expect.objectContaining({ code: 'immutable_attribute' }),
    );
    expect(parse({ userName: 'a', id: 'A' }, user, 'a').resource).toEqual({ userName: 'a' });
  });

  it('if a member is a group', () => {
    const body = { displayName: 'Sales', members: [{ value: 'g', type: 'Group' }] };
    expect(() => parse(body, buildGroupSchema())).toThrow('members.0.type must be one of User');
  });
});
