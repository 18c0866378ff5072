import { describe, expect, it } from 'vitest';
import { schemaVersion } from '../../lib/store/dynamodb/tables.ts';
import { keys } from '../../lib/store/keys.ts';
import { createUserIn } from '../support/authenticated-routes.ts';
import { createTestService, userToken, tenantId } from '../support/service.ts';

const service = await createTestService();

describe.each([schemaVersion - 1, schemaVersion + 1])('a user of schema version %i', (version) => {
  it('is unavailable instead of misread', async () => {
    const user = await createUserIn(service, 'acme');
    const item = await service.stored.item(keys.user(tenantId.acme, user.jitsudo));
    const read = (path: string) =>
      service.send('GET', path, { token: userToken('acme', ['admin']) });
    expect((await read(`/v1/users/${user.native}`)).status).toBe(200);

    await service.stored.put({ ...item, schemaVersion: version });

    for (const path of [`/v1/users/${user.native}`, `/v1/users/${user.native}/export`, '/v1/users'])
      expect(await read(path)).toMatchObject({ status: 503, body: { code: 'unavailable' } });
    await service.stored.put(item!);
  });
});
