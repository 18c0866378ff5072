import { describe, expect, it } from 'vitest';
import { readSchema } from '../../infra/build/policies/sources.ts';
import type { CompiledPolicy } from '../../lib/domain/access/compiled-policy.ts';
import { compiledPolicies } from '../../lib/domain/access/policies/compiled.ts';
import { createPolicy } from '../../lib/domain/access/policy.ts';
import {
  getAction,
  requestRoute,
  createUserIn,
  authenticatedRoutes,
} from '../support/authenticated-routes.ts';
import { compileFixtures } from '../support/compile-policies.ts';
import {
  createTestService,
  type TestResponse,
  systemToken,
  userToken,
  adminToken,
  tenantId,
} from '../support/service.ts';

const actions = [...new Set(Object.values(getAction))];

/** Cedar policy for every action. */
const policy = (id: string, effect: 'permit' | 'forbid', condition?: string) => `
  @id("${id}")
  @notice("Text of ${id}.")
  ${effect} (
    principal,
    action in [${actions.map((action) => `Roster::Action::"${action}"`).join(', ')}],
    resource
  )
  ${condition === undefined ? '' : `when { ${condition} }`};`;
const permitAll = policy('everyone', 'permit');
/** Attribute that no request has. */
const missing = 'context.missing';
const schema = readSchema().replaceAll('dialect: String', 'dialect: String, missing: Bool');

/** Compiles policies. Puts the deployed policies first if `deployed`. */
const compile = (text: string, deployed = false) => [
  ...(deployed ? compiledPolicies : []),
  ...compileFixtures(text, schema),
];

/** True for a response of SCIM, whose errors have one text. */
const isScim = ({ headers }: TestResponse): boolean =>
  headers['content-type']?.startsWith('application/scim+json') ?? false;

/** Success status by route. */
const answers = async (set: readonly CompiledPolicy[], token = systemToken('acme')) => {
  const service = await createTestService({ policy: createPolicy(set) });
  const before = await service.stored.allButActivity();
  const answered = await Promise.all(
    authenticatedRoutes.map((route) => requestRoute(service, route, { token })),
  );
  const after = await service.stored.allButActivity();
  return {
    answered,
    statuses: [...new Set(answered.map(({ status }) => status))],
    hasEffect: after.length !== before.length,
  };
};

describe('policies that fail to evaluate return 503, and never a permit [T14]', () => {
  it.each<[string, readonly CompiledPolicy[]]>([
    ['a permit and a failing forbid', compile(permitAll + policy('failing', 'forbid', missing))],
    ['a permit and a failing permit', compile(permitAll + policy('failing', 'permit', missing))],
    [
      'a permit, a forbid and a failing forbid',
      compile(permitAll + policy('closed', 'forbid') + policy('failing', 'forbid', missing)),
    ],
    ['only a failing policy', compile(policy('failing', 'permit', missing))],
    ['the real policies and a failing one', compile(policy('failing', 'forbid', missing), true)],
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
    const set = compile(permitAll + policy('closed', 'forbid'), true);
    const { answered, hasEffect } = await answers(set);
    for (const answer of answered) {
      const { status, body } = answer;
      const notices = isScim(answer) ? body.detail.split(': ').slice(1) : body.notices;
      expect({ status, notices }).toEqual({ status: 403, notices: ['Text of closed.'] });
    }
    expect(hasEffect).toBe(false);
  });

  it('a request without a permit is denied, without notices if no policy applies', async () => {
    for (const set of [[], compile(policy('never', 'permit', 'context.dialect == "none"'))]) {
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
  const findNotice = (policyId: string) =>
    compiledPolicies.find(({ id }) => id === policyId)?.notice;

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
      'create-user-beyond-own-permissions',
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
      notices: [findNotice(id)],
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
