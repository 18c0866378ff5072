/** Brake and log of connections, through requests that change users. */
import { expect, it } from 'vitest';
import { createBrakeStore } from '../../../lib/store/connections/brake-store.ts';
import { parseConnectionId } from '../../../lib/domain/kernel/ids.ts';
import { createScimClient, type ScimClient } from '../../support/scim/scim-client.ts';
import { createTestService } from '../../support/service.ts';

const service = await createTestService();
const brakes = createBrakeStore(service.stored, Date.now);

async function createUser(client: ScimClient, userName: string, fields: object = {}) {
  const { status, body } = await client.send('POST', '/Users', { body: { userName, ...fields } });
  expect(status).toBe(201);
  return `/Users/${body.id}`;
}
const patch = (value: object) => ({ body: { Operations: [{ op: 'replace', value }] } });
const deactivate = (client: ScimClient, path: string) =>
  client.send('PATCH', path, patch({ active: false }));
const read = async ({ connectionId, adminToken: token }: ScimClient, path: string) =>
  (await service.get(`/v1/scim/connections/${connectionId}${path}`, { token })).body;

/** Counts users in this hour and in the next one, which can start while the test runs. */
async function countBefore({ tenantId, connectionId }: ScimClient, count: number) {
  const connection = { tenantId, connectionId: parseConnectionId(connectionId) ?? '' };
  for (const ms of [Date.now(), Date.now() + 3_600_000])
    await brakes.count(connection, new Date(ms).toISOString().slice(0, 13), count);
}

it('holds a connection that deprovisions more than 50 users in an hour', async () => {
  const client = await createScimClient(service, {
    brake: 'hold',
    roleIds: ['cradl:role:provisioner', 'cradl:role:user'],
    roleMap: { member: 'cradl:role:user' },
  });
  const paths: string[] = [];
  for (const name of ['a', 'b', 'c', 'd', 'e'])
    paths.push(await createUser(client, name, { roles: [{ value: 'member' }] }));
  const [first = '', second = '', third = '', fourth = '', fifth = ''] = paths;
  await countBefore(client, 48);

  expect((await deactivate(client, first)).status).toBe(200);
  // Neither changes nor repetitions count.
  await deactivate(client, first);
  await client.send('PATCH', second, patch({ title: 'Lead' }));
  expect((await client.send('PATCH', second, patch({ roles: [] }))).status).toBe(200);
  expect((await read(client, '/health')).brake.held).toBe(false);
  expect((await client.send('DELETE', third)).status).toBe(204);

  const rejection = await deactivate(client, fourth);

  expect(rejection).toMatchObject({
    status: 429,
    headers: { 'retry-after': '3600', 'content-type': 'application/scim+json; charset=utf-8' },
    body: { schemas: ['urn:ietf:params:scim:api:messages:2.0:Error'], status: '429' },
  });
  expect((await client.send('DELETE', fourth)).status).toBe(429);
  expect((await client.send('PATCH', fourth, patch({ roles: [] }))).status).toBe(429);
  expect((await client.send('GET', fourth)).body).toMatchObject({ active: true });
  // Other requests continue.
  expect((await client.send('PATCH', fifth, patch({ title: 'Lead' }))).status).toBe(200);
  expect((await client.send('PATCH', first, patch({ active: true }))).status).toBe(200);
  const { brake, warnings } = await read(client, '/health');
  expect(brake).toMatchObject({ held: true, userCount: 51, threshold: 50 });
  expect(warnings.join()).toMatch(/deprovisioned many users.*until you release its brake/);
  const release = `/v1/scim/connections/${client.connectionId}/brake/release`;
  await service.post(release, undefined, { token: client.adminToken });
  expect((await deactivate(client, fourth)).status).toBe(200);
});

it('only warns by default', async () => {
  const client = await createScimClient(service);
  const paths = [await createUser(client, 'a'), await createUser(client, 'b')];
  await countBefore(client, 50);

  for (const path of paths) expect((await deactivate(client, path)).status).toBe(200);

  const { brake, warnings } = await read(client, '/health');
  expect(brake).toMatchObject({ held: false, userCount: 51 });
  expect(warnings).toEqual([expect.stringContaining('deprovisioned many users')]);
});

it('writes the description of a user, and keeps one that a request omits', async () => {
  const client = await createScimClient(service);
  const urn = 'urn:ietf:params:scim:schemas:extension:roster:2.0:User';
  const body = { userName: 'di@x.org', externalId: 'di', [urn]: { description: 'Line 1\nLine 2' } };
  const created = await client.send('POST', '/Users', { body });
  const path = `/Users/${created.body.id}`;
  const describe = async () => (await client.send('GET', path)).body[urn]?.description;
  expect(created.body[urn]).toEqual(body[urn]);

  const { [urn]: _, ...rest } = body;
  await client.send('PUT', path, { body: { ...rest, active: false } });
  await client.send('POST', '/Users', { body: rest });
  expect(await describe()).toBe('Line 1\nLine 2');

  const invalid = patch({ [urn]: { description: 'a\u202eb' } });
  expect((await client.send('PATCH', path, invalid)).body).toMatchObject({
    scimType: 'invalidValue',
    detail: expect.stringMatching(/^description /),
  });
  await client.send('PATCH', path, patch({ [`${urn}:description`]: 'Other' }));
  expect(await describe()).toBe('Other');
  const removal = { Operations: [{ op: 'remove', path: `${urn}:description` }] };
  await client.send('PATCH', path, { body: removal });
  expect(await describe()).toBeUndefined();
  const { entries } = await read(client, '/log?maxResults=2');
  expect(entries[1].changedAttributes).toEqual([urn]);
});

it('logs which attributes changed', async () => {
  const client = await createScimClient(service, { changePassword: true, authProvider: 'local' });
  const path = await createUser(client, 'ann@x.org', { title: 'Lead', shoeSize: 42 });
  await client.send(
    'PATCH',
    path,
    patch({ title: 'Lead', displayName: 'Ann', active: false, password: 'new horse new staple' }),
  );
  await client.send('PATCH', path, patch({ title: 'Lead' }));
  const names = Array.from({ length: 1000 }, (_, index) => [`a${index}`, 1] as const);
  await client.send('PATCH', path, patch(Object.fromEntries(names)));

  const { entries } = await read(client, '/log');

  expect(
    entries.map(({ changedAttributes }: { changedAttributes: string[] }) => changedAttributes),
  ).toEqual([[], [], ['password', 'active', 'displayName'], ['userName', 'title']]);
  expect(entries[3].skipped).toEqual([{ reason: 'unknown attribute', name: 'shoeSize', id: null }]);
  expect(entries[0].skipped[0].reason).toBe('900 parts are not in this list');
  expect(entries[0].userId).toContain(entries[3].userId);
});
