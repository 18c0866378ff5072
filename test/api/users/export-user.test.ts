import { describe, expect, it } from 'vitest';
import { createUserIn, type UserRefs } from '../../support/authenticated-routes.ts';
import { goodPassword } from '../../support/dialects/create-user.ts';
import { picture, unique } from '../../support/dialects/dialects.ts';
import { createFaultyService, passThrough } from '../../support/faults/fault-proxy.ts';
import {
  addHistory,
  createUserWithStatus,
  requestTransition,
} from '../../support/scenarios/user-states.ts';
import {
  adminToken,
  createTestService,
  issuer,
  tenantId,
  userToken,
} from '../../support/service.ts';

const service = await createTestService();

const readExports = async ({ jitsudo: id }: UserRefs) =>
  (await service.stored.all()).filter(
    ({ type, resource }) => type === 'user.exported' && resource.id === id,
  );

describe('an export [L06]', () => {
  it('is recorded with its caller, once for all pages', async () => {
    const user = await createUserIn(service, 'acme');
    for (const name of ['Ann', 'Ada'])
      await requestTransition(service, 'PATCH', user, '', { body: { name } });
    const path = `/v1/users/${user.native}/export?maxResults=1`;
    const own = { sub: user.native, tenantId: tenantId.acme, roles: ['admin'] };
    for (const token of [adminToken('acme'), issuer.mintAccessToken(own)]) {
      const { nextToken } = (await service.get(path, { token })).body;
      const next = await service.get(`${path}&nextToken=${nextToken}`, { token });
      expect(next.body.changes).toHaveLength(1);
    }
    const denied = await service.get(path, { token: userToken('acme', []) });
    expect(denied.status).toBe(403);
    const records = await readExports(user);
    expect(records).toHaveLength(2);
    for (const actor of [
      { type: 'external', id: expect.stringMatching(/^[0-9a-f]{32}$/) },
      { type: 'user', id: user.jitsudo },
    ])
      expect(records).toContainEqual(
        expect.objectContaining({
          type: 'user.exported',
          resource: { type: 'user', id: user.jitsudo },
          actor,
          policies: ['update-user'],
        }),
      );
    expect(JSON.stringify(records)).not.toContain('admin-of-acme');
  });

  it('contains all data about the user and its history, but no secret', async () => {
    const fields = {
      name: 'Jo Smith',
      metadata: { costCentre: 4711 },
      avatar: picture,
      identity: { issuer: 'https://id.example.com', subject: unique() },
    };
    const user = await createUserIn(service, 'acme', { ...fields, password: goodPassword });
    await requestTransition(service, 'PATCH', user, '', {
      body: { name: 'Jane Smith', metadata: { costCentre: null, floor: 3 } },
    });
    await requestTransition(service, 'POST', user, '/suspend');
    const { body, headers, text } = await requestTransition(service, 'GET', user, '/export');

    expect(headers).toMatchObject({
      'content-type': 'application/json',
      'cache-control': 'no-store',
    });
    expect(body.user).toEqual((await requestTransition(service, 'GET', user)).body);
    expect(body.user).toMatchObject({
      name: 'Jane Smith',
      metadata: { floor: 3 },
      avatar: picture,
      identity: fields.identity,
    });
    expect(body.invitation).toBeNull();
    expect(body.changes.map(({ before }: { before: object }) => before)).toEqual([
      { name: 'Jo Smith', metadata: { costCentre: 4711, floor: null } },
      { status: 'active' },
    ]);
    const hashes = (await service.stored.all(service.stored.secrets)).map(({ passwordHash }) =>
      String(passwordHash),
    );
    for (const secret of [
      goodPassword,
      ...hashes,
      'argon2',
      'passwordHash',
      'idempotencyId',
      'TENANT#',
    ])
      expect(text).not.toContain(secret);
  });

  it('of an invited user contains the invitation and its delivery, but no link', async () => {
    const user = await createUserIn(service, 'acme');
    const readExport = async () => (await requestTransition(service, 'GET', user, '/export')).body;
    expect((await readExport()).invitation).toMatchObject({
      status: 'pending',
      invitedBy: 'admin-of-acme',
      delivery: { status: 'pending' },
    });
    const [mail] = await service.deliverPendingMail();
    expect((await readExport()).invitation).toEqual(
      (await requestTransition(service, 'GET', user, '/invitation')).body,
    );
    expect((await readExport()).invitation.delivery).toMatchObject({
      status: 'sent',
      sentTimes: [expect.any(String)],
    });
    const token = /#token=([\w-]+)/.exec(mail?.text ?? '')?.[1] ?? 'no mail';
    expect(JSON.stringify(await readExport())).not.toContain(token);
    // The invitation remains after a delete.
    await requestTransition(service, 'DELETE', user);
    expect((await readExport()).invitation).toMatchObject({
      status: 'pending',
      delivery: { status: 'sent' },
    });
  });

  it('omits the stored response for repeated requests', async () => {
    const sent = { token: adminToken('acme'), headers: { 'idempotency-key': unique() } };
    const { body } = await service.post('/v1/users', { email: `${unique()}@example.com` }, sent);
    const { creation } = (
      await service.get(`/v1/users/${body.userId}/export`, { token: adminToken('acme') })
    ).body;
    expect(Object.keys(creation).toSorted()).toEqual(['issuer', 'policies', 'requestId', 'time']);
  });

  it('of a deleted user contains the user and its changes', async () => {
    const user = await createUserWithStatus('deleted', service, { description: 'gone' });
    const { body } = await requestTransition(service, 'GET', user, '/export');
    expect(body.user).toMatchObject({ status: 'deleted', description: 'gone', version: 2 });
    expect(body.changes).toMatchObject([
      { version: 2, action: 'delete', before: { status: 'active' } },
    ]);
  });

  it('requires the permission to update users, in the same tenant', async () => {
    const user = await createUserWithStatus('active', service);
    const getStatus = async (token: string) =>
      (await requestTransition(service, 'GET', user, '/export', { token })).status;
    expect([
      await getStatus(userToken('acme', ['user'])),
      await getStatus(userToken('acme', ['approver'])),
      await getStatus(adminToken('globex')),
    ]).toEqual([403, 403, 404]);
  });

  it('returns 403 for users with more permissions than the caller, even deleted ones [SEC-21]', async () => {
    const other = await createTestService();
    await other.putRole('acme', {
      slug: 'helpdesk',
      name: 'Helpdesk',
      permissions: ['users:read', 'users:update'],
    });
    const [admin, approver] = await Promise.all(
      ['admin', 'approver'].map((role) =>
        createUserWithStatus('active', other, { roleIds: [`cradl:role:${role}`] }),
      ),
    );
    const exportUser = (user = admin) =>
      requestTransition(other, 'GET', user!, '/export', { token: userToken('acme', ['helpdesk']) });
    expect((await exportUser(approver)).status).toBe(200);
    expect(await exportUser()).toMatchObject({ status: 403, body: { code: 'forbidden' } });
    await requestTransition(other, 'DELETE', admin!);
    expect((await exportUser()).status).toBe(403);
  });

  it('returns 404 if the user is erased during the export', async () => {
    const { database, service: other } = await createFaultyService();
    const user = await createUserWithStatus('active', other);
    let isErased = false;
    database.goesWrong(({ operation }) => {
      if (operation !== 'Query' || isErased) return undefined;
      isErased = true;
      return async (exchange) => {
        expect((await requestTransition(other, 'POST', user, '/erase')).status).toBe(204);
        await passThrough(exchange);
      };
    });
    expect(await requestTransition(other, 'GET', user, '/export')).toMatchObject({
      status: 404,
      body: { code: 'not_found' },
    });
  });

  it.each(['active', 'deleted'] as const)(
    'of a large history (%s user) has pages that fit into a Lambda response [F4 SEC-11]',
    async (status) => {
      const user = await createUserIn(service, 'acme', {
        password: goodPassword,
        metadata: { text: '"'.repeat(32_000) },
        avatar: picture,
      });
      await addHistory(service, user, 110, 65_000);
      await addHistory(service, user, 70, 100);
      if (status === 'deleted') await requestTransition(service, 'DELETE', user);
      const pages: {
        user: { version: number };
        creation: object;
        changes: { version: number }[];
        nextToken: string | null;
      }[] = [];
      for (let query = '?maxResults=100'; query !== ''; ) {
        const page = await requestTransition(service, 'GET', user, `/export${query}`);
        expect(page.status).toBe(200);
        expect(Buffer.byteLength(JSON.stringify(page.text))).toBeLessThan(2 * 1024 * 1024);
        pages.push(page.body);
        query =
          page.body.nextToken === null ? '' : `?maxResults=100&nextToken=${page.body.nextToken}`;
      }
      const version = status === 'deleted' ? 182 : 181;
      expect(pages.flatMap(({ changes }) => changes.map((change) => change.version))).toEqual(
        Array.from({ length: version - 1 }, (_, index) => index + 2),
      );
      for (const page of pages)
        expect([page.user, page.creation]).toEqual([pages[0]?.user, pages[0]?.creation]);
      expect(pages[0]?.user.version).toBe(version);
      // Depends on whether a page of the database ends before or after 1 MB.
      expect(pages.length).toBeOneOf([7, 8]);
    },
  );

  it('rejects the cursor of another user and unknown parameters', async () => {
    const [one, two] = [
      await createUserWithStatus('active', service),
      await createUserWithStatus('active', service),
    ];
    await addHistory(service, one, 2, 10);
    const { body } = await requestTransition(service, 'GET', one, '/export?maxResults=1');
    expect([body.changes.length, typeof body.nextToken]).toEqual([1, 'string']);
    expect(
      (await requestTransition(service, 'GET', one, `/export?nextToken=${body.nextToken}`)).body
        .changes,
    ).toMatchObject([{ version: 3 }]);
    expect(
      (await requestTransition(service, 'GET', two, `/export?nextToken=${body.nextToken}`)).status,
    ).toBe(400);
    expect((await requestTransition(service, 'GET', one, '/export?limit=1')).status).toBe(400);
  });

  it('shows the user with the version of the last listed change', async () => {
    const { database, service: other } = await createFaultyService();
    const user = await createUserWithStatus('active', other);
    let isChanged = false;
    database.goesWrong(({ operation }) => {
      if (operation !== 'Query' || isChanged) return undefined;
      isChanged = true;
      return async (exchange) => {
        expect((await requestTransition(other, 'POST', user, '/suspend')).status).toBe(200);
        await passThrough(exchange);
      };
    });
    const { body } = await requestTransition(other, 'GET', user, '/export');
    expect(body.user.version).toBe(1 + body.changes.length);
  });
});
