/** J16: a cursor is good where it was given out, unchanged and for a while, and nowhere else. */
import { createHmac } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { keys } from '../../../lib/store/keys.ts';
import {
  aCrowdIn,
  asksForPage,
  listDialects,
  listings,
  type Query,
  readsAll,
  readsPage,
} from '../../support/dialects/list-users.ts';
import { aService, aSystemAdministrator, issuer, tenantId } from '../../support/service.ts';

const days = 24 * 3600 * 1000;

let clock = Date.now();
const service = await aService({ now: () => new Date(clock) });
const crowd = await aCrowdIn(service, 'acme', 6);
await aCrowdIn(service, 'globex', 6);
/** Good for longer than any cursor. */
const claims = { iss: issuer.settings.issuer, aud: 'roster', roles: ['admin'] };
const times = {
  iat: Math.floor(Date.now() / 1000),
  exp: Math.floor((Date.now() + 60 * days) / 1000),
};
const token = issuer.mint({ ...claims, ...times, sub: 'admin', tenant_id: tenantId.acme });

const cursorOf = async (dialect: (typeof listDialects)[number], query = {}): Promise<string> =>
  (await readsPage(service, dialect, { token, query: { limit: 2, ...query } })).next ?? '';

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

describe.each(listDialects)('a cursor of %s', (dialect) => {
  /** What holds for one dialect's cursors character by character need only be looked into in the others. */
  const step = dialect === 'native' ? 1 : 10;
  const goesOn = (cursor: string, asked = {}) =>
    asksForPage(service, dialect, { token, query: { cursor, limit: 2 }, ...asked });
  const emails = (body: unknown) => listings[dialect].usersOf(body).map(listings[dialect].emailOf);

  it('goes on where the page ended, as often as it is used and whatever the size of the next page', async () => {
    const cursor = await cursorOf(dialect);
    for (const limit of [1, 2, 3, 3]) {
      expect(emails((await goesOn(cursor, { query: { cursor, limit } })).body)).toEqual(
        crowd.slice(2, 2 + limit),
      );
    }
  });

  it('serves whoever may read the list', async () => {
    const answer = await goesOn(await cursorOf(dialect), { token: aSystemAdministrator() });
    expect(emails(answer.body)).toEqual(crowd.slice(2, 4));
  });

  it('is refused with any of its characters changed', async () => {
    const cursor = await cursorOf(dialect);
    for (let index = 0; index < cursor.length; index += step) {
      const changed = `${cursor.slice(0, index)}${cursor[index] === 'A' ? 'B' : 'A'}${cursor.slice(index + 1)}`;
      expect(await goesOn(changed), changed).toMatchObject(refusal(dialect));
    }
    // The bits that base64 does not use: these are one to a decoder.
    const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
    const last = alphabet.indexOf(cursor.at(-1) ?? '');
    for (const other of [1, 2, 3, 15]) {
      expect(await goesOn(`${cursor.slice(0, -1)}${alphabet[last ^ other]}`)).toMatchObject(
        refusal(dialect),
      );
    }
  });

  it('is refused cut short, or with anything added', async () => {
    const cursor = await cursorOf(dialect);
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
      expect(await goesOn(bad), bad).toMatchObject(refusal(dialect));
    }
    expect(await goesOn('x'.repeat(4097))).toMatchObject({
      status: 400,
      body: { code: 'invalid_input', details: { issues: [{ path: listings[dialect].cursor }] } },
    });
  });

  it('reveals nothing about the last user and differs every time', async () => {
    const [first, second] = [await cursorOf(dialect), await cursorOf(dialect)];
    expect(first).not.toBe(second);
    for (const part of first.split('.')) {
      const decoded = Buffer.from(part, 'base64url').toString('latin1');
      for (const secret of [crowd[1]!, crowd[1]!.slice(0, 6), 'example', 'native', tenantId.acme]) {
        expect(`${first}${decoded}`).not.toContain(secret);
      }
    }
  });

  it('of the previous format, readable and with a MAC, is refused', async () => {
    await cursorOf(dialect);
    const deploymentKey = await service.stored.item(keys.deploymentKey, service.stored.secrets);
    const content = Buffer.from(JSON.stringify([crowd[1], clock])).toString('base64url');
    const mac = createHmac('sha256', Buffer.from(deploymentKey?.['key'], 'base64'))
      .update(JSON.stringify(['cursor', content, tenantId.acme, dialect, {}]))
      .digest('base64url');
    expect(await goesOn(`${content}.${mac}`)).toMatchObject(refusal(dialect));
  });

  it('is refused in another tenant, even to those who may read both', async () => {
    const cursor = await cursorOf(dialect);
    const elsewhere = issuer.mint({
      ...claims,
      ...times,
      sub: 'admin',
      tenant_id: tenantId.globex,
    });
    for (const other of [elsewhere, aSystemAdministrator()]) {
      expect(await goesOn(cursor, { slug: 'globex', token: other })).toMatchObject(
        refusal(dialect),
      );
    }
  });

  it('is refused in every other dialect', async () => {
    const cursor = await cursorOf(dialect);
    for (const other of listDialects.filter((each) => each !== dialect)) {
      expect(await asksForPage(service, other, { token, query: { cursor } })).toMatchObject(
        refusal(other),
      );
    }
  });

  it('is refused in another deployment', async () => {
    const other = await aService();
    await aCrowdIn(other, 'acme', 6);
    // Each has its own key, made with its first cursor.
    expect((await readsPage(other, dialect, { query: { limit: 2 } })).next).not.toBeNull();
    expect(
      await asksForPage(other, dialect, { query: { cursor: await cursorOf(dialect) } }),
    ).toMatchObject(refusal(dialect));
  });

  it('is good for 30 days and no longer', async () => {
    const cursor = await cursorOf(dialect);
    const given = clock;
    try {
      clock = given + 30 * days;
      expect((await goesOn(cursor)).status).toBe(200);
      clock++;
      expect(await goesOn(cursor)).toMatchObject(refusal(dialect));
    } finally {
      clock = given;
    }
  });

  it('goes on when whoever it points to is gone', async () => {
    for (const path of ['', '/erase']) {
      const slug = path === '' ? 'north' : 'south';
      const names = ['a', 'b', 'c', 'd'].map((name) => `${name}.${dialect}@example.com`);
      const admin = issuer.mint({ ...claims, ...times, sub: 'admin', tenant_id: tenantId[slug] });
      const created = await Promise.all(
        names.map((email) =>
          service.posts(
            '/v1/users',
            { email, name: email, userName: email.replace(/\W/g, '_') },
            { token: admin },
          ),
        ),
      );
      const first = await readsPage(service, dialect, { slug, token: admin, query: { limit: 2 } });
      expect(first.emails).toEqual(names.slice(0, 2));
      const gone = `/v1/users/${created[1]?.body.userId}`;
      const { status } = await service.send(path === '' ? 'DELETE' : 'POST', `${gone}${path}`, {
        token: admin,
      });
      expect(status).toBe(204);
      const rest = await readsAll(service, dialect, {
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

describe('a cursor of a narrowed list', () => {
  const queries: readonly Query[] = [
    {},
    { status: 'active' },
    { status: 'inactive' },
    { authProvider: 'oidc' },
    { emailPrefix: 'user' },
    { emailPrefix: 'u' },
  ];

  it('is refused for every other filter', async () => {
    for (const query of queries.filter((query) => query['status'] !== 'inactive')) {
      const cursor = await cursorOf('native', query);
      for (const other of queries) {
        const answer = await asksForPage(service, 'native', { token, query: { ...other, cursor } });
        if (other === query) expect(answer.status).toBe(200);
        else expect(answer, JSON.stringify([query, other])).toMatchObject(refusal('native'));
      }
    }
  });

  it('is refused in the list of invitations', async () => {
    const cursor = await cursorOf('native');
    expect(await service.gets(`/v1/invitations?nextToken=${cursor}`, { token })).toMatchObject(
      refusal('native'),
    );
  });

  it('is good in whatever order its filters stand', async () => {
    const cursor = await cursorOf('native', {
      status: 'active',
      emailPrefix: 'user',
      authProvider: 'oidc',
    });
    const query = `nextToken=${cursor}&authProvider=oidc&emailPrefix=user&status=active&maxResults=1`;
    expect((await readsPage(service, 'native', { token, query })).emails).toEqual([crowd[2]]);
  });
});
