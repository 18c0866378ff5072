import { expect, it } from 'vitest';
import { createUserIn } from '../support/authenticated-routes.ts';
import { createFaultyService, passThrough } from '../support/faults/fault-proxy.ts';
import { adminToken } from '../support/service.ts';

it.each(['not deleted', 'deleted'])(
  'a user that is %s cannot be restored during an erasure',
  async (state) => {
    const { database, service } = await createFaultyService();
    const token = adminToken('acme');
    const user = await createUserIn(service, 'acme');
    const sends = (method: string, path = '') =>
      service.send(method, `/v1/users/${user.native}${path}`, { token });
    if (state === 'deleted') await sends('DELETE');

    // A restore arrives before the erasure removes the first item.
    const isReached = Promise.withResolvers<void>();
    const mayGoOn = Promise.withResolvers<void>();
    let isHeld = false;
    database.goesWrong(({ operation }) => {
      if (operation !== 'DeleteItem' || isHeld) return undefined;
      isHeld = true;
      return async (exchange) => {
        isReached.resolve();
        await mayGoOn.promise;
        await passThrough(exchange);
      };
    });
    const erasing = sends('POST', '/erase');
    await isReached.promise;
    expect(await sends('POST', '/restore')).toMatchObject({
      status: 409,
      body: { code: 'restore_expired', details: { allowed: ['erase'] } },
    });
    mayGoOn.resolve();
    expect((await erasing).status).toBe(204);
    expect(JSON.stringify(await service.stored.all())).not.toContain(user.credible);
  },
);
