/**
 * Cursors are valid only for their list, tenant, dialect and deployment, unchanged and for 30 days.
 */
import { createHmac } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { keys } from '../../../lib/store/keys.ts';
import {
  seedUsers,
  requestPage,
  listDialects,
  listings,
  type Query,
  readAllPages,
  readListPage,
} from '../../support/dialects/list-users.ts';
import { createTestService, systemToken, issuer, tenantId } from '../../support/service.ts';

const days = 24 * 3600 * 1000;

let clock = Date.now();
const service = await createTestService({ now: () => new Date(clock) });
const crowd = await seedUsers(service, 'acme', 6);
await seedUsers(service, 'globex', 6);
/** Claims of a token that outlives every cursor. */
const claims = { iss: issuer.settings.issuer, aud: 'roster', roles: ['admin'] };
const times = {
  iat: Math.floor(Date.now() / 1000),
  exp: Math.floor((Date.now() + 60 * days) / 1000),
};
const token = issuer.mint({ ...claims, ...times, sub: 'admin', tenant_id: tenantId.acme });

const getCursor = async (dialect: (typeof listDialects)[number], query = {}): Promise<string> =>
  (await readListPage(service, dialect, { token, query: { limit: 2, ...query } })).next ?? '';

const refusal = (dialect: (typeof listDialects)[number]) => ({
  status: 400,
  body: {
    code: 'invalid_input',
    details: {
      issues: [
        {
          path: listings[dialect].cursor,
          message: 'must be a cursor that this list returned in the last 30 days',
        },
      ],
    },
  },
});

describe.each(listDialects)('a cursor of %s [J16]', (dialect) => {
  /** The native dialect is tested with every character, the others with every tenth. */
  const step = dialect === 'native' ? 1 : 10;
  const requestNext = (cursor: string, options = {}) =>
    requestPage(service, dialect, { token, query: { cursor, limit: 2 }, ...options });
  const toEmails = (body: unknown) =>
    listings[dialect].usersOf(body).map(listings[dialect].emailOf);

  it('continues after its page, repeatedly and with any page size', async () => {
    const cursor = await getCursor(dialect);
    for (const limit of [1, 2, 3, 3]) {
      expect(toEmails((await requestNext(cursor, { query: { cursor, limit } })).body)).toEqual(
        crowd.slice(2, 2 + limit),
      );
    }
  });

  it('is valid for every caller who can read the list', async () => {
    const answer = await requestNext(await getCursor(dialect), { token: systemToken() });
    expect(toEmails(answer.body)).toEqual(crowd.slice(2, 4));
  });

  it('is rejected if any character is changed', async () => {
    const cursor = await getCursor(dialect);
    for (let index = 0; index < cursor.length; index += step) {
      const changed = `${cursor.slice(0, index)}${cursor[index] === 'A' ? 'B' : 'A'}${cursor.slice(index + 1)}`;
      expect(await requestNext(changed), changed).toMatchObject(refusal(dialect));
    }
    // Bits that base64 does not use. A decoder ignores them.
    const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
    const last = alphabet.indexOf(cursor.at(-1) ?? '');
    for (const other of [1, 2, 3, 15]) {
      expect(await requestNext(`${cursor.slice(0, -1)}${alphabet[last ^ other]}`)).toMatchObject(
        refusal(dialect),
      );
    }
  });

  it('is rejected if it is shortened or extended', async () => {
    const cursor = await getCursor(dialect);
    const forged = Buffer.from(JSON.stringify([crowd[0], clock])).toString('base64url');
    const [salt, rest] = [cursor.slice(0, 22), cursor.slice(22)];
    const cut = Array.from(cursor, (_, length) => cursor.slice(0, length)).filter(
      (_, length) => length % step === 0,
    );
    const added = ['.', '=', '==', ' ', '!', 'A', '\u0000', '.a', ',', '%'].flatMap((more) => [
      `${cursor}${more}`,
      `${more}${cursor}`,
    ]);
    const odd = [
      salt,
      rest,
      `${rest}${salt}`,
      `${salt}!${rest}`,
      `${salt}${forged}`,
      `${salt}${forged}${rest.slice(-22)}`,
      forged,
    ];
    for (const bad of [...cut, ...added, ...odd, 'x'.repeat(4096), '..', '0', 'null', '{}']) {
      expect(await requestNext(bad), bad).toMatchObject(refusal(dialect));
    }
    expect(await requestNext('x'.repeat(4097))).toMatchObject({
      status: 400,
      body: { code: 'invalid_input', details: { issues: [{ path: listings[dialect].cursor }] } },
    });
  });

  it('reveals nothing about the last user and is different every time', async () => {
    const [first, second] = [await getCursor(dialect), await getCursor(dialect)];
    expect(first).not.toBe(second);
    for (const part of first.split('.')) {
      const decoded = Buffer.from(part, 'base64url').toString('latin1');
      for (const secret of [crowd[1]!, crowd[1]!.slice(0, 6), 'example', 'native', tenantId.acme]) {
        expect(`${first}${decoded}`).not.toContain(secret);
      }
    }
  });

  it('in the previous, readable format with a MAC is rejected', async () => {
    await getCursor(dialect);
    const deploymentKey = await service.stored.item(keys.deploymentKey, service.stored.secrets);
    const content = Buffer.from(JSON.stringify([crowd[1], clock])).toString('base64url');
    const mac = createHmac('sha256', Buffer.from(deploymentKey?.['key'], 'base64'))
      .update(JSON.stringify(['cursor', content, tenantId.acme, dialect, {}]))
      .digest('base64url');
    expect(await requestNext(`${content}.${mac}`)).toMatchObject(refusal(dialect));
  });

  it('is rejected in another tenant, even for callers who can read both', async () => {
    const cursor = await getCursor(dialect);
    const otherTenantToken = issuer.mint({
      ...claims,
      ...times,
      sub: 'admin',
      tenant_id: tenantId.globex,
    });
    for (const other of [otherTenantToken, systemToken()]) {
      expect(await requestNext(cursor, { slug: 'globex', token: other })).toMatchObject(
        refusal(dialect),
      );
    }
  });

  it('is rejected in every other dialect', async () => {
    const cursor = await getCursor(dialect);
    for (const other of listDialects.filter((each) => each !== dialect)) {
      expect(await requestPage(service, other, { token, query: { cursor } })).toMatchObject(
        refusal(other),
      );
    }
  });

  it('is rejected in another deployment', async () => {
    const other = await createTestService();
    await seedUsers(other, 'acme', 6);
    // Each deployment creates its key with the first cursor.
    expect((await readListPage(other, dialect, { query: { limit: 2 } })).next).not.toBeNull();
    expect(
      await requestPage(other, dialect, { query: { cursor: await getCursor(dialect) } }),
    ).toMatchObject(refusal(dialect));
  });

  it('is valid for 30 days', async () => {
    const cursor = await getCursor(dialect);
    const issuedAt = clock;
    try {
      clock = issuedAt + 30 * days;
      expect((await requestNext(cursor)).status).toBe(200);
      clock++;
      expect(await requestNext(cursor)).toMatchObject(refusal(dialect));
    } finally {
      clock = issuedAt;
    }
  });

  it('is valid after its user is deleted or erased', async () => {
    for (const path of ['', '/erase']) {
      const slug = path === '' ? 'north' : 'south';
      const names = ['a', 'b', 'c', 'd'].map((name) => `${name}.${dialect}@example.com`);
      const admin = issuer.mint({ ...claims, ...times, sub: 'admin', tenant_id: tenantId[slug] });
      const created = await Promise.all(
        names.map((email) =>
          service.post(
            '/v1/users',
            { email, name: email, userName: email.replace(/\W/g, '_') },
            { token: admin },
          ),
        ),
      );
      const first = await readListPage(service, dialect, {
        slug,
        token: admin,
        query: { limit: 2 },
      });
      expect(first.emails).toEqual(names.slice(0, 2));
      const userPath = `/v1/users/${created[1]?.body.userId}`;
      const { status } = await service.send(path === '' ? 'DELETE' : 'POST', `${userPath}${path}`, {
        token: admin,
      });
      expect(status).toBe(204);
      const rest = await readAllPages(service, dialect, {
        slug,
        token: admin,
        query: { limit: 2, cursor: first.next ?? '' },
      });
      expect(rest.flat()).toEqual(names.slice(2));
      for (const { body } of created)
        await service.send('POST', `/v1/users/${body.userId}/erase`, { token: admin });
    }
  });
});

describe('a cursor of a filtered list', () => {
  const queries: readonly Query[] = [
    {},
    { status: 'active' },
    { status: 'inactive' },
    { authProvider: 'oidc' },
    { emailPrefix: 'user' },
    { emailPrefix: 'u' },
  ];

  it('is rejected with every other filter', async () => {
    for (const query of queries.filter((query) => query['status'] !== 'inactive')) {
      const cursor = await getCursor('native', query);
      for (const other of queries) {
        const answer = await requestPage(service, 'native', { token, query: { ...other, cursor } });
        if (other === query) expect(answer.status).toBe(200);
        else expect(answer, JSON.stringify([query, other])).toMatchObject(refusal('native'));
      }
    }
  });

  it('is rejected in the list of invitations', async () => {
    const cursor = await getCursor('native');
    expect(await service.get(`/v1/invitations?nextToken=${cursor}`, { token })).toMatchObject(
      refusal('native'),
    );
  });

  it('is valid with the same filters in another order', async () => {
    const cursor = await getCursor('native', {
      status: 'active',
      emailPrefix: 'user',
      authProvider: 'oidc',
    });
    const query = `nextToken=${cursor}&authProvider=oidc&emailPrefix=user&status=active&maxResults=1`;
    expect((await readListPage(service, 'native', { token, query })).emails).toEqual([crowd[2]]);
  });
});
