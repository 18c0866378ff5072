import { expect, it } from 'vitest';
import { unique } from '../support/dialects/dialects.ts';
import { adminToken, createTestService, issuer, tenantId } from '../support/service.ts';
import { createTokenAppClient } from '../support/tokens/roster-tokens.ts';

it('events name the actor without personal data, whichever way the change came', async () => {
  const service = await createTestService({ hasStream: true });
  const create = async (sent: object): Promise<string> => {
    const { status, body } = await service.post(
      '/v1/users',
      { email: `${unique()}@example.com`, status: 'active' },
      sent,
    );
    expect(status).toBe(201);
    return body.userId;
  };
  const subject = 'ada@example.com';
  const admin = { tenantId: tenantId.acme, roles: ['admin'] };
  const client = await createTokenAppClient(service, 'acme');
  const userId = await create({ token: issuer.mintAccessToken({ sub: subject, ...admin }) });
  const actingUser = await create({ token: adminToken('acme') });
  const byUser = await create({
    token: issuer.mintAccessToken({ sub: actingUser, ...admin }),
  });
  const byClient = await create({ headers: client.key });
  const own = { token: issuer.mintAccessToken({ sub: userId, tenantId: tenantId.acme }) };
  await service.send('PATCH', '/v1/users/me', { ...own, body: { name: 'Jo' } });
  await service.numberChanges();

  const { body, text } = await service.get('/v1/events?types=user.*,tenant.created', {
    token: adminToken('acme'),
  });
  const actors = body.events.map(({ resource: { id }, type, actor }: any) => [type, id, actor]);
  const external = { type: 'external', id: expect.stringMatching(/^[0-9a-f]{32}$/) };
  expect(actors).toEqual([
    ['tenant.created', tenantId.acme, { type: 'system', id: 'bootstrap' }],
    ['user.created', userId, external],
    ['user.created', actingUser, external],
    ['user.created', byUser, { type: 'user', id: actingUser }],
    ['user.created', byClient, { type: 'appClient', id: `cradl:app-client:${client.appClientId}` }],
    ['user.updated', userId, { type: 'user', id: userId }],
  ]);
  // Each subject has its own hash.
  expect(actors[1][2].id).not.toBe(actors[2][2].id);
  expect(text).not.toContain(subject);
});
