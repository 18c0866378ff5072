/** Groups and members of other tenants are like unknown ones. */
import { describe, expect, it } from 'vitest';
import {
  authenticatedRoutes,
  createAppClientIn,
  createUserForRoute,
  createUserIn,
  requestRoute,
  unknownUser,
} from '../../support/authenticated-routes.ts';
import { expectNoWrites } from '../../support/database/expect-no-writes.ts';
import { createGroupRequests } from '../../support/scenarios/groups.ts';
import { adminToken, createTestService, type TestResponse } from '../../support/service.ts';

const service = await createTestService();
const { createGroup, send, toMembers } = createGroupRequests(service);
const others = createGroupRequests(service, adminToken('globex'));

const describeAnswer = ({ status, body }: TestResponse) => ({
  status,
  ...body,
  details: { ...body?.details, requestId: undefined },
});

describe('a group of another tenant', () => {
  const routes = authenticatedRoutes.filter(
    ({ operation, route }) => /Group/.test(operation) && /\{(groupId|groupName|id)\}/.test(route),
  );

  it.each(routes.map((route) => [route.route, route] as const))(
    '%s answers like for an unknown group',
    async (_title, route) => {
      const group = await createUserForRoute(route, service, 'globex');
      const sent = { token: adminToken('acme'), organization: 'acme' };
      const [other, unknown] = await expectNoWrites(service, async () => [
        await requestRoute(service, route, {
          ...sent,
          user: group,
        }),
        await requestRoute(service, route, { ...sent, user: unknownUser }),
      ]);
      expect(other.status).toBe(404);
      // SCIM names the ID in the message.
      const sameId = JSON.parse(
        JSON.stringify(describeAnswer(other)).replaceAll(group.scim, unknownUser.scim),
      );
      expect(sameId).toEqual(JSON.parse(JSON.stringify(describeAnswer(unknown))));
    },
  );

  it('is an unknown name and external ID', async () => {
    await others.createGroup([], { name: 'Secret', externalId: 'x-1' });
    for (const query of ['name=Secret', 'externalId=x-1'])
      expect((await send('GET', `/v1/groups?${query}`)).body.groups).toEqual([]);
    await createGroup([], { name: 'Secret', externalId: 'x-1' });
  });
});

describe.each([
  ['user', async () => (await createUserIn(service, 'globex')).native, unknownUser.native],
  [
    'app client',
    async () => (await createAppClientIn(service, 'globex')).native,
    'cradl:app-client:none',
  ],
  ['group', () => others.createGroup(['admin']), unknownUser.native.replace('user', 'group')],
] as const)('a %s of another tenant', (_kind, create, unknownId) => {
  it('answers like an unknown member', async () => {
    const [group, foreign] = [await createGroup(), await create()];
    // A member of a group of its own tenant.
    await others.addMember(await others.createGroup(), foreign);
    const request = (memberId: string) =>
      expectNoWrites(service, async () => [
        await send('POST', toMembers(group), { body: { members: [{ memberId }] } }),
        await send('PATCH', `${toMembers(group)}/${memberId}`, { body: { status: 'admin' } }),
        await send('DELETE', `${toMembers(group)}/${memberId}`),
        await send('POST', `${toMembers(group)}/remove`, { body: { memberIds: [memberId] } }),
        await send('GET', `/v1/users/${memberId}/groups`),
      ]);
    const answers = await request(foreign);
    expect(answers.map(({ status }) => status)).toEqual([400, 404, 404, 204, 404]);
    expect(answers.map(describeAnswer)).toEqual((await request(unknownId)).map(describeAnswer));
    expect((await send('GET', toMembers(group))).body.members).toEqual([]);
  });
});
