import { beforeAll, describe, expect, it } from 'vitest';
import { adminToken, createTestService, type Service } from '../../support/service.ts';

let service: Service;
beforeAll(async () => {
  service = await createTestService();
});

describe('a group', () => {
  it('grants its roles to its members until it is deleted', async () => {
    const token = adminToken('acme');
    const created = await service.post(
      '/v1/groups',
      { name: 'Billing', roleIds: ['cradl:role:admin'] },
      { token },
    );
    expect(created).toMatchObject({ status: 201 });
    const user = await service.post(
      '/v1/users',
      { email: 'jo@x.example', password: 'tangled-orchard-7-lamps' },
      { token },
    );
    const members = `/v1/groups/${created.body.groupId}/members`;
    const added = await service.post(
      members,
      { members: [{ memberId: user.body.userId }] },
      { token },
    );
    expect(added).toMatchObject({
      status: 200,
      body: { members: [{ memberId: user.body.userId }] },
    });
    expect(await service.get(members, { token })).toMatchObject({
      status: 200,
      body: { members: [{ email: 'jo@x.example' }] },
    });
    expect(await service.get(`/v1/users/${user.body.userId}/groups`, { token })).toMatchObject({
      status: 200,
      body: { groups: [{ name: 'Billing' }] },
    });
    const signedIn = await service.post('/v1/auth/token', {
      tenant: 'acme',
      email: 'jo@x.example',
      password: 'tangled-orchard-7-lamps',
    });
    const own = signedIn.body.accessToken;
    expect(await service.get('/v1/roles', { token: own })).toMatchObject({ status: 200 });
    const inner = await service.post('/v1/groups', { name: 'inner' }, { token });
    expect(
      await service.post(members, { members: [{ memberId: inner.body.groupId }] }, { token }),
    ).toMatchObject({ status: 200 });
    expect(
      await service.post(
        `/v1/groups/${inner.body.groupId}/members`,
        { members: [{ memberId: created.body.groupId }] },
        { token },
      ),
    ).toMatchObject({ status: 409 });
    expect(
      await service.send('DELETE', `/v1/groups/${created.body.groupId}`, { token }),
    ).toMatchObject({ status: 204 });
    expect(
      await service.post('/v1/roles', { name: 'x', permissions: [] }, { token: own }),
    ).toMatchObject({ status: 403 });
    expect(
      await service.send('POST', `/v1/groups/${created.body.groupId}/restore`, { token }),
    ).toMatchObject({ status: 200 });
    expect(
      await service.post('/v1/roles', { name: 'x', permissions: [] }, { token: own }),
    ).toMatchObject({ status: 201 });
  });
});
