import { randomUUID } from 'node:crypto';
import { expect, it } from 'vitest';
import { toHex } from '../../../lib/domain/kernel/ids.ts';
import { createUserIn } from '../../support/authenticated-routes.ts';
import { provisionUser } from '../../support/scim/managed-users.ts';
import { auditTables } from '../../support/database/table-audit.ts';
import { createUserReferences } from '../../../lib/store/connections/user-references.ts';
import { adminToken, createTestService, tenantId } from '../../support/service.ts';

const service = await createTestService();
const token = adminToken('acme');
const connectionId = randomUUID();
const attributes = { nickName: 'Babs', emails: [{ value: 'babs@home.example', type: 'home' }] };
const scimAttributes = JSON.stringify(attributes);

it('shows the connection in the native API, and all SCIM data only in the export', async () => {
  const user = await createUserIn(service, 'acme');
  const get = async (path = '') =>
    (await service.get(`/v1/users/${user.native}${path}`, { token })).body;
  expect([(await get()).managedBy, (await get('/export')).scim]).toEqual([null, null]);
  const managedBy = { connectionId, externalId: '00ujl29u0le5T6Aj10h7' };
  await provisionUser(service, user, { managedBy, scimAttributes });

  const response = await get();
  const { body: list } = await service.get('/v1/users', { token });
  const listed = list.users.find(({ userId }: { userId: string }) => userId === user.native);
  const exported = await get('/export');
  const jitsudo = await service.get(`/jitsudo/v1/users/${user.jitsudo}`, { token });

  const connection = { connectionId: `cradl:connection:${toHex(connectionId)}` };
  expect([response.managedBy, listed.managedBy]).toEqual([connection, connection]);
  expect(exported).toMatchObject({
    user: { managedBy: connection },
    scim: { externalId: managedBy.externalId, attributes },
    changes: [{ before: { managedBy: null, scimAttributes: null } }],
  });
  for (const body of [response, listed, jitsudo.body])
    expect(JSON.stringify(body)).not.toMatch(/00ujl29u0le5T6Aj10h7|Babs|home\.example/);
});

it('finds managed users by their external ID and by every email', async () => {
  const { findByScimId, findByMailValue } = createUserReferences(service.stored);
  const { acme } = tenantId;
  const [one, two, other] = [randomUUID(), randomUUID(), randomUUID()];
  const long = `${'ö'.repeat(300)}@example.com`;
  const provision = async (id: string, externalId: string, values: readonly string[]) => {
    const user = await createUserIn(service, 'acme', { email: `${id}@example.com` });
    const emails = values.map((value) => ({ value }));
    await provisionUser(service, user, {
      managedBy: { connectionId: id === other ? other : connectionId, externalId },
      scimAttributes: JSON.stringify({ emails }),
    });
    return user;
  };
  const users = {
    [one]: await provision(one, 'A1', [`${one}@example.com`, `${two}@EXAMPLE.com`, long]),
    [two]: await provision(two, 'A1', [`${two}@example.com`]),
    [other]: await provision(other, 'a1', [long, 'not an email', `${two}@example.com#x@y.example`]),
  };
  const find = async (found: Promise<readonly { readonly userId: string; status: string }[]>) =>
    (await found)
      .map(({ userId, status }) => {
        const name = Object.keys(users).find((id) => users[id]?.jitsudo === userId);
        return `${status === 'deleted' ? 'deleted ' : ''}${name}`;
      })
      .toSorted();
  const send = async (method: string, id: string, path = '', body?: object) =>
    (await service.send(method, `/v1/users/${users[id]?.native}${path}`, { token, body })).status;
  const findAll = () =>
    Promise.all([
      find(findByScimId(acme, connectionId, 'A1')),
      find(findByScimId(acme, other, 'a1')),
      find(findByMailValue(acme, `${one}@example.com`)),
      find(findByMailValue(acme, `${two}@Example.com`)),
      find(findByMailValue(acme, long)),
    ]);
  const both = [one, two].toSorted();

  expect(await findAll()).toEqual([both, [other], [one], both, [one, other].toSorted()]);
  expect(await find(findByScimId(acme, connectionId, 'a1'))).toEqual([]);
  expect(await find(findByMailValue(acme, 'not an email'))).toEqual([other]);

  // The claimed email and another one of the list change places.
  expect(await send('PATCH', two, '', { email: `new-${two}@example.com` })).toBe(200);
  expect(await send('PATCH', one, '', { email: `${two}@example.com` })).toBe(200);
  expect(await findAll()).toEqual([both, [other], [one], both, [one, other].toSorted()]);

  expect(await send('DELETE', one)).toBe(204);
  const deleted = [`deleted ${one}`, two].toSorted();
  expect(await findAll()).toEqual([deleted, [other], [], [two], [other]]);
  expect(await send('POST', one, '/restore')).toBe(200);
  expect(await findAll()).toEqual([both, [other], [one], both, [one, other].toSorted()]);

  expect([await send('DELETE', one), await send('POST', one, '/erase')]).toEqual([204, 204]);
  expect(await send('POST', other, '/erase')).toBe(204);
  expect(await findAll()).toEqual([[two], [], [], [two], []]);
  const { missing, stray } = await auditTables(service);
  expect([missing, stray]).toEqual([[], []]);
});
