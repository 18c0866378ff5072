import { readFileSync } from 'node:fs';
import { schemaToJson, validate } from '@cedar-policy/cedar-wasm/nodejs';
import { describe, expect, it } from 'vitest';
import { compiledPoliciesFile, compilePolicies } from '../../infra/build/policies.ts';
import { createPolicy } from '../../lib/domain/access/policy.ts';
import {
  getAction,
  requestRoute,
  createUserIn,
  authenticatedRoutes,
} from '../support/authenticated-routes.ts';
import {
  createTestService,
  systemToken,
  userToken,
  adminToken,
  tenantId,
} from '../support/service.ts';

const policies = compilePolicies();
const schema = readFileSync(
  new URL('../../lib/domain/access/policies/schema.cedarschema', import.meta.url),
  'utf8',
);
const problems = (staticPolicies: object) => {
  const answer = validate({
    schema,
    policies: { staticPolicies: staticPolicies as typeof policies },
    validationSettings: { mode: 'strict' },
  });
  if (answer.type === 'failure') return answer.errors;
  return [...answer.validationErrors, ...answer.validationWarnings, ...answer.otherWarnings];
};

/** Policy for every action, with these conditions. */
const policy = (id: string, effect: 'permit' | 'forbid', ...conditions: object[]) => ({
  [id]: {
    effect,
    principal: { op: 'All' },
    action: { op: 'All' },
    resource: { op: 'All' },
    conditions: conditions.map((body) => ({ kind: 'when', body })),
    annotations: { id, notice: `What ${id} has to say.` },
  },
});
const yes = { Value: true };
const permitAll = policy('everybody', 'permit', yes);
/** Attribute that no entity has. */
const missing = {
  '==': { left: { '.': { left: { Var: 'context' }, attr: 'nothing' } }, right: { Value: 1 } },
};

/** Success status by route. */
const answers = async (set: Record<string, unknown>, token = systemToken('acme')) => {
  const service = await createTestService({ policy: createPolicy(set) });
  const before = await service.stored.all();
  const answered = await Promise.all(
    authenticatedRoutes.map((route) => requestRoute(service, route, { token })),
  );
  const after = await service.stored.all();
  return {
    answered,
    statuses: [...new Set(answered.map(({ status }) => status))],
    hasEffect: after.length !== before.length,
  };
};

describe('the loaded policies', () => {
  it('match their sources', () => {
    expect(JSON.parse(readFileSync(compiledPoliciesFile, 'utf8'))).toEqual(policies);
  });

  it('pass strict validation without warnings', () => {
    expect(problems(policies)).toEqual([]);
  });

  it.each<[string, object]>([
    [
      'an unknown attribute of a principal',
      { '.': { left: { Var: 'principal' }, attr: 'permission' } },
    ],
    [
      'an attribute that may be absent',
      {
        '==': {
          left: { '.': { left: { Var: 'principal' }, attr: 'tenant' } },
          right: { Var: 'resource' },
        },
      },
    ],
    [
      'a number as a permission',
      {
        contains: {
          left: { '.': { left: { Var: 'principal' }, attr: 'permissions' } },
          right: { Value: 7 },
        },
      },
    ],
    [
      'an impossible condition',
      { '==': { left: { Var: 'principal' }, right: { Var: 'resource' } } },
    ],
  ])('would fail validation with %s', (_, condition) => {
    expect(problems({ ...policies, ...policy('mistaken', 'permit', condition) })).not.toEqual([]);
  });

  it('have a notice for denied callers', () => {
    for (const [id, { annotations }] of Object.entries(policies)) {
      expect(annotations).toMatchObject({ id, notice: expect.stringMatching(/^[A-Z].{20,}\.$/) });
    }
  });

  it('cover the action of every operation with a token, and no other action', () => {
    const answer = schemaToJson(schema);
    if (answer.type === 'failure') throw new Error('the schema does not parse');
    const actions = new Set(authenticatedRoutes.map(({ operation }) => getAction[operation]));
    expect(new Set(Object.keys(answer.json['Roster']?.actions ?? {}))).toEqual(actions);
  });
});

describe('policies that fail to evaluate return 503, and never a permit [T14]', () => {
  it.each<[string, Record<string, unknown>]>([
    ['text that is not a policy', { ...policies, broken: {} }],
    ['an unknown effect', { ...permitAll, broken: { ...permitAll['everybody'], effect: 'allow' } }],
    [
      'an unknown operator',
      { ...permitAll, ...policy('broken', 'forbid', { '===': { left: yes, right: yes } }) },
    ],
    ['a permit and a failing forbid', { ...permitAll, ...policy('failing', 'forbid', missing) }],
    ['a permit and a failing permit', { ...permitAll, ...policy('failing', 'permit', missing) }],
    ['only a failing policy', policy('failing', 'permit', missing)],
    [
      'the real policies and a failing one',
      { ...policies, ...policy('failing', 'forbid', missing) },
    ],
  ])('%s', async (_, set) => {
    const { answered, statuses, hasEffect } = await answers(set);
    expect(statuses).toEqual([503]);
    expect(hasEffect).toBe(false);
    for (const answer of answered) {
      expect(answer).toMatchObject({
        headers: { 'retry-after': '1' },
        body: { code: 'unavailable' },
      });
      expect(answer.body).not.toHaveProperty('notices');
    }
  });

  it('an unreadable tenant returns 503 too', async () => {
    const service = await createTestService({ databaseEndpoint: 'http://127.0.0.1:1' });
    const route = authenticatedRoutes[0]!;
    expect(await requestRoute(service, route, { token: adminToken('acme') })).toMatchObject({
      status: 503,
      headers: { 'retry-after': '1' },
    });
  });
});

describe('a forbid [T15]', () => {
  it('outweighs every permit, and only its notice is returned', async () => {
    const { answered, hasEffect } = await answers({
      ...policies,
      ...permitAll,
      ...policy('closed', 'forbid', yes),
    });
    for (const { status, body } of answered)
      expect({ status, notices: body.notices }).toEqual({
        status: 403,
        notices: ['What closed has to say.'],
      });
    expect(hasEffect).toBe(false);
  });

  it('a request without a permit is denied, without notices if no policy applies', async () => {
    for (const set of [{}, policy('never', 'permit', { Value: false })]) {
      const { answered, hasEffect } = await answers(set);
      for (const { status, body } of answered) {
        expect(status).toBe(403);
        expect(body).not.toHaveProperty('notices');
      }
      expect(hasEffect).toBe(false);
    }
  });
});

describe('a denial names the missing permissions, and its message is never exactly Forbidden', async () => {
  const service = await createTestService();
  await service.putRole('acme', {
    slug: 'recruiter',
    name: 'Recruiter',
    permissions: ['users:create'],
  });
  const user = await createUserIn(service, 'acme');
  const notice = (id: keyof typeof policies) => policies[id]?.annotations?.['notice'];

  it.each<[string, string[], string, object | undefined, string]>([
    ['creating', [], '/v1/users', {}, 'create-user'],
    ['creating', ['approver'], '/cradl/v1/users', {}, 'create-user'],
    [
      'creating through Credible',
      ['admin'],
      '/credible/api/v0/users',
      { userName: 'jo' },
      'credible-system-administrator',
    ],
    [
      'granting',
      ['recruiter'],
      '/v1/users',
      { roleIds: ['cradl:role:approver'] },
      'grant-only-what-is-held',
    ],
    ['reading', [], `/v1/users/${user.native}`, undefined, 'get-user'],
    ['reading', ['recruiter'], `/credible/api/v0/users/${user.credible}`, undefined, 'get-user'],
    ['reading invitations', ['recruiter'], '/v1/invitations', undefined, 'get-user'],
    [
      'inviting again',
      ['approver'],
      `/v1/users/${user.native}/invitation/resend`,
      {},
      'invite-user',
    ],
    ['revoking', ['approver'], `/v1/users/${user.native}/invitation/revoke`, {}, 'invite-user'],
    [
      'copying a link',
      ['admin'],
      `/v1/users/${user.native}/invitation/link`,
      {},
      'copy-invitation-link',
    ],
  ])('%s as %j at %s', async (_, roles, target, fields, id) => {
    const token = userToken('acme', roles);
    const draft = target.endsWith('/users') ? { email: 'jo@example.com', ...fields } : undefined;
    const { status, body, text } = fields
      ? await service.post(target, draft, { token })
      : await service.get(target, { token });
    expect({ status, code: body.code, notices: body.notices }).toEqual({
      status: 403,
      code: 'forbidden',
      notices: [notice(id)],
    });
    expect(body.message).not.toBe('Forbidden');
    expect(text).not.toContain(tenantId.globex);
  });

  it('callers who cannot create learn nothing about existing users', async () => {
    await service.post('/v1/users', { email: 'taken@example.com' }, { token: adminToken('acme') });
    const createUser = async (fields: object) => {
      const body = { email: 'new@example.com', ...fields };
      const answer = await service.post('/v1/users', body, { token: userToken('acme', ['user']) });
      return { ...answer.body, status: answer.status, details: Object.keys(answer.body.details) };
    };
    const plain = await createUser({});
    expect(plain.status).toBe(403);
    for (const fields of [
      { email: 'taken@example.com' },
      { roleIds: ['cradl:role:no-such-role'] },
      { roleIds: ['cradl:role:recruiter'] },
      { roleIds: ['cradl:role:user'] },
      { appClientId: 'cradl:app-client:default' },
      { appClientId: 'cradl:app-client:no-such-client' },
      { password: 'password' },
    ]) {
      expect({ fields, response: await createUser(fields) }).toEqual({ fields, response: plain });
    }
  });
});
