import { randomUUID } from 'node:crypto';
import { expect, it } from 'vitest';
import { toHex } from '../../../lib/domain/kernel/ids.ts';
import { createUserIn } from '../../support/authenticated-routes.ts';
import { provisionUser } from '../../support/scim/managed-users.ts';
import { adminToken, createTestService } from '../../support/service.ts';

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
