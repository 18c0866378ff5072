import { describe, expect, it } from 'vitest';
import { routes } from '../../lib/api/routes.ts';
import { keys } from '../../lib/store/keys.ts';
import { createUserIn } from '../support/authenticated-routes.ts';
import { createTestService, systemToken, adminToken, tenantId } from '../support/service.ts';

const service = await createTestService();
const inAcme = await createUserIn(service, 'acme');
const inGlobex = await createUserIn(service, 'globex');
const headers = { 'x-tenant-id': tenantId.acme };

describe('a user ID in a path never becomes part of a key [T04]', () => {
  const { pk, sk } = keys.user(tenantId.globex, inGlobex.jitsudo);
  const paths = routes.flatMap(({ route, operation }) =>
    operation === 'getUser' ? [route.replace(/^GET |\{.+/g, '')] : [],
  );

  it.each([
    pk,
    `${pk}/${sk}`,
    `TENANT#${tenantId.globex}`,
    `#USER#${inGlobex.jitsudo}`,
    `${inAcme.jitsudo}#USER`,
    `${inAcme.jitsudo}\0`,
    `${inAcme.jitsudo} `,
    `${inAcme.jitsudo},${inGlobex.jitsudo}`,
    `{${inAcme.jitsudo}}`,
    `urn:uuid:${inAcme.jitsudo}`,
    inGlobex.native,
    `${inAcme.native}#USER`,
    `${inAcme.native}\n`,
    inAcme.native.toUpperCase(),
    inAcme.native.replace('cradl:user', 'cradl:profile'),
    inAcme.native.replace('cradl', 'Acme'),
    `cradl:user:${inAcme.jitsudo}`,
    `cradl:user:../${inAcme.native}`,
    `USERNAME#${inAcme.credible}`,
    `${inAcme.credible}#`,
    `${inAcme.credible}\0`,
    `- ${inAcme.credible}`,
    `${inGlobex.credible}@example.com`,
    `${inAcme.credible}@example.com#`,
    `x@example.com/../${inAcme.credible}`,
    '..',
    '.',
    '*',
    '#',
    '__proto__',
    'constructor',
    'undefined',
    'null',
    'me',
    'a'.repeat(3000),
    `cradl:user:${'a'.repeat(3000)}`,
    `${'a'.repeat(3000)}@example.com`,
  ])('%j', async (name) => {
    for (const path of paths) {
      for (const encoded of [
        encodeURIComponent(name),
        encodeURIComponent(encodeURIComponent(name)),
      ]) {
        const { status, body } = await service.get(`${path}${encoded}`, {
          token: adminToken('acme'),
          headers,
        });
        expect({ path, status, code: body.code }).toEqual({ path, status: 404, code: 'not_found' });
      }
    }
  });
});

describe('a role ID or username never becomes a key [T04]', () => {
  it.each([
    'ROLE#admin',
    'admin#',
    'TENANT',
    '',
    ' ',
    '*',
    '__proto__',
    'constructor',
    'cradl:role:admin',
    'Admin',
    'admin\0',
    'ａｄｍｉｎ',
  ])('the role %j is unknown', async (role) => {
    const body = {
      email: 'eve@example.com',
      name: 'Eve',
      password: 'tangled-orchard-7-lamps',
      roles: [role],
    };
    const answer = await service.post('/jitsudo/v1/users', body, {
      token: adminToken('acme'),
      headers,
    });
    expect(answer).toMatchObject({ status: 422, body: { code: 'invalid_roles' } });
  });

  it.each(['EMAIL#x', 'a#b', 'a b', 'a\0', '../b', 'a/b', '\uFF03a', '..', 'a'.repeat(255)])(
    'the username %j is rejected',
    async (userName) => {
      for (const target of ['/v1/users', '/credible/api/v0/users']) {
        const answer = await service.post(
          target,
          { email: 'eve@example.com', userName },
          { token: systemToken('acme') },
        );
        expect(answer).toMatchObject({
          status: 400,
          body: { code: 'invalid_input', details: { issues: [{ path: 'userName' }] } },
        });
      }
    },
  );

  it('an email with # stays in its tenant and in its own entry', async () => {
    const email = `a#user#${inGlobex.jitsudo}@example.com`;
    expect((await service.post('/v1/users', { email }, { token: adminToken('acme') })).status).toBe(
      201,
    );
    expect(await service.stored.item(keys.emailClaim(tenantId.acme, email))).toMatchObject({
      tenantId: tenantId.acme,
    });
    expect((await service.post('/v1/users', { email }, { token: adminToken('acme') })).status).toBe(
      409,
    );
  });
});
