/** Operations of RFC 7644 §3.5.2, and those that Okta and Entra ID send. */
import { describe, expect, it } from 'vitest';
import { applyPatch } from '../../../../lib/api/scim/patch/apply-patch.ts';
import { splitMemberOperations } from '../../../../lib/api/scim/patch/member-operations.ts';
import { enterpriseUserUrn } from '../../../../lib/api/scim/schema/enterprise-user.ts';
import { buildGroupSchema } from '../../../../lib/api/scim/schema/group.ts';
import { buildUserSchema, userUrn } from '../../../../lib/api/scim/schema/user.ts';
import { createRecordedLog } from '../../../support/scim/recorded-log.ts';

const extension = { name: 'acme', attributes: ['costCenter'] };
const acmeUrn = 'urn:ietf:params:scim:schemas:extension:acme:2.0:User';
const user = buildUserSchema({ extension });

const work = { value: 'w@x.org', type: 'work', primary: true };
const home = { value: 'h@x.org', type: 'home' };
const base = {
  id: 'u1',
  userName: 'ada',
  name: { givenName: 'Ada', familyName: 'Byron' },
  displayName: 'Ada',
  active: true,
  emails: [work, home],
  phoneNumbers: [{ value: '+1' }, { value: '+2', type: 'fax' }],
  [enterpriseUserUrn]: { department: 'Sales', manager: { value: 'u2' } },
};

type Operation = Record<string, unknown>;

const patch = (operations: readonly Operation[], schema = user, resource: object = base) => {
  const log = createRecordedLog();
  const before = structuredClone(resource);
  const result = applyPatch({ ...resource }, { Operations: operations }, schema, log);
  expect(resource).toEqual(before);
  return { result, quirks: log.quirks, skipped: log.skipped };
};

const add = (path: string, value: unknown) => ({ op: 'add', path, value });
const replace = (path: string, value: unknown) => ({ op: 'replace', path, value });
const remove = (path: string, rest: object = {}) => ({ op: 'remove', path, ...rest });
const notPrimary = { ...work, primary: false };

describe('PATCH changes', () => {
  it.each<[string, Operation[], object, string[]?]>([
    // add
    ['an attribute', [add('title', 'Dr')], { title: 'Dr' }],
    [
      'fields without a path',
      [{ op: 'add', value: { title: 'Dr', active: false } }],
      { title: 'Dr', active: false },
    ],
    [
      'a value of a list',
      [add('emails', [{ value: 'n@x.org' }])],
      { emails: [work, home, { value: 'n@x.org' }] },
    ],
    ['an equal value', [add('emails', [home])], {}],
    [
      'a value with the same value and type',
      [add('emails', [{ ...home, display: 'H' }])],
      { emails: [work, { ...home, display: 'H' }] },
    ],
    [
      'a new primary value',
      [add('emails', [{ value: 'p', primary: true }])],
      { emails: [notPrimary, home, { value: 'p', primary: true }] },
    ],
    [
      'an existing value to be primary',
      [add('emails', [{ ...home, primary: true }])],
      { emails: [notPrimary, { ...home, primary: true }] },
    ],
    [
      'parts of a complex attribute',
      [add('name', { middleName: 'K' })],
      { name: { ...base.name, middleName: 'K' } },
    ],
    ['a sub-attribute', [add('name.middleName', 'K')], { name: { ...base.name, middleName: 'K' } }],
    [
      'a sub-attribute of an absent attribute',
      [add('addresses.country', 'DE')],
      { addresses: [{ country: 'DE' }] },
    ],
    [
      'a sub-attribute of all values',
      [add('phoneNumbers.type', 'fax')],
      {
        phoneNumbers: [
          { value: '+1', type: 'fax' },
          { value: '+2', type: 'fax' },
        ],
      },
    ],
    [
      'a sub-attribute of selected values',
      [add('emails[type eq "home"].display', 'H')],
      { emails: [work, { ...home, display: 'H' }] },
    ],
    [
      'parts of selected values',
      [add('emails[type eq "home"]', { display: 'H' })],
      { emails: [work, { ...home, display: 'H' }] },
    ],
    [
      'an absent selected value',
      [add('emails[type eq "other"].value', 'o')],
      { emails: [work, home, { type: 'other', value: 'o' }] },
    ],
    [
      'an absent value in two operations',
      [
        add('addresses[type eq "work"].locality', 'Bonn'),
        add('addresses[type eq "work"].country', 'DE'),
      ],
      { addresses: [{ type: 'work', locality: 'Bonn', country: 'DE' }] },
    ],
    [
      'an absent value with two terms',
      [add('ims[type eq "xmpp" and primary eq true].value', 'i')],
      { ims: [{ type: 'xmpp', primary: true, value: 'i' }] },
    ],
    [
      'a selected value to be primary',
      [add('emails[type eq "home"].primary', true)],
      { emails: [notPrimary, { ...home, primary: true }] },
    ],
    // replace
    ['an existing attribute', [replace('displayName', 'Countess')], { displayName: 'Countess' }],
    ['an absent attribute', [replace('title', 'Dr')], { title: 'Dr' }],
    ['all values', [replace('emails', [{ value: 'n' }])], { emails: [{ value: 'n' }] }],
    [
      'some parts of a complex attribute',
      [replace('name', { givenName: 'A' })],
      { name: { givenName: 'A', familyName: 'Byron' } },
    ],
    ['a part to null', [replace('name', { givenName: null })], { name: { familyName: 'Byron' } }],
    ['an attribute to null', [replace('displayName', null)], { displayName: undefined }],
    ['a list to an empty one', [replace('emails', [])], { emails: undefined }],
    [
      'selected values',
      [replace('emails[type eq "home"].value', 'n')],
      { emails: [work, { ...home, value: 'n' }] },
    ],
    ['a selected value to null', [replace('emails[type eq "home"]', null)], { emails: [work] }],
    [
      'a URN with a path',
      [replace(`${userUrn}:name.familyName`, 'King')],
      { name: { ...base.name, familyName: 'King' } },
    ],
    // remove
    ['a removed attribute', [remove('displayName')], { displayName: undefined }],
    ['an attribute that is absent', [remove('title'), remove('addresses[type eq "work"]')], {}],
    ['a removed sub-attribute', [remove('name.givenName')], { name: { familyName: 'Byron' } }],
    [
      'the last sub-attribute',
      [remove('name.givenName'), remove('name.familyName')],
      { name: undefined },
    ],
    ['selected values that are removed', [remove('emails[type eq "work"]')], { emails: [home] }],
    [
      'removed parts of selected values',
      [remove('emails[type eq "work"].primary')],
      { emails: [{ value: 'w@x.org', type: 'work' }, home] },
    ],
    [
      'a part of all values',
      [remove('phoneNumbers.type')],
      { phoneNumbers: [{ value: '+1' }, { value: '+2' }] },
    ],
    [
      'listed values',
      [remove('phoneNumbers', { value: [{ value: '+1', $ref: null }] })],
      { phoneNumbers: [base.phoneNumbers[1]] },
      ['remove-with-value'],
    ],
    [
      'a listed text',
      [remove('phoneNumbers', { value: '+2' })],
      { phoneNumbers: [base.phoneNumbers[0]] },
      ['remove-with-value', 'value-without-list', 'bare-value'],
    ],
    [
      'nothing for an empty list',
      [remove('phoneNumbers', { value: [] })],
      {},
      ['remove-with-value'],
    ],
    ['an extension', [remove(enterpriseUserUrn)], { [enterpriseUserUrn]: undefined }],
    // Okta and Entra ID
    ['nothing without operations', [], {}],
    ['the status', [{ op: 'replace', value: { active: false } }], { active: false }],
    [
      'fields that repeat the ID',
      [{ op: 'replace', value: { id: 'U1', schemas: [], displayName: 'D' } }],
      { displayName: 'D' },
    ],
    [
      'a text boolean',
      [{ op: 'Replace', path: 'active', value: 'False' }],
      { active: false },
      ['capitalized-operation', 'text-boolean'],
    ],
    [
      'a value that Entra ID adds',
      [{ op: 'Add', path: 'emails[type eq "other"].Value', value: 'o' }],
      { emails: [work, home, { type: 'other', value: 'o' }] },
      ['capitalized-operation'],
    ],
    [
      'a value that Entra ID replaces',
      [{ op: 'Replace', path: 'roles[primary eq "True"].value', value: 'r' }],
      { roles: [{ primary: true, value: 'r' }] },
      ['capitalized-operation', 'text-boolean', 'replace-creates'],
    ],
    [
      'dotted names',
      [
        {
          op: 'replace',
          value: {
            displayName: 'D',
            'name.givenName': 'G',
            [`${enterpriseUserUrn}:employeeNumber`]: '7',
            'emails[type eq "home"].value': 'n',
          },
        },
      ],
      {
        displayName: 'D',
        name: { givenName: 'G', familyName: 'Byron' },
        emails: [work, { ...home, value: 'n' }],
        [enterpriseUserUrn]: { ...base[enterpriseUserUrn], employeeNumber: '7' },
      },
      ['dotted-name'],
    ],
    [
      'an extension as a field',
      [{ op: 'add', value: { [enterpriseUserUrn]: { division: 'D', department: null } } }],
      { [enterpriseUserUrn]: { ...base[enterpriseUserUrn], division: 'D' } },
    ],
    [
      'the manager as text',
      [{ op: 'add', path: `${enterpriseUserUrn}:manager`, value: 'u3' }],
      { [enterpriseUserUrn]: { department: 'Sales', manager: { value: 'u3' } } },
      ['bare-value'],
    ],
    [
      'the manager as a list',
      [replace('manager', [{ $ref: 'x', value: 'u3' }])],
      { [enterpriseUserUrn]: { department: 'Sales', manager: { value: 'u3' } } },
      ['extension-attribute-without-urn', 'single-value-list'],
    ],
    [
      'a list for a text',
      [replace('displayName', [{ $ref: null, value: 'User x' }])],
      { displayName: 'User x' },
      ['single-value-list'],
    ],
    [
      'text with JSON',
      [add('roles', [{ value: '{"id":"18d1"}' }])],
      { roles: [{ value: '{"id":"18d1"}' }] },
    ],
    [
      'a declared attribute',
      [add(`${acmeUrn}:costCenter`, '42')],
      { [acmeUrn]: { costCenter: '42' } },
    ],
    [
      'names in another case',
      [{ OP: 'replace', Path: 'DISPLAYNAME', Value: 'D' }],
      { displayName: 'D' },
    ],
    [
      'an empty path',
      [{ op: 'add', path: '', value: { title: 'Dr' } }],
      { title: 'Dr' },
      ['empty-path'],
    ],
  ])('%s', (_title, operations, changes, quirks = []) => {
    const { result, quirks: reported } = patch(operations);
    expect(result).toEqual({ ...base, ...changes });
    expect(Object.values(result)).not.toContain(undefined);
    expect(reported).toEqual(quirks);
  });

  it.each<[string, Operation, string[]]>([
    [
      'unknown fields',
      { op: 'add', value: { shoeSize: 1, 'urn:x:y': {}, 'a[b eq 1]': 2 } },
      ['shoeSize', 'urn:x:y', 'a[b eq 1]'],
    ],
    [
      'names of prototypes',
      {
        op: 'add',
        value: JSON.parse('{"__proto__":{"x":1},"constructor":{"prototype":{"x":1}}}') as object,
      },
      ['__proto__', 'constructor'],
    ],
    ['read-only fields', { op: 'replace', value: { meta: { version: 'x' }, groups: [] } }, []],
    ['a password in a field', { op: 'replace', value: { password: 'x' } }, ['password']],
    ['a password as path', replace('password', 'x'), ['password']],
  ])('nothing for %s', (_title, operation, names) => {
    const { result, skipped } = patch([operation]);
    expect(result).toEqual(base);
    expect(skipped.map((text) => text.replace(/^[^:]*: /, ''))).toEqual(names);
    expect({}).not.toHaveProperty('x');
  });

  it('the password of a connection that accepts passwords', () => {
    const schema = buildUserSchema({ changePassword: true });
    expect(patch([replace('password', 'x')], schema).result).toEqual({ ...base, password: 'x' });
  });
});

describe('PATCH is rejected', () => {
  it.each<[string, Operation[], code: string, message: string]>([
    [
      'without a path to remove',
      [replace('displayName', 'D'), { op: 'remove' }],
      'no_target',
      'Operation 2: path is required to remove an attribute',
    ],
    [
      'for no selected value',
      [replace('emails[value eq "no"].type', 'home')],
      'no_target',
      'Operation 1: no value of emails matches',
    ],
    [
      'for a filter that cannot create',
      [{ op: 'Replace', path: 'emails[type ne "work" and type ne "home"].value', value: 'x' }],
      'no_target',
      'no value of emails',
    ],
    [
      'for another filter that cannot create',
      [add('emails[value sw "q"].type', 'x')],
      'no_target',
      'no value of emails',
    ],
    [
      'for the manager of another filter',
      [add('manager[value eq "u9"].value', 'x')],
      'no_target',
      'no value of manager',
    ],
    [
      'for another ID',
      [replace('id', 'x')],
      'immutable_attribute',
      'Operation 1: id cannot be changed',
    ],
    [
      'for another ID in a field',
      [{ op: 'add', value: { id: 'x' } }],
      'immutable_attribute',
      'id cannot be changed',
    ],
    [
      'for the groups',
      [add('groups', [{ value: 'g1' }])],
      'immutable_attribute',
      'groups cannot be changed',
    ],
    [
      'for a read-only part',
      [replace('manager.displayName', 'Bo')],
      'immutable_attribute',
      'manager.displayName cannot be changed',
    ],
    [
      'to remove the username',
      [remove('userName')],
      'immutable_attribute',
      'userName is required and cannot be removed',
    ],
    ['to remove the status', [remove('active')], 'immutable_attribute', 'active is required'],
    ['to clear the status', [replace('active', null)], 'immutable_attribute', 'active is required'],
    ['to remove the core', [remove(userUrn)], 'immutable_attribute', 'cannot be removed'],
    [
      'for an unknown path',
      [replace('shoeSize', 1)],
      'invalid_path',
      'Operation 1: path is not valid at character 9: shoeSize is not a known attribute',
    ],
    [
      'for an undeclared extension',
      [add('urn:ietf:params:scim:schemas:extension:globex:2.0:User:x', '1')],
      'invalid_path',
      'is not a known attribute',
    ],
    ['for a prototype', [replace('__proto__.x', 1)], 'invalid_path', 'is not a known attribute'],
    [
      'for the prototype of a constructor',
      [replace('constructor.prototype.x', 1)],
      'invalid_path',
      'is not a known attribute',
    ],
    ['for an open bracket', [remove('emails[type eq "work"')], 'invalid_path', 'expected ]'],
    [
      'for text after the path',
      [remove('emails[type eq "work"].value x')],
      'invalid_path',
      'expected the end',
    ],
    [
      'for a path that is no text',
      [{ op: 'add', path: 1, value: 1 }],
      'invalid_path',
      'path must be a string',
    ],
    [
      'for nested brackets',
      [remove('emails['.repeat(100))],
      'invalid_path',
      'emails is not a known attribute',
    ],
    [
      'for a value of a wrong type',
      [replace('displayName', 'D'), replace('emails', [{ value: 1 }])],
      'invalid_input',
      'Operation 2: emails.0.value must be a string',
    ],
    [
      'for an absent value',
      [{ op: 'replace', path: 'title' }],
      'invalid_input',
      'Operation 1: value is required',
    ],
    [
      'for a text without a path',
      [{ op: 'add', value: 'x' }],
      'invalid_input',
      'value must be an object',
    ],
    ['for an empty username', [replace('userName', '')], 'invalid_input', 'userName is required'],
    [
      'for two primary values',
      [
        add('emails', [
          { value: 'a', primary: true },
          { value: 'b', primary: true },
        ]),
      ],
      'invalid_input',
      'emails must have only one primary value',
    ],
    [
      'for all values primary',
      [replace('emails.primary', true)],
      'invalid_input',
      'must have only one primary value',
    ],
    [
      'for more than 32 emails',
      [
        add(
          'emails',
          Array.from({ length: 31 }, (_, index) => `${index}`),
        ),
      ],
      'invalid_input',
      'emails must have at most 32 values',
    ],
    [
      'for an unknown operation',
      [{ op: 'move', path: 'title' }],
      'malformed_json',
      'Operation 1: op must be add, replace or remove',
    ],
    ['for an operation of null', [null as unknown as Operation], 'malformed_json', 'op must be'],
    [
      'for too many operations',
      Array.from({ length: 1001 }, () => remove('title')),
      'invalid_input',
      'Operations must have at most 1000 operations',
    ],
  ])('%s', (_title, operations, code, message) => {
    expect(() => patch(operations)).toThrow(
      expect.objectContaining({ code, message: expect.stringContaining(message) }),
    );
  });

  it.each([[{}], [[]], [null], [{ Operations: {} }], ['x']])('for the body %j', (body) => {
    expect(() => applyPatch(base, body, user, createRecordedLog())).toThrow(
      expect.objectContaining({ code: 'malformed_json' }),
    );
  });
});

describe('operations on members', () => {
  const split = (operations: readonly unknown[]) =>
    splitMemberOperations({ Operations: operations }, buildGroupSchema(), createRecordedLog());
  const rename = replace('displayName', 'Sales EU');

  it.each<[string, Operation, object[]]>([
    [
      'add objects',
      add('members', [
        { value: 'u4', display: 'd' },
        { $ref: null, value: 'u5' },
      ]),
      [{ kind: 'add', ids: ['u4', 'u5'] }],
    ],
    [
      'add texts once',
      { op: 'Add', path: 'Members', value: ['u4', 'u4'] },
      [{ kind: 'add', ids: ['u4'] }],
    ],
    ['add a single object', add('members', { value: 'u4' }), [{ kind: 'add', ids: ['u4'] }]],
    [
      'add by a filter',
      add('members[value eq "u4"]', { value: 'u4' }),
      [{ kind: 'add', ids: ['u4'] }],
    ],
    ['add nothing', add('members', []), []],
    ['remove by a filter', remove('members[value eq "u1"]'), [{ kind: 'remove', ids: ['u1'] }]],
    [
      'remove by several terms',
      remove('members[value eq "u1" or value eq "u2"]'),
      [{ kind: 'remove', ids: ['u1', 'u2'] }],
    ],
    [
      'remove by value',
      { op: 'Remove', path: 'members', value: [{ $ref: null, value: 'u2' }] },
      [{ kind: 'remove', ids: ['u2'] }],
    ],
    ['remove nothing', remove('members', { value: [] }), []],
    ['remove all', remove('members'), [{ kind: 'clear' }]],
    [
      'replace all',
      replace('members', [{ value: 'u1' }, { value: 'u2' }]),
      [{ kind: 'replace', ids: ['u1', 'u2'] }],
    ],
    ['replace by none', replace('members', []), [{ kind: 'clear' }]],
    ['ignore names', replace('members[value eq "u1"].display', 'x'), []],
    ['stand in a field', { op: 'add', value: { members: ['u1'] } }, [{ kind: 'add', ids: ['u1'] }]],
    [
      'stand in a qualified field',
      { op: 'add', value: { 'urn:ietf:params:scim:schemas:core:2.0:Group:members': ['u1'] } },
      [{ kind: 'add', ids: ['u1'] }],
    ],
  ])('%s', (_title, operation, members) => {
    const { rest, members: operations } = split([operation, rename]);
    expect(operations).toEqual(members);
    const group = { id: 'g1', displayName: 'Sales' };
    const result = applyPatch(group, rest, buildGroupSchema(), createRecordedLog());
    expect(result).toEqual({ id: 'g1', displayName: 'Sales EU' });
  });

  it('are separated from other fields, in order', () => {
    const operations = [
      { op: 'replace', value: { id: 'g1', displayName: 'Sales EU' } },
      { op: 'Replace', value: { displayName: 'Sales US', members: ['u1'] } },
      remove('members[value eq "u1"]'),
      add('members', ['u2']),
    ];
    const { rest, members } = split(operations);
    expect(members.map(({ kind }) => kind)).toEqual(['replace', 'remove', 'add']);
    expect(rest.Operations).toHaveLength(4);
    const patched = patch(rest.Operations as Operation[], buildGroupSchema(), { id: 'g1' });
    expect(patched.result).toEqual({ id: 'g1', displayName: 'Sales US' });
  });

  it('do not count as operations', () => {
    const many = Array.from({ length: 1500 }, (_, index) => remove(`members[value eq "${index}"]`));
    const { rest, members } = split([...many, rename]);
    expect(members).toHaveLength(1500);
    expect(patch(rest.Operations as Operation[], buildGroupSchema(), {}).result).toEqual({
      displayName: 'Sales EU',
    });
    expect(() => split(Array.from({ length: 1001 }, () => rename))).toThrow('at most 1000');
  });

  it.each<[string, Operation, string, string]>([
    ['select by type', remove('members[type eq "User"]'), 'invalid_path', 'only by value'],
    ['replace by a filter', replace('members[value eq "u1"]', {}), 'invalid_path', 'only by value'],
    [
      'add a group',
      add('members', [{ value: 'g2', type: 'Group' }]),
      'invalid_input',
      'Operation 2: members.0.type must be one of User',
    ],
    [
      'lack a value',
      replace('members', [{ display: 'x' }, { type: 'User' }]),
      'invalid_input',
      'members.0.value is required',
    ],
    [
      'replace without a value',
      { op: 'replace', path: 'members' },
      'invalid_input',
      'Operation 2: value is required',
    ],
    ['have an open bracket', remove('members['), 'invalid_path', 'Operation 2: path is not valid'],
  ])('are rejected if they %s', (_title, operation, code, message) => {
    expect(() => split([rename, operation])).toThrow(
      expect.objectContaining({ code, message: expect.stringContaining(message) }),
    );
  });
});
