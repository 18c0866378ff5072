import { beforeAll, describe, expect, it } from 'vitest';
import {
  creates,
  creations,
  dialects,
  expectCreated,
  expectTaken,
  readsBack,
} from '../../support/dialects/create-user.ts';
import {
  aService,
  anAdminOf,
  aSystemAdministrator,
  type Service,
  tenantId,
} from '../../support/service.ts';

let service: Service;
beforeAll(async () => {
  service = await aService();
});

describe('N02: tenants with a space of their own', () => {
  it.each(dialects)(
    '%s creates one address and one user name in two of them, and neither sees the other',
    async (dialect) => {
      const fields = { email: `both.${dialect}@example.com`, userName: `both-${dialect}` };
      const here = await creates(service, dialect, fields, 'acme');
      const there = await creates(service, dialect, fields, 'globex');
      for (const answer of [here, there]) expectCreated(answer, dialect);

      expect((await readsBack(service, dialect, here, 'acme')).status).toBe(200);
      expect((await readsBack(service, dialect, there, 'globex')).status).toBe(200);
      // Credible names the user by its address, which each tenant has one of.
      if (dialect !== 'credible')
        expect((await readsBack(service, dialect, there, 'acme')).status).toBe(404);
    },
  );

  it('a path finds the user of the tenant that asks', async () => {
    const fields = { email: 'mine@example.com', userName: 'mine' };
    await creates(service, 'native', { ...fields, email: 'Mine@example.com' }, 'acme');
    await creates(service, 'native', { ...fields, email: 'mine@EXAMPLE.com' }, 'globex');
    for (const name of ['mine', 'mine%40example.com']) {
      const read = async (slug: 'acme' | 'globex') =>
        (
          await service.gets(`/credible/api/v0/users/${name}`, {
            token: aSystemAdministrator(slug),
          })
        ).body.email;
      expect([await read('acme'), await read('globex')]).toEqual([
        'Mine@example.com',
        'mine@EXAMPLE.com',
      ]);
    }
  });

  it('the tenant of a system administrator who names another by host is the one whose space counts', async () => {
    const token = aSystemAdministrator('acme');
    const body = { email: 'hosted@example.com', userName: 'hosted' };
    const { target } = creations.credible;
    expect(
      (await service.posts(target, body, { token, host: 'acme.admin.localhost' })).status,
    ).toBe(201);
    expect(
      (await service.posts(target, body, { token, host: 'globex.admin.localhost' })).status,
    ).toBe(201);
    expectTaken(
      await service.posts(target, body, { token, host: 'globex.admin.localhost' }),
      'email',
    );
  });
});

describe('tenants that share the system-wide space', () => {
  it.each(dialects)('%s refuses an address that another of them has', async (dialect) => {
    expectCreated(
      await creates(service, dialect, { email: `shared.${dialect}@example.com` }, 'north'),
      dialect,
    );
    expectTaken(
      await creates(service, dialect, { email: `Shared.${dialect}@EXAMPLE.com` }, 'south'),
      'email',
    );
  });

  it.each(['native', 'credible'] as const)(
    '%s refuses a user name that another of them has',
    async (dialect) => {
      expectCreated(
        await creates(
          service,
          dialect,
          { email: `a.${dialect}@example.com`, userName: `one-${dialect}` },
          'north',
        ),
        dialect,
      );
      expectTaken(
        await creates(
          service,
          dialect,
          { email: `b.${dialect}@example.com`, userName: `ONE-${dialect}` },
          'south',
        ),
        'userName',
      );
    },
  );

  it('a Unicode spelling of an address that another of them has is refused', async () => {
    await creates(service, 'native', { email: 'fiona@bücher.example' }, 'north');
    expectTaken(
      await creates(service, 'jitsudo', { email: '\uFB01ONA@xn--bcher-kva.example' }, 'south'),
      'email',
    );
  });

  it('the address is named first, wherever it is held and whoever holds the user name', async () => {
    await creates(service, 'native', { email: 'far@example.com', userName: 'far' }, 'south');
    await creates(service, 'native', { email: 'near@example.com', userName: 'near' }, 'north');
    expectTaken(
      await creates(service, 'native', { email: 'far@example.com', userName: 'near' }, 'north'),
      'email',
    );
    expectTaken(
      await creates(service, 'native', { email: 'near@example.com', userName: 'far' }, 'north'),
      'email',
    );
    expectTaken(
      await creates(service, 'native', { email: 'free@example.com', userName: 'far' }, 'north'),
      'userName',
    );
  });

  it('a refusal says nothing of the tenant that has the address, and the user stays out of reach', async () => {
    const held = await creates(
      service,
      'native',
      { email: 'secret@example.com', userName: 'secret' },
      'north',
    );
    const refused = await creates(service, 'native', { email: 'secret@example.com' }, 'south');
    expect(refused.text).not.toMatch(
      new RegExp(`north|${tenantId.north}|${held.body.userId}`, 'i'),
    );
    expect((await readsBack(service, 'native', held, 'south')).status).toBe(404);
    for (const name of ['secret', 'secret%40example.com']) {
      expect(
        (await service.gets(`/credible/api/v0/users/${name}`, { token: anAdminOf('south') }))
          .status,
      ).toBe(404);
    }
  });

  it.each(dialects)('%s never lets them and the other tenants collide', async (dialect) => {
    const fields = {
      email: `everywhere.${dialect}@example.com`,
      userName: `everywhere-${dialect}`,
    };
    for (const slug of ['acme', 'north', 'globex'] as const)
      expectCreated(await creates(service, dialect, fields, slug), dialect);
    for (const slug of ['acme', 'north', 'globex', 'south'] as const)
      expectTaken(await creates(service, dialect, fields, slug), 'email');
  });
});
