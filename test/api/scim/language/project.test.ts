/** `attributes` and `excludedAttributes` (RFC 7644 §3.9). */
import { describe, expect, it } from 'vitest';
import { includesAttribute, project } from '../../../../lib/api/scim/project.ts';
import { enterpriseUserUrn } from '../../../../lib/api/scim/schema/enterprise-user.ts';
import { rosterUserUrn } from '../../../../lib/api/scim/schema/roster-user.ts';
import { buildUserSchema, userUrn } from '../../../../lib/api/scim/schema/user.ts';

const user = buildUserSchema({ changePassword: true });
const work = { value: 'a', type: 'work', primary: true };
const home = { value: 'b', type: 'home' };
const enterprise = { department: 'Sales', manager: { value: 'u2', displayName: 'Bo' } };
const id = 'u1';
const schemas = [userUrn];
const both = [userUrn, enterpriseUserUrn];

const resource = {
  schemas: ['outdated'],
  id,
  userName: 'ada',
  name: { givenName: 'Ada', familyName: 'Byron' },
  emails: [work, home],
  groups: [{ value: 'g1' }],
  password: 'secret',
  shoeSize: 7,
  [enterpriseUserUrn]: enterprise,
  [rosterUserUrn]: { status: 'active', emailVerified: true },
  meta: { resourceType: 'User', version: 'W/"1"' },
};
const { password: _password, shoeSize: _shoeSize, [rosterUserUrn]: roster, ...visible } = resource;
const { name: _name, emails: _emails, ...others } = visible;

describe('attributes', () => {
  it.each<[string[], object]>([
    [['userName'], { schemas, id, userName: 'ada' }],
    [['USERNAME', 'nothing', '__proto__', '[', ''], { schemas, id, userName: 'ada' }],
    [['id'], { schemas, id }],
    [['password'], { schemas, id }],
    [[`${userUrn}:userName`], { schemas, id, userName: 'ada' }],
    [['name.givenName'], { schemas, id, name: { givenName: 'Ada' } }],
    [['name.givenName', 'name'], { schemas, id, name: resource.name }],
    [['emails.value'], { schemas, id, emails: [{ value: 'a' }, { value: 'b' }] }],
    [['emails.primary'], { schemas, id, emails: [{ primary: true }] }],
    [['emails[type eq "work"]'], { schemas, id, emails: [work] }],
    [['emails[type eq "home"].value'], { schemas, id, emails: [{ value: 'b' }] }],
    [
      ['emails[type eq "home"].value', 'emails.type'],
      { schemas, id, emails: [{ type: 'work' }, home] },
    ],
    [['emails[type eq "fax"]'], { schemas, id }],
    [['meta.version'], { schemas, id, meta: { version: 'W/"1"' } }],
    [['department'], { schemas: both, id, [enterpriseUserUrn]: { department: 'Sales' } }],
    [
      [`${enterpriseUserUrn}:manager.value`],
      { schemas: both, id, [enterpriseUserUrn]: { manager: { value: 'u2' } } },
    ],
    [[enterpriseUserUrn], { schemas: both, id, [enterpriseUserUrn]: enterprise }],
    [[rosterUserUrn], { schemas: [userUrn, rosterUserUrn], id, [rosterUserUrn]: roster }],
    [
      [`${rosterUserUrn}:status`],
      { schemas: [userUrn, rosterUserUrn], id, [rosterUserUrn]: { status: 'active' } },
    ],
  ])('%j select', (attributes, expected) => {
    expect(project(resource, { attributes }, user)).toStrictEqual(expected);
  });

  it('return those of the default if absent', () => {
    expect(project(resource, {}, user)).toStrictEqual({ ...visible, schemas: both });
  });
});

describe('excludedAttributes', () => {
  it.each<[string[], object]>([
    [['name', 'emails', enterpriseUserUrn], { ...omitEnterprise(others), schemas }],
    [['id', 'schemas', 'password', 'nothing'], { ...visible, schemas: both }],
    [['name.givenName'], { ...visible, schemas: both, name: { familyName: 'Byron' } }],
    [['emails[type eq "work"]'], { ...visible, schemas: both, emails: [home] }],
    [
      ['emails[type eq "work"].type'],
      { ...visible, schemas: both, emails: [{ value: 'a', primary: true }, home] },
    ],
    [['name.givenName', 'name.familyName'], { ...visible, schemas: both, name: undefined }],
    [['manager'], { ...visible, schemas: both, [enterpriseUserUrn]: { department: 'Sales' } }],
    [[userUrn], { schemas: both, id, [enterpriseUserUrn]: enterprise }],
  ])('%j remove', (excludedAttributes, expected) => {
    expect(project(resource, { excludedAttributes }, user)).toEqual(expected);
  });
});

function omitEnterprise(values: object) {
  return Object.fromEntries(Object.entries(values).filter(([name]) => name !== enterpriseUserUrn));
}

it.each<[Parameters<typeof includesAttribute>[1], boolean]>([
  [{}, true],
  [{ attributes: ['userName'] }, false],
  [{ attributes: ['Groups.value'] }, true],
  [{ attributes: ['groups[value eq "g1"]'] }, true],
  [{ attributes: [`${userUrn}:groups`] }, true],
  [{ attributes: [userUrn] }, true],
  [{ excludedAttributes: ['groups'] }, false],
  [{ excludedAttributes: [`${userUrn}:GROUPS`] }, false],
  [{ excludedAttributes: ['groups.display'] }, true],
  [{ excludedAttributes: ['members'] }, true],
])('with %j, groups are included: %j', (projection, expected) => {
  expect(includesAttribute('groups', projection)).toBe(expected);
});

it('finds excluded members of groups', () => {
  expect(includesAttribute('members', { excludedAttributes: ['Members'] })).toBe(false);
  expect(includesAttribute('members', { excludedAttributes: ['displayName'] })).toBe(true);
});
