import { beforeAll, describe, expect, it } from 'vitest';
import {
  createUser,
  creations,
  dialects,
  expectCreated,
  expectTaken,
  readUser,
} from '../../support/dialects/create-user.ts';
import {
  createTestService,
  adminToken,
  systemToken,
  type Service,
  tenantId,
} from '../../support/service.ts';

let service: Service;
beforeAll(async () => {
  service = await createTestService();
});

describe('tenants with separate uniqueness spaces [N02]', () => {
  it.each(dialects)(
    '%s creates the same email and username in two of them, and each user is only visible in its tenant',
    async (dialect) => {
      const fields = { email: `both.${dialect}@example.com`, userName: `both-${dialect}` };
      const here = await createUser(service, dialect, fields, 'acme');
      const there = await createUser(service, dialect, fields, 'globex');
      for (const answer of [here, there]) expectCreated(answer, dialect);

      expect((await readUser(service, dialect, here, 'acme')).status).toBe(200);
      expect((await readUser(service, dialect, there, 'globex')).status).toBe(200);
      // Credible identifies a user by email, and each tenant has one with this email.
      if (dialect !== 'credible')
        expect((await readUser(service, dialect, there, 'acme')).status).toBe(404);
    },
  );

  it('a path finds the user in the tenant of the caller', async () => {
    const fields = { email: 'mine@example.com', userName: 'mine' };
    await createUser(service, 'native', { ...fields, email: 'Mine@example.com' }, 'acme');
    await createUser(service, 'native', { ...fields, email: 'mine@EXAMPLE.com' }, 'globex');
    for (const name of ['mine', 'mine%40example.com']) {
      const read = async (slug: 'acme' | 'globex') =>
        (
          await service.get(`/credible/api/v0/users/${name}`, {
            token: systemToken(slug),
          })
        ).body.email;
      expect([await read('acme'), await read('globex')]).toEqual([
        'Mine@example.com',
        'mine@EXAMPLE.com',
      ]);
    }
  });

  it('a system administrator who selects a tenant by host uses the space of that tenant', async () => {
    const token = systemToken('acme');
    const body = { email: 'hosted@example.com', userName: 'hosted' };
    const { target } = creations.credible;
    expect((await service.post(target, body, { token, host: 'acme.admin.localhost' })).status).toBe(
      201,
    );
    expect(
      (await service.post(target, body, { token, host: 'globex.admin.localhost' })).status,
    ).toBe(201);
    expectTaken(
      await service.post(target, body, { token, host: 'globex.admin.localhost' }),
      'email',
    );
  });
});

describe('tenants that share the system-wide space', () => {
  it.each(dialects)('%s rejects an address that exists in another of them', async (dialect) => {
    expectCreated(
      await createUser(service, dialect, { email: `shared.${dialect}@example.com` }, 'north'),
      dialect,
    );
    expectTaken(
      await createUser(service, dialect, { email: `Shared.${dialect}@EXAMPLE.com` }, 'south'),
      'email',
    );
  });

  it.each(['native', 'credible'] as const)(
    '%s rejects a username that exists in another of them',
    async (dialect) => {
      expectCreated(
        await createUser(
          service,
          dialect,
          { email: `a.${dialect}@example.com`, userName: `one-${dialect}` },
          'north',
        ),
        dialect,
      );
      expectTaken(
        await createUser(
          service,
          dialect,
          { email: `b.${dialect}@example.com`, userName: `ONE-${dialect}` },
          'south',
        ),
        'userName',
      );
    },
  );

  it('a Unicode spelling of an address from another of them is rejected', async () => {
    await createUser(service, 'native', { email: 'fiona@bücher.example' }, 'north');
    expectTaken(
      await createUser(service, 'jitsudo', { email: '\uFB01ONA@xn--bcher-kva.example' }, 'south'),
      'email',
    );
  });

  it('a conflict names the email before the username, regardless of their users', async () => {
    await createUser(service, 'native', { email: 'far@example.com', userName: 'far' }, 'south');
    await createUser(service, 'native', { email: 'near@example.com', userName: 'near' }, 'north');
    expectTaken(
      await createUser(service, 'native', { email: 'far@example.com', userName: 'near' }, 'north'),
      'email',
    );
    expectTaken(
      await createUser(service, 'native', { email: 'near@example.com', userName: 'far' }, 'north'),
      'email',
    );
    expectTaken(
      await createUser(service, 'native', { email: 'free@example.com', userName: 'far' }, 'north'),
      'userName',
    );
  });

  it('a conflict reveals nothing about the other tenant, and its user stays inaccessible', async () => {
    const existing = await createUser(
      service,
      'native',
      { email: 'secret@example.com', userName: 'secret' },
      'north',
    );
    const refused = await createUser(service, 'native', { email: 'secret@example.com' }, 'south');
    expect(refused.text).not.toMatch(
      new RegExp(`north|${tenantId.north}|${existing.body.userId}`, 'i'),
    );
    expect((await readUser(service, 'native', existing, 'south')).status).toBe(404);
    for (const name of ['secret', 'secret%40example.com']) {
      expect(
        (await service.get(`/credible/api/v0/users/${name}`, { token: adminToken('south') }))
          .status,
      ).toBe(404);
    }
  });

  it.each(dialects)('%s keeps them separate from tenants with their own space', async (dialect) => {
    const fields = {
      email: `everywhere.${dialect}@example.com`,
      userName: `everywhere-${dialect}`,
    };
    for (const slug of ['acme', 'north', 'globex'] as const)
      expectCreated(await createUser(service, dialect, fields, slug), dialect);
    for (const slug of ['acme', 'north', 'globex', 'south'] as const)
      expectTaken(await createUser(service, dialect, fields, slug), 'email');
  });
});
