import { describe, expect, it } from 'vitest';
import { schemaVersion } from '../../lib/store/dynamodb/tables.ts';
import { type Key, keys } from '../../lib/store/keys.ts';
import { createUserIn } from '../support/authenticated-routes.ts';
import { createTestService, userToken, tenantId } from '../support/service.ts';

const service = await createTestService();
const get = (path: string) => service.send('GET', path, { token: userToken('acme', ['admin']) });

describe.each([schemaVersion - 1, schemaVersion + 1])('an item of schema version %i', (version) => {
  it('is unavailable instead of misread', async () => {
    const user = await createUserIn(service, 'acme');
    const readers: [Key, string[]][] = [
      [
        keys.user(tenantId.acme, user.jitsudo),
        [`/v1/users/${user.native}`, `/v1/users/${user.native}/export`],
      ],
      [keys.emailClaim(tenantId.acme, `${user.credible}@example.com`), ['/v1/users']],
    ];
    for (const [key, paths] of readers) {
      const item = await service.stored.item(key);
      for (const path of paths) expect((await get(path)).status).toBe(200);

      await service.stored.put({ ...item, schemaVersion: version });

      for (const path of paths)
        expect(await get(path)).toMatchObject({ status: 503, body: { code: 'unavailable' } });
      await service.stored.put(item!);
    }
  });
});

describe('a list entry', () => {
  it.each([
    ['without a view', { view: undefined }],
    ['without a schema version', { schemaVersion: undefined, view: '{"email":"old@x.example"}' }],
  ])('%s is read from its user', async (_what, changes) => {
    const user = await createUserIn(service, 'acme');
    const key = keys.emailClaim(tenantId.acme, `${user.credible}@example.com`);
    await service.stored.put({ ...(await service.stored.item(key)), ...changes });

    const { body } = await get(`/v1/users?emailPrefix=${user.credible}`);

    const { lastSignInTime: _unlisted, ...listed } = (await get(`/v1/users/${user.native}`)).body;
    expect(body.users).toEqual([listed]);
  });
});
