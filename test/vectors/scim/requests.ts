/**
 * Requests as identity providers send them, and the answers that they need. Scenarios run in an
 * empty tenant each. `{name}` in a path or body is the ID that a step saved.
 */

export const urn = {
  user: 'urn:ietf:params:scim:schemas:core:2.0:User',
  group: 'urn:ietf:params:scim:schemas:core:2.0:Group',
  enterprise: 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User',
  acme: 'urn:ietf:params:scim:schemas:extension:acme:2.0:User',
  patch: 'urn:ietf:params:scim:api:messages:2.0:PatchOp',
  list: 'urn:ietf:params:scim:api:messages:2.0:ListResponse',
  error: 'urn:ietf:params:scim:api:messages:2.0:Error',
  search: 'urn:ietf:params:scim:api:messages:2.0:SearchRequest',
  bulk: 'urn:ietf:params:scim:api:messages:2.0:BulkRequest',
} as const;

/** Answer to a request. */
export interface Expected {
  readonly status: number;
  /** Numbers of a ListResponse: `totalResults`, `startIndex`, `itemsPerPage`. */
  readonly list?: readonly [number, number, number];
  /** `scimType` of an Error. Null for an Error without one. */
  readonly error?: string | null;
  /** Part of the resource, or of the body. */
  readonly body?: object;
  /** Names that the resource does not have. */
  readonly absent?: readonly string[];
  /** Saved names of all members of the group, in any order. */
  readonly members?: readonly string[];
  /** Part of the first resource of the list. */
  readonly first?: object;
  /** Exact names of the first resource of the list. */
  readonly firstNames?: readonly string[];
  /** The resource has the version and time that it had at the previous step. */
  readonly unchanged?: true;
  readonly headers?: Readonly<Record<string, string>>;
  /** Part of the text of `detail`. */
  readonly detail?: string;
  /** True for an answer without a body. */
  readonly empty?: true;
}

export interface Step {
  /** Row of the table of requests. Undefined for a preparation. */
  readonly row?: number;
  readonly title: string;
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** Below `/scim/v2`. */
  readonly path: string;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string | undefined>>;
  readonly expected: Expected;
  /** Name under which the ID of the answer is saved. */
  readonly save?: string;
}

export interface Scenario {
  readonly provider: 'okta' | 'entra' | 'onelogin' | 'other';
  readonly name: string;
  /** Settings of the connection. */
  readonly connection?: object;
  readonly steps: readonly Step[];
}

const patch = (...Operations: readonly object[]) => ({ schemas: [urn.patch], Operations });

/** Creates a user and saves its ID. */
const user = (save: string, fields: object = {}): Step => ({
  title: `user ${save}`,
  method: 'POST',
  path: '/Users',
  body: { schemas: [urn.user], userName: `${save}@x.org`, ...fields },
  expected: { status: 201 },
  save,
});

const oktaUser = {
  schemas: [urn.user],
  userName: 'test.user@okta.local',
  name: { givenName: 'Test', familyName: 'User' },
  emails: [{ primary: true, value: 'test.user@okta.local', type: 'work' }],
  displayName: 'Test User',
  locale: 'en-US',
  externalId: '00ujl29u0le5T6Aj10h7',
  groups: [],
  password: '1mz050nq',
  active: true,
};
const oktaFilter = (name: string) =>
  `/Users?filter=userName%20eq%20%22${name}%22&startIndex=1&count=100`;

const okta: Scenario = {
  provider: 'okta',
  name: 'users',
  steps: [
    {
      row: 1,
      title: 'test of the connection',
      method: 'GET',
      path: '/Users?startIndex=1&count=2',
      expected: { status: 200, list: [0, 1, 0] },
    },
    {
      row: 2,
      title: 'unknown username',
      method: 'GET',
      path: oktaFilter('test.user%40okta.local'),
      expected: { status: 200, list: [0, 1, 0] },
    },
    {
      row: 4,
      title: 'create',
      method: 'POST',
      path: '/Users',
      body: oktaUser,
      headers: { 'content-type': 'application/scim+json; charset=utf-8' },
      expected: {
        status: 201,
        body: {
          userName: 'test.user@okta.local',
          active: true,
          externalId: '00ujl29u0le5T6Aj10h7',
          locale: 'en-US',
          emails: oktaUser.emails,
        },
        absent: ['password', 'groups'],
      },
      save: 'u1',
    },
    {
      row: 3,
      title: 'username in another case',
      method: 'GET',
      path: oktaFilter('TEST.USER%40OKTA.LOCAL'),
      expected: { status: 200, list: [1, 1, 1], first: { userName: 'test.user@okta.local' } },
    },
    {
      row: 5,
      title: 'create again while active',
      method: 'POST',
      path: '/Users',
      body: oktaUser,
      expected: { status: 409, error: 'uniqueness' },
    },
    {
      row: 6,
      title: 'deactivate without a path',
      method: 'PATCH',
      path: '/Users/{u1}',
      body: patch({ op: 'replace', value: { active: false } }),
      expected: { status: 200, body: { active: false } },
    },
    {
      row: 7,
      title: 'inactive users stay visible',
      method: 'GET',
      path: '/Users/{u1}',
      expected: { status: 200, body: { active: false } },
    },
    {
      row: 7,
      title: 'inactive users can be found',
      method: 'GET',
      path: oktaFilter('test.user%40okta.local'),
      expected: { status: 200, list: [1, 1, 1], first: { active: false } },
    },
    {
      row: 8,
      title: 'create again while inactive',
      method: 'POST',
      path: '/Users',
      body: oktaUser,
      expected: { status: 201, body: { id: '{u1}', active: true } },
    },
    {
      row: 9,
      title: 'PUT with everything that was read',
      method: 'PUT',
      path: '/Users/{u1}',
      body: {
        ...oktaUser,
        id: '{u1}',
        name: { givenName: 'Test', familyName: 'User', middleName: '' },
        meta: { resourceType: 'User', version: 'W/"1"' },
        active: false,
      },
      expected: {
        status: 200,
        body: { id: '{u1}', active: false, name: { givenName: 'Test', familyName: 'User' } },
      },
    },
    {
      row: 10,
      title: 'PUT without active',
      method: 'PUT',
      path: '/Users/{u1}',
      body: { schemas: [urn.user], userName: 'test.user@okta.local' },
      expected: { status: 200, body: { active: false }, absent: ['displayName', 'emails'] },
    },
    {
      row: 11,
      title: 'password that the connection does not accept',
      method: 'PATCH',
      path: '/Users/{u1}',
      body: patch({ op: 'replace', value: { password: 't1meMa$heen' } }),
      expected: { status: 200, unchanged: true },
    },
    {
      row: 18,
      title: 'POST on discovery',
      method: 'POST',
      path: '/ServiceProviderConfig',
      body: 'test',
      headers: { 'content-type': 'text/plain' },
      expected: { status: 405, error: null, headers: { allow: 'GET' } },
    },
    {
      row: 19,
      title: 'text without an operator',
      method: 'GET',
      path: '/Users?filter=abcd',
      expected: { status: 400, error: 'invalidFilter' },
    },
    {
      row: 20,
      title: 'malformed credentials',
      method: 'GET',
      path: '/Users',
      headers: { authorization: 'non-token' },
      expected: { status: 401, error: null, headers: { 'www-authenticate': 'Bearer' } },
    },
    {
      row: 21,
      title: 'unknown ID',
      method: 'GET',
      path: '/Users/00000000-0000-4000-8000-000000000000',
      expected: { status: 404, error: null, detail: '00000000-0000-4000-8000-000000000000' },
    },
  ],
};

const oktaPasswords: Scenario = {
  provider: 'okta',
  name: 'passwords',
  connection: { authProvider: 'local', changePassword: true },
  steps: [
    user('u1', { password: 'correct horse battery staple' }),
    {
      row: 12,
      title: 'password that the policy refuses',
      method: 'PATCH',
      path: '/Users/{u1}',
      body: patch({ op: 'replace', value: { password: 'password' } }),
      expected: { status: 400, error: 'invalidValue', detail: 'password' },
    },
  ],
};

const oktaGroups: Scenario = {
  provider: 'okta',
  name: 'groups',
  steps: [
    user('u1'),
    user('u2'),
    user('u3'),
    user('u4'),
    {
      row: 13,
      title: 'create a group',
      method: 'POST',
      path: '/Groups',
      body: { schemas: [urn.group], displayName: 'Sales', members: [] },
      expected: { status: 201, body: { displayName: 'Sales' } },
      save: 'g1',
    },
    {
      title: 'three members',
      method: 'PATCH',
      path: '/Groups/{g1}',
      body: patch({
        op: 'replace',
        path: 'members',
        value: [{ value: '{u1}' }, { value: '{u2}' }, { value: '{u3}' }],
      }),
      expected: { status: 200, members: ['u1', 'u2', 'u3'] },
    },
    {
      row: 14,
      title: 'rename without members',
      method: 'PATCH',
      path: '/Groups/{g1}',
      body: patch({ op: 'replace', value: { id: '{g1}', displayName: 'Sales EU' } }),
      expected: {
        status: 200,
        body: { displayName: 'Sales EU' },
        members: ['u1', 'u2', 'u3'],
      },
    },
    {
      row: 15,
      title: 'remove one member and add another',
      method: 'PATCH',
      path: '/Groups/{g1}',
      body: patch(
        { op: 'remove', path: 'members[value eq "{u1}"]' },
        { op: 'add', path: 'members', value: [{ value: '{u4}', display: 'd@x.org' }] },
      ),
      expected: { status: 200, members: ['u2', 'u3', 'u4'] },
    },
    {
      row: 16,
      title: 'remove all members',
      method: 'PATCH',
      path: '/Groups/{g1}',
      body: patch({ op: 'replace', path: 'members', value: [] }),
      expected: { status: 200, members: [] },
    },
    {
      title: 'two members',
      method: 'PATCH',
      path: '/Groups/{g1}',
      body: patch({ op: 'add', path: 'members', value: [{ value: '{u1}' }, { value: '{u2}' }] }),
      expected: { status: 200, members: ['u1', 'u2'] },
    },
    {
      row: 17,
      title: 'PUT with the final members',
      method: 'PUT',
      path: '/Groups/{g1}',
      body: {
        schemas: [urn.group],
        displayName: 'Sales EU',
        members: [{ value: '{u2}' }, { value: '{u3}' }],
      },
      expected: { status: 200, members: ['u2', 'u3'] },
    },
  ],
};

const entra: Scenario = {
  provider: 'entra',
  name: 'users',
  connection: { extension: { name: 'acme', attributes: ['costCenter'] } },
  steps: [
    {
      row: 22,
      title: 'random username',
      method: 'GET',
      path: '/Users?filter=userName+eq+%22c0ffee00-1111-2222-3333-444455556666%22',
      expected: { status: 200, list: [0, 1, 0] },
    },
    user('u1', {
      userName: 'ann@x.org',
      externalId: 'jyoung',
      emails: [{ value: 'a@x.org', type: 'work', primary: true }],
      name: { givenName: 'Ann', familyName: 'Young' },
    }),
    user('u2', { emails: [{ value: 'b@x.org', type: 'home' }] }),
    {
      row: 23,
      title: 'external ID',
      method: 'GET',
      path: '/Users?filter=externalId+eq+%22jyoung%22',
      expected: { status: 200, list: [1, 1, 1], first: { id: '{u1}' } },
    },
    {
      row: 23,
      title: 'external ID without quotes',
      method: 'GET',
      path: '/Users?filter=externalId+eq+jyoung',
      expected: { status: 200, list: [1, 1, 1] },
    },
    {
      row: 24,
      title: 'work email',
      method: 'GET',
      path: '/Users?filter=emails%5Btype+eq+%22work%22%5D.value+eq+%22a%40x.org%22',
      expected: { status: 200, list: [1, 1, 1] },
    },
    {
      row: 24,
      title: 'work email that is a home email',
      method: 'GET',
      path: '/Users?filter=emails%5Btype+eq+%22work%22%5D.value+eq+%22b%40x.org%22',
      expected: { status: 200, list: [0, 1, 0] },
    },
    {
      row: 25,
      title: 'create with departures from the RFC',
      method: 'POST',
      path: '/Users',
      body: {
        schemas: [urn.user, 'urn:ietf:params:scim:schemas:extension:enterprise:2.0User'],
        userName: 'u3@x.org',
        department: 'Sales',
        addresses: null,
        Active: 'True',
      },
      expected: {
        status: 201,
        body: {
          schemas: [urn.user, urn.enterprise],
          active: true,
          [urn.enterprise]: { department: 'Sales' },
        },
        absent: ['addresses', 'department'],
      },
      save: 'u3',
    },
    {
      row: 26,
      title: 'deactivate with a text',
      method: 'PATCH',
      path: '/Users/{u3}',
      body: patch({ op: 'Replace', path: 'active', value: 'False' }),
      expected: { status: 200, body: { active: false } },
    },
    {
      row: 27,
      title: 'add to a value path without a match',
      method: 'PATCH',
      path: '/Users/{u1}',
      body: patch({ op: 'Add', path: 'emails[type eq "other"].Value', value: 'o@x.org' }),
      expected: {
        status: 200,
        body: {
          emails: [
            { value: 'a@x.org', type: 'work', primary: true },
            { type: 'other', value: 'o@x.org' },
          ],
        },
      },
    },
    {
      row: 28,
      title: 'dotted and qualified names',
      method: 'PATCH',
      path: '/Users/{u1}',
      body: patch({
        op: 'replace',
        value: {
          displayName: 'D',
          'name.givenName': 'G',
          [`${urn.enterprise}:employeeNumber`]: '7',
        },
      }),
      expected: {
        status: 200,
        body: {
          displayName: 'D',
          name: { givenName: 'G', familyName: 'Young' },
          [urn.enterprise]: { employeeNumber: '7' },
        },
        absent: ['name.givenName', `${urn.enterprise}:employeeNumber`],
      },
    },
    {
      row: 29,
      title: 'manager as a text',
      method: 'PATCH',
      path: '/Users/{u1}',
      body: patch({ op: 'Add', path: `${urn.enterprise}:manager`, value: '{u2}' }),
      expected: { status: 200, body: { [urn.enterprise]: { manager: { value: '{u2}' } } } },
    },
    {
      row: 30,
      title: 'roles as JSON in a text',
      method: 'PATCH',
      path: '/Users/{u1}',
      body: patch({
        op: 'Add',
        path: 'roles',
        value: [{ value: '{"id":"18d1","value":"25","displayName":"Role1234"}' }],
      }),
      expected: {
        status: 200,
        body: { roles: [{ value: '{"id":"18d1","value":"25","displayName":"Role1234"}' }] },
      },
    },
    {
      row: 31,
      title: 'single-valued attribute in an array',
      method: 'PATCH',
      path: '/Users/{u1}',
      body: patch({
        op: 'Replace',
        path: 'displayName',
        value: [{ $ref: null, value: 'User x' }],
      }),
      expected: { status: 200, body: { displayName: 'User x' } },
    },
    {
      row: 32,
      title: 'no operations',
      method: 'PATCH',
      path: '/Users/{u1}',
      body: patch(),
      expected: { status: 200, unchanged: true },
    },
    {
      row: 39,
      title: 'test of a reference',
      method: 'GET',
      path: '/Users?filter=id+eq+%22{u1}%22+and+manager+eq+%22{u2}%22&attributes=id',
      expected: { status: 200, list: [1, 1, 1], firstNames: ['id', 'schemas'] },
    },
    {
      row: 42,
      title: 'declared custom attribute',
      method: 'PATCH',
      path: '/Users/{u1}',
      body: patch({ op: 'Add', path: `${urn.acme}:costCenter`, value: '42' }),
      expected: { status: 200, body: { [urn.acme]: { costCenter: '42' } } },
    },
    {
      row: 42,
      title: 'undeclared custom attribute',
      method: 'PATCH',
      path: '/Users/{u1}',
      body: patch(
        { op: 'Replace', path: 'title', value: 'Lost' },
        { op: 'Add', path: `${urn.acme}:other`, value: '42' },
      ),
      expected: { status: 400, error: 'invalidPath', detail: 'operation 2' },
    },
    {
      row: 40,
      title: 'soft deletion, which frees the login name',
      method: 'PATCH',
      path: '/Users/{u1}',
      body: patch(
        { op: 'Replace', path: 'userName', value: '1234567890abcdef1234567890abcdefann@x.org' },
        { op: 'Replace', path: 'active', value: 'False' },
      ),
      expected: {
        status: 200,
        body: { userName: '1234567890abcdef1234567890abcdefann@x.org', active: false },
      },
    },
    user('u5', { userName: 'ann@x.org' }),
    {
      row: 41,
      title: 'delete',
      method: 'DELETE',
      path: '/Users/{u1}',
      headers: { accept: undefined },
      expected: { status: 204, empty: true },
    },
    {
      row: 41,
      title: 'get a deleted user',
      method: 'GET',
      path: '/Users/{u1}',
      expected: { status: 404, error: null },
    },
    {
      row: 41,
      title: 'find a deleted user',
      method: 'GET',
      path: '/Users?filter=externalId+eq+%22jyoung%22',
      expected: { status: 200, list: [0, 1, 0] },
    },
    {
      row: 41,
      title: 'delete again',
      method: 'DELETE',
      path: '/Users/{u1}',
      expected: { status: 404, error: null },
    },
  ],
};

const entraGroups: Scenario = {
  provider: 'entra',
  name: 'groups',
  steps: [
    user('u1'),
    user('u2'),
    user('u3'),
    user('u4'),
    {
      row: 33,
      title: 'create with a schema of Microsoft',
      method: 'POST',
      path: '/Groups',
      body: {
        schemas: [
          urn.group,
          'http://schemas.microsoft.com/2006/11/ResourceManagement/ADSCIM/2.0/Group',
        ],
        externalId: '8aa1a0c0-c4c3-4bc0-b4a5-2ef676900159',
        displayName: 'Sales',
      },
      expected: {
        status: 201,
        body: { schemas: [urn.group], externalId: '8aa1a0c0-c4c3-4bc0-b4a5-2ef676900159' },
      },
      save: 'g1',
    },
    {
      row: 34,
      title: 'find by name without members',
      method: 'GET',
      path: '/Groups?excludedAttributes=members&filter=displayName+eq+%22sales%22',
      expected: {
        status: 200,
        list: [1, 1, 1],
        firstNames: ['displayName', 'externalId', 'id', 'meta', 'schemas'],
      },
    },
    {
      row: 36,
      title: 'add a member',
      method: 'PATCH',
      path: '/Groups/{g1}',
      body: patch({ op: 'Add', path: 'members', value: [{ $ref: null, value: '{u4}' }] }),
      expected: { status: 200, members: ['u4'] },
    },
    {
      row: 36,
      title: 'add a member again',
      method: 'PATCH',
      path: '/Groups/{g1}',
      body: patch({ op: 'Add', path: 'members', value: [{ $ref: null, value: '{u4}' }] }),
      expected: { status: 200, members: ['u4'], unchanged: true },
    },
    {
      title: 'three members',
      method: 'PATCH',
      path: '/Groups/{g1}',
      body: patch({
        op: 'Replace',
        path: 'members',
        value: [{ value: '{u1}' }, { value: '{u2}' }, { value: '{u3}' }],
      }),
      expected: { status: 200, members: ['u1', 'u2', 'u3'] },
    },
    {
      row: 37,
      title: 'remove a member by value',
      method: 'PATCH',
      path: '/Groups/{g1}',
      body: patch({ op: 'Remove', path: 'members', value: [{ $ref: null, value: '{u2}' }] }),
      expected: { status: 200, members: ['u1', 'u3'] },
    },
    {
      title: 'delete a user',
      method: 'DELETE',
      path: '/Users/{u2}',
      expected: { status: 204, empty: true },
    },
    {
      title: 'group before',
      method: 'GET',
      path: '/Groups/{g1}',
      expected: { status: 200, members: ['u1', 'u3'] },
    },
    {
      row: 38,
      title: 'remove a deleted user',
      method: 'PATCH',
      path: '/Groups/{g1}',
      body: patch({ op: 'Remove', path: 'members', value: [{ $ref: null, value: '{u2}' }] }),
      expected: { status: 200, members: ['u1', 'u3'], unchanged: true },
    },
    {
      row: 66,
      title: 'replace by unknown members only',
      method: 'PATCH',
      path: '/Groups/{g1}',
      body: patch({
        op: 'replace',
        path: 'members',
        value: [{ value: '00000000-0000-4000-8000-000000000000' }],
      }),
      expected: { status: 400, error: 'invalidValue' },
    },
    {
      row: 66,
      title: 'replace by a known and an unknown member',
      method: 'PATCH',
      path: '/Groups/{g1}',
      body: patch({
        op: 'replace',
        path: 'members',
        value: [{ value: '{u1}' }, { value: '00000000-0000-4000-8000-000000000000' }],
      }),
      expected: { status: 200, members: ['u1'] },
    },
  ],
};

const onelogin: Scenario = {
  provider: 'onelogin',
  name: 'users',
  steps: [
    user('u1', { userName: 'a@x.org', phoneNumbers: [{ value: '+1' }, { value: '+2' }] }),
    {
      row: 43,
      title: 'filter with an ampersand at the end',
      method: 'GET',
      path: '/Users?filter=userName+eq+%22a%40x.org%22&',
      headers: { accept: 'application/json' },
      expected: {
        status: 200,
        list: [1, 1, 1],
        headers: { 'content-type': 'application/json; charset=utf-8' },
      },
    },
    {
      row: 45,
      title: 'remove by value',
      method: 'PATCH',
      path: '/Users/{u1}',
      body: patch({ op: 'remove', path: 'phoneNumbers', value: [{ value: '+1' }] }),
      expected: { status: 200, body: { phoneNumbers: [{ value: '+2' }] } },
    },
    {
      row: 44,
      title: 'schemas of SCIM 1',
      method: 'PUT',
      path: '/Users/{u1}?',
      body: {
        schemas: ['urn:scim:schemas:core:2.0', 'urn:scim:schemas:extension:enterprise:2.0'],
        userName: 'a@x.org',
      },
      expected: { status: 200, body: { schemas: [urn.user], userName: 'a@x.org' } },
    },
    {
      row: 47,
      title: 'schema of users',
      method: 'GET',
      path: `/Schemas/${urn.user}`,
      expected: {
        status: 200,
        body: {
          schemas: ['urn:ietf:params:scim:schemas:core:2.0:Schema'],
          id: urn.user,
          description: 'User Account',
        },
      },
    },
    {
      row: 47,
      title: 'resource type of users',
      method: 'GET',
      path: '/ResourceTypes/User',
      expected: { status: 200, body: { id: 'User', endpoint: '/Users' } },
    },
    {
      row: 68,
      title: 'filter on discovery',
      method: 'GET',
      path: '/Schemas?filter=id+eq+%22x%22',
      expected: { status: 403, error: null },
    },
    {
      row: 68,
      title: 'unknown path',
      method: 'GET',
      path: '/Nothing',
      expected: { status: 404, error: null },
    },
  ],
};

const rules: Scenario = {
  provider: 'other',
  name: 'rules',
  steps: [
    user('u1', {
      emails: [{ value: 'u1@x.org', type: 'work', primary: true }],
      displayName: 'Susan',
    }),
    {
      row: 48,
      title: 'If-None-Match with the current version',
      method: 'GET',
      path: '/Users/{u1}',
      headers: { 'if-none-match': 'W/"1"' },
      expected: { status: 304, empty: true },
    },
    {
      row: 49,
      title: 'If-Match with another version',
      method: 'PUT',
      path: '/Users/{u1}',
      headers: { 'if-match': 'W/"6"' },
      body: { schemas: [urn.user], userName: 'u1@x.org', title: 'Lost' },
      expected: { status: 412, error: null },
    },
    {
      row: 49,
      title: 'If-Match with a strong tag',
      method: 'PUT',
      path: '/Users/{u1}',
      headers: { 'if-match': '"1"' },
      body: {
        schemas: [urn.user],
        userName: 'u1@x.org',
        displayName: 'Susan',
        emails: [{ value: 'u1@x.org', type: 'work', primary: true }],
        title: 'Kept',
      },
      expected: { status: 200, body: { title: 'Kept' } },
    },
    {
      row: 50,
      title: 'one bad operation',
      method: 'PATCH',
      path: '/Users/{u1}',
      body: patch({ op: 'replace', path: 'displayName', value: 'Lost' }, { op: 'remove' }),
      expected: { status: 400, error: 'noTarget', detail: 'operation 2' },
    },
    {
      row: 50,
      title: 'nothing was changed',
      method: 'GET',
      path: '/Users/{u1}',
      expected: { status: 200, body: { displayName: 'Susan', title: 'Kept' } },
    },
    {
      row: 51,
      title: 'value path without a match',
      method: 'PATCH',
      path: '/Users/{u1}',
      body: patch({ op: 'replace', path: 'emails[value eq "no@x.org"].type', value: 'home' }),
      expected: { status: 400, error: 'noTarget' },
    },
    {
      row: 52,
      title: 'read-only attribute',
      method: 'PATCH',
      path: '/Users/{u1}',
      body: patch({ op: 'replace', path: 'id', value: 'x' }),
      expected: { status: 400, error: 'mutability' },
    },
    {
      row: 52,
      title: 'removal of a required attribute',
      method: 'PATCH',
      path: '/Users/{u1}',
      body: patch({ op: 'remove', path: 'userName' }),
      expected: { status: 400, error: 'mutability' },
    },
    {
      row: 53,
      title: 'new primary email',
      method: 'PATCH',
      path: '/Users/{u1}',
      body: patch({
        op: 'add',
        path: 'emails',
        value: [{ value: 'p@x.org', type: 'other', primary: true }],
      }),
      expected: {
        status: 200,
        body: {
          emails: [
            { value: 'u1@x.org', type: 'work', primary: false },
            { value: 'p@x.org', type: 'other', primary: true },
          ],
        },
      },
    },
    user('u2'),
    user('u3'),
    user('u4'),
    user('u5'),
    {
      row: 54,
      title: 'count only',
      method: 'GET',
      path: '/Users?startIndex=0&count=0',
      expected: { status: 200, list: [5, 1, 0] },
    },
    {
      row: 54,
      title: 'past the end',
      method: 'GET',
      path: '/Users?startIndex=9999',
      expected: { status: 200, list: [5, 9999, 0] },
    },
    {
      row: 64,
      title: 'primary email of another active user',
      method: 'POST',
      path: '/Users',
      body: {
        schemas: [urn.user],
        userName: 'other@x.org',
        emails: [{ value: 'p@x.org', primary: true }],
      },
      expected: { status: 201, body: { emails: [{ value: 'p@x.org', primary: true }] } },
    },
    {
      row: 65,
      title: 'no username',
      method: 'POST',
      path: '/Users',
      body: { schemas: [urn.user] },
      expected: { status: 400, error: 'invalidValue', detail: 'userName' },
    },
    {
      row: 65,
      title: 'number for a boolean',
      method: 'POST',
      path: '/Users',
      body: { schemas: [urn.user], userName: 'n@x.org', active: 3 },
      expected: { status: 400, error: 'invalidValue', detail: 'active' },
    },
    {
      row: 65,
      title: 'malformed JSON',
      method: 'POST',
      path: '/Users',
      body: '{',
      expected: { status: 400, error: 'invalidSyntax' },
    },
    {
      row: 65,
      title: 'array',
      method: 'POST',
      path: '/Users',
      body: '[]',
      expected: { status: 400, error: 'invalidSyntax' },
    },
    {
      row: 70,
      title: 'body of another media type',
      method: 'POST',
      path: '/Users',
      body: '<user/>',
      headers: { 'content-type': 'text/xml' },
      expected: { status: 415, error: null },
    },
    {
      row: 70,
      title: 'body without a media type',
      method: 'POST',
      path: '/Users',
      body: { schemas: [urn.user], userName: 'media@x.org' },
      headers: { 'content-type': undefined },
      expected: { status: 201 },
    },
  ],
};

const bulk: Scenario = {
  provider: 'other',
  name: 'bulk',
  steps: [
    user('u1'),
    {
      row: 59,
      title: 'stop at the first error',
      method: 'POST',
      path: '/Bulk',
      body: {
        schemas: [urn.bulk],
        failOnErrors: 1,
        Operations: [
          { method: 'POST', path: '/Users', bulkId: '1', data: { userName: 'b1@x.org' } },
          { method: 'POST', path: '/Users', bulkId: '2', data: { userName: 'u1@x.org' } },
          { method: 'POST', path: '/Users', bulkId: '3', data: { userName: 'b3@x.org' } },
        ],
      },
      expected: {
        status: 200,
        body: {
          Operations: [
            { bulkId: '1', method: 'POST', status: '201' },
            { bulkId: '2', method: 'POST', status: '409', response: { scimType: 'uniqueness' } },
          ],
        },
      },
    },
    {
      row: 60,
      title: 'too many operations',
      method: 'POST',
      path: '/Bulk',
      body: {
        schemas: [urn.bulk],
        Operations: Array.from({ length: 101 }, (_, index) => ({
          method: 'POST',
          path: '/Users',
          bulkId: String(index),
          data: { userName: `many${index}@x.org` },
        })),
      },
      expected: { status: 413, error: null },
    },
    {
      row: 60,
      title: 'body that is too large',
      method: 'POST',
      path: '/Bulk',
      body: {
        schemas: [urn.bulk],
        Operations: [
          {
            method: 'POST',
            path: '/Users',
            bulkId: '1',
            data: { userName: 'large@x.org', title: 'x'.repeat(1.1 * 1024 * 1024) },
          },
        ],
      },
      expected: { status: 413, error: null },
    },
    {
      row: 60,
      title: 'nothing was done',
      method: 'GET',
      path: '/Users?count=0',
      expected: { status: 200, list: [2, 1, 0] },
    },
  ],
};

const references: Scenario = {
  provider: 'other',
  name: 'bulk references',
  steps: [
    {
      row: 58,
      title: 'group before its member',
      method: 'POST',
      path: '/Bulk',
      body: {
        schemas: [urn.bulk],
        Operations: [
          {
            method: 'POST',
            path: '/Groups',
            bulkId: 'g',
            data: { displayName: 'Sales', members: [{ value: 'bulkId:a' }] },
          },
          {
            method: 'POST',
            path: '/Users',
            bulkId: 'a',
            data: { userName: 'a@x.org', displayName: 'Ann' },
          },
        ],
      },
      expected: {
        status: 200,
        body: {
          Operations: [
            { bulkId: 'g', status: '201' },
            { bulkId: 'a', status: '201' },
          ],
        },
      },
    },
    {
      row: 58,
      title: 'the group has the member',
      method: 'GET',
      path: '/Groups?filter=displayName+eq+%22Sales%22',
      expected: { status: 200, list: [1, 1, 1], first: { members: [{ display: 'Ann' }] } },
    },
  ],
};

const search: Scenario = {
  provider: 'other',
  name: 'search',
  steps: [
    user('u1', { displayName: 'Susan' }),
    {
      row: 57,
      title: 'search over users and groups',
      method: 'POST',
      path: '/.search',
      body: {
        schemas: [urn.search],
        attributes: ['displayName'],
        filter: 'displayName sw "s"',
        count: 10,
      },
      expected: {
        status: 200,
        list: [1, 1, 1],
        firstNames: ['displayName', 'id', 'schemas'],
      },
    },
    {
      row: 69,
      title: 'own account of an app client',
      method: 'GET',
      path: '/Me',
      expected: { status: 501, error: null },
    },
    {
      title: 'search at /.search by an array',
      method: 'POST',
      path: '/.search',
      body: [],
      expected: { status: 400, error: 'invalidSyntax' },
    },
    {
      title: 'search at /Users/.search by an array',
      method: 'POST',
      path: '/Users/.search',
      body: [],
      expected: { status: 400, error: 'invalidSyntax' },
    },
    {
      title: 'search at /Groups/.search by an array',
      method: 'POST',
      path: '/Groups/.search',
      body: [],
      expected: { status: 400, error: 'invalidSyntax' },
    },
  ],
};

/** Rows 46, 55, 56, 61 to 63, 67, 71 and 72 need other callers or sizes, and have own tests. */
export const scenarios: readonly Scenario[] = [
  okta,
  oktaPasswords,
  oktaGroups,
  entra,
  entraGroups,
  onelogin,
  rules,
  search,
  references,
  bulk,
];
