/** Notices about changed credentials [P06 P09]. */
import { describe, expect, it } from 'vitest';
import { keys } from '../../lib/store/keys.ts';
import { goodPassword } from '../support/dialects/create-user.ts';
import { unique } from '../support/dialects/dialects.ts';
import {
  createMailService,
  hour,
  type Invitee,
  minute,
  moments,
} from '../support/scenarios/mail-delivery.ts';
import { failWith } from '../support/faults/fault-proxy.ts';
import { day } from '../support/scenarios/user-states.ts';
import { type TestResponse, tenantId } from '../support/service.ts';

const life = await createMailService({
  hasOutboxIndex: true,
  environment: { MAILS_PER_RECIPIENT_DAY: '2' },
});
const { service, clock, inviteUser, requestUser, linksTo, mailsTo } = life;
const next = 'seven lamps, an orchard';

const newUser = (more: object = {}) => inviteUser({ password: goodPassword, ...more });
const hears = async () => service.on.records(await service.listPendingRecords());
const noticesTo = (user: Pick<Invitee, 'email'>) =>
  mailsTo(user).filter(({ subject }) => /changed$|geändert$|^Changes to /.test(subject));
const subjectsTo = (user: Pick<Invitee, 'email'>) => noticesTo(user).map(({ subject }) => subject);
/** Finds the notice of the change that led to this version, by default version 2. */
const stored = ({ slug, userId }: Invitee, version = 2) =>
  service.stored.item(keys.accountNotice(tenantId[slug], userId, version));
const changes = (user: Invitee, from = goodPassword, to = next): Promise<TestResponse> =>
  service.post(
    '/v1/users/me/password',
    { currentPassword: from, newPassword: to },
    { token: clock.aTokenOf(user.slug, [], user.id) },
  );
/** As a system administrator, through Credible's API. */
const isGiven = (user: Invitee, body: object = { password: next }): Promise<TestResponse> =>
  service.send('PATCH', `/credible/api/v0/users/${user.email}`, {
    token: clock.aTokenOf(user.slug, ['system_admin']),
    body,
  });
async function resets(user: Invitee): Promise<TestResponse> {
  await service.post('/v1/auth/password-reset', { tenant: user.slug, email: user.email });
  await hears();
  return service.post('/v1/auth/password-reset/complete', {
    token: linksTo(user).at(-1),
    password: next,
  });
}

describe('a notice about a changed password', () => {
  it.each([
    ['the user changed it', changes],
    ['a reset link set it', resets],
    ['an administrator set it', isGiven],
  ])('is mailed once if %s', async (_how, change) => {
    const user = await newUser({ name: 'Jo Smith', locale: 'en-GB' });
    expect((await change(user)).status).toBeLessThan(300);
    await hears();
    await hears();
    const [mail, ...more] = noticesTo(user);
    expect([mail?.subject, mail?.from, more]).toEqual([
      'Your password for Acme was changed',
      'roster@example.com',
      [],
    ]);
    expect(mail?.text).toMatch(
      /^Hello Jo Smith,\n\nThe password of your Acme account \(.*\) was changed on .* UTC\.\n\nIf this was you/,
    );
    expect(mail?.text).toMatch(
      /reset your password now and contact your administrator\.\n\nSign in to your account at: https:\/\/example\.com\n$/,
    );
    expect(mail?.html).not.toContain('href');
    const storedUser = await stored(user);
    expect([storedUser?.['dueAt'], storedUser?.['email']]).toEqual([undefined, undefined]);
    expect(storedUser?.['ttl']).toBeGreaterThan(clock.now().getTime() / 1000);
  });

  it('is mailed after the limit of mails was unavailable three times', async () => {
    const user = await newUser();
    await changes(user);
    life.database.goesWrong(({ text }) =>
      text.includes('#NOTICES#') ? failWith('InternalServerError', { status: 500 }) : undefined,
    );
    for (let attempt = 1; attempt <= 3; attempt++) {
      await hears();
      clock.advanceBy(3 * minute);
    }
    life.isWell();
    await hears();
    expect(noticesTo(user)).toHaveLength(1);
  });

  it('is in German for a user with that locale', async () => {
    const user = await newUser({ locale: 'de' });
    await changes(user);
    await hears();
    expect(subjectsTo(user)).toEqual(['Ihr Passwort für Acme wurde geändert']);
    expect(noticesTo(user)[0]?.text).toMatch(
      /^Guten Tag,\n\nDas Passwort Ihres Kontos bei Acme \(.*\) wurde am .* UTC geändert\.\n\n/,
    );
  });

  it('is mailed to an invited user whose password an administrator set', async () => {
    const guest = await inviteUser();
    await isGiven(guest);
    await hears();
    expect(noticesTo(guest)).toHaveLength(1);
  });

  it('is not mailed for a first password, a replaced hash, or an unchanged one', async () => {
    const [guest, user] = [await inviteUser(), await newUser()];
    await hears();
    expect(
      (
        await service.post('/v1/invitations/accept', {
          token: linksTo(guest).at(-1),
          password: next,
        })
      ).status,
    ).toBe(200);
    expect((await changes(user, 'not the one at all')).status).toBe(400);
    await service.post('/v1/auth/token', {
      tenant: 'acme',
      email: user.email,
      password: goodPassword,
    });
    await requestUser(user, 'PATCH', '', { body: { name: 'Jo' } });
    await hears();
    expect([await stored(guest), await stored(user), noticesTo(guest), noticesTo(user)]).toEqual([
      undefined,
      undefined,
      [],
      [],
    ]);
  });
});

describe('a notice about a changed email', () => {
  const moved = ({ email }: Pick<Invitee, 'email'>, from = '') => ({
    email: `new${from}-${email}`,
  });
  const byAdministrator = (user: Invitee, body: object = moved(user)) =>
    requestUser(user, 'PATCH', '', { body });
  const byThemselves = (user: Invitee) =>
    service.send('PATCH', `/credible/api/v0/users/${user.email}`, {
      token: clock.aTokenOf(user.slug, [], user.id),
      body: moved(user),
    });

  it.each([
    ['an administrator changed it', byAdministrator],
    ['a system administrator changed it', (user: Invitee) => isGiven(user, moved(user))],
    ['the user changed it', byThemselves],
  ])('goes to the previous address without the new one, if %s', async (_how, change) => {
    const user = await newUser({ locale: 'en' });
    expect((await change(user)).status).toBe(200);
    await hears();
    await hears();
    const [mail, ...more] = noticesTo(user);
    expect([mail?.subject, more, noticesTo(moved(user))]).toEqual([
      'Your email address for Acme was changed',
      [],
      [],
    ]);
    expect(mail?.text).toMatch(
      /The email address of your Acme account was changed on .* UTC\. It is no longer .*\./,
    );
    expect(mail?.text).toMatch(
      /\n\nOtherwise, contact your administrator now\.\n\nSign in to your account at: https:\/\/example\.com\n$/,
    );
    expect([
      mail?.text.includes(user.email),
      JSON.stringify(mail).includes(moved(user).email),
    ]).toEqual([true, false]);
    expect(mail?.html).not.toContain('href');
  });

  it('is in German for a user with that locale', async () => {
    const user = await newUser({ locale: 'de-AT' });
    await byAdministrator(user);
    await hears();
    expect(subjectsTo(user)).toEqual(['Ihre E-Mail-Adresse für Acme wurde geändert']);
    expect(noticesTo(user)[0]?.text).toMatch(
      /Die E-Mail-Adresse Ihres Kontos .* geändert\..*\n\n.*\n\nAndernfalls wenden Sie sich sofort/,
    );
  });

  it('also reports a new password that was set at the same time', async () => {
    const [user, guest] = [await newUser(), await inviteUser()];
    for (const each of [user, guest])
      expect((await isGiven(each, { password: next, ...moved(each) })).status).toBe(200);
    await hears();
    for (const each of [user, guest])
      expect([subjectsTo(each), noticesTo(moved(each))]).toEqual([
        ['Changes to your Acme account: password and email address'],
        [],
      ]);
  });

  it('reports several changes, each to the address that they concern', async () => {
    const user = await newUser();
    await byAdministrator(user);
    await changes(user);
    await byAdministrator(user, moved(user, 'er'));
    await hears();
    expect([
      subjectsTo(user),
      subjectsTo(moved(user)).toSorted(),
      subjectsTo(moved(user, 'er')),
    ]).toEqual([
      ['Your email address for Acme was changed'],
      ['Your email address for Acme was changed', 'Your password for Acme was changed'],
      [],
    ]);
  });

  it.each([
    ['suspended', 'POST', '/suspend'],
    ['deleted', 'DELETE', ''],
  ])('is mailed even if the user has been %s since', async (_what, method, path) => {
    const user = await newUser();
    await byAdministrator(user);
    expect((await requestUser(user, method, path)).status).toBeLessThan(300);
    await hears();
    expect([subjectsTo(user), (await stored(user))?.['dueAt']]).toEqual([
      ['Your email address for Acme was changed'],
      undefined,
    ]);
  });

  it('is mailed to a suspended user', async () => {
    const user = await newUser();
    await requestUser(user, 'POST', '/suspend');
    await byAdministrator(user);
    await hears();
    expect(subjectsTo(user)).toEqual(['Your email address for Acme was changed']);
  });

  it.each([
    ['a dotless i', 'mike', 'm\u0131ke', 'example.com', 'example.com'],
    ['a fullwidth letter', 'mike', '\uff4dike', 'example.com', 'example.com'],
    ['a Kelvin sign', 'mike', 'mi\u212ae', 'example.com', 'example.com'],
    ['a long s', 'susi', '\u017fusi', 'example.com', 'example.com'],
    ['a domain in its other form', 'mike', 'mike', 'b\u00fccher.example', 'xn--bcher-kva.example'],
    ['a ligature', 'offi', 'o\ufb03', 'example.com', 'example.com'],
  ])(
    'reports another spelling of the same address, and later notices use it: %s [SEC-8]',
    async (_what, from, to, before, after) => {
      const first = `${from}-${unique()}@${before}`;
      const respelled = `${to}${first.slice(from.length).replace(before, after)}`;
      const deliverable = `${first.slice(0, first.lastIndexOf('@'))}@${before === after ? before : 'xn--bcher-kva.example'}`;
      const user = await newUser({ email: first });
      await service.post('/v1/auth/password-reset', { tenant: 'acme', email: first });
      await hears();
      const link = linksTo({ email: deliverable }).at(-1);
      expect(
        (await service.post('/v1/auth/password-reset/complete', { token: link, password: next }))
          .status,
      ).toBe(200);
      await hears();

      const changed = await byAdministrator(user, { email: respelled });
      expect([changed.status, changed.body.email, changed.body.emailVerified]).toEqual([
        200,
        respelled,
        false,
      ]);
      await requestUser(user, 'PATCH', '', {
        body: { identity: { issuer: 'https://id.example.com', subject: user.userId } },
      });
      await hears();
      expect(subjectsTo({ email: deliverable }).toSorted()).toEqual([
        'The sign-in service of your Acme account was changed',
        'Your email address for Acme was changed',
        'Your password for Acme was changed',
      ]);
      clock.advanceBy(hour);
      await service.post('/v1/auth/password-reset', { tenant: 'acme', email: respelled });
      await hears();
      const [again] = linksTo({ email: deliverable }).slice(-1);
      expect((await service.post('/v1/auth/password-reset/inspect', { token: again })).status).toBe(
        200,
      );
    },
  );

  it.each(['oidc', 'saml'])(
    'precedes notices to another address for users of an external issuer: %s [SEC-8]',
    async (authProvider) => {
      const user = await inviteUser({ authProvider });
      expect((await byAdministrator(user)).status).toBe(200);
      const identity = { issuer: 'https://id.example.com', subject: user.userId };
      expect((await requestUser(user, 'PATCH', '', { body: { identity } })).status).toBe(200);
      await hears();
      expect(subjectsTo(user)).toEqual(['Your email address for Acme was changed']);
      expect(subjectsTo(moved(user))).toEqual([
        'The sign-in service of your Acme account was changed',
      ]);
    },
  );

  it('is not mailed to an invited user or for an unchanged address', async () => {
    const [guest, user] = [await inviteUser(), await newUser()];
    expect((await byAdministrator(guest)).status).toBe(200);
    expect((await byAdministrator(user, { email: user.email.toUpperCase() })).status).toBe(200);
    await hears();
    for (const each of [guest, user])
      expect([await stored(each), noticesTo(each), noticesTo(moved(each))]).toEqual([
        undefined,
        [],
        [],
      ]);
  });

  it('leaves no data after an erasure', async () => {
    const user = await newUser();
    await byAdministrator(user);
    await changes(user);
    expect([(await stored(user, 2))?.['details'], (await stored(user, 3))?.['details']]).toEqual([
      ['email'],
      ['password'],
    ]);
    await requestUser(user, 'POST', '/erase');
    await hears();
    expect([
      await stored(user, 2),
      await stored(user, 3),
      noticesTo(user),
      noticesTo(moved(user)),
    ]).toEqual([undefined, undefined, [], []]);
  });
});

describe('a notice about a linked identity', () => {
  const isLinked = (user: Invitee, subject: string | null) =>
    requestUser(user, 'PATCH', '', {
      body: { identity: subject && { issuer: 'https://id.example.com', subject } },
    });

  it.each(['local', 'oidc'])(
    'is mailed when the identity is added and removed, but not when it stays: %s',
    async (authProvider) => {
      const user = authProvider === 'local' ? await newUser() : await inviteUser({ authProvider });
      for (const subject of [user.userId, user.userId, null]) {
        expect((await isLinked(user, subject)).status).toBe(200);
        await hears();
      }
      expect(subjectsTo(user)).toEqual(
        Array(2).fill('The sign-in service of your Acme account was changed'),
      );
      expect(noticesTo(user)[0]?.text).toMatch(/Otherwise, contact your administrator now\./);
    },
  );

  it('is not mailed to an invited user', async () => {
    const guest = await inviteUser();
    expect((await isLinked(guest, guest.userId)).status).toBe(200);
    await hears();
    expect([await stored(guest), noticesTo(guest)]).toEqual([undefined, []]);
  });
});

describe('a notice mail', () => {
  it('is found by the sweep if the stream lost it', async () => {
    const user = await newUser();
    await changes(user);
    await changes(user, next, goodPassword);
    clock.advanceBy(3 * minute);
    await service.on.sweep();
    await service.on.sweep();
    expect(noticesTo(user)).toHaveLength(2);
  });

  /** Changes the password several times. Each change creates a notice. */
  async function changesOften(user: Invitee, times: number): Promise<void> {
    let [from, to] = [goodPassword, next];
    for (let time = 0; time < times; time++) {
      expect((await changes(user, from, to)).status).toBe(204);
      [from, to] = [to, from];
      await hears();
    }
  }
  const goesOnToNextHour = () => clock.advanceBy(hour - (clock.now().getTime() % hour) + minute);

  it('waits for the next hour above the daily limit, then goes out with all waiting notices [SEC-7]', async () => {
    clock.advanceBy(day - (clock.now().getTime() % day) + minute);
    const user = await newUser();
    // The first password does not count. The next two do.
    await changesOften(user, 6);
    expect(noticesTo(user)).toHaveLength(3);
    const moves = await requestUser(user, 'PATCH', '', {
      body: { identity: { issuer: 'https://id.example.com', subject: user.userId } },
    });
    expect(moves.status).toBe(200);
    await hears();
    expect(subjectsTo(user).at(-1)).toBe('The sign-in service of your Acme account was changed');
    await requestUser(user, 'PATCH', '', { body: { identity: null } });
    await hears();
    expect(noticesTo(user)).toHaveLength(4);

    goesOnToNextHour();
    await hears();
    await hears();
    const [mail, ...more] = noticesTo(user).slice(4);
    expect([mail?.subject, more]).toEqual([
      'Changes to your Acme account: password and sign-in service',
      [],
    ]);
    expect(mail?.text).toMatch(
      /\n\nYour Acme account \(.*\) was changed:\n\n(.* UTC: password\n\n){3}.* UTC: sign-in/,
    );
    expect((await service.listPendingRecords()).length).toBe(0);
  });

  it('goes out within the hour on each following day, whatever used up the limit after midnight [SEC-7]', async () => {
    for (let days = 0; days < 4; days++) {
      clock.advanceBy(day - (clock.now().getTime() % day) + 5000);
      const user = await newUser();
      await changesOften(user, 4);
      const before = noticesTo(user).length;
      await isGiven(user);
      await hears();
      goesOnToNextHour();
      await hears();
      expect(noticesTo(user).length).toBe(before + 1);
    }
  });

  it('does not wait for mails to the same address in another tenant or to other users [SEC-7]', async () => {
    const [victim, namesake] = [
      await newUser(),
      await inviteUser({ password: goodPassword, email: 'same@example.com' }, 'globex'),
    ];
    const acme = await newUser({ email: 'same@example.com' });
    await changesOften(namesake, 6);
    await changesOften(await newUser(), 6);
    const before = noticesTo(acme).length;
    for (const user of [acme, victim]) expect((await isGiven(user)).status).toBe(200);
    await hears();
    expect([noticesTo(acme).length - before, noticesTo(victim).length]).toEqual([1, 1]);
  });

  it('does not count against reset links, and is abandoned after three days only if it was not sent', async () => {
    const user = await newUser();
    await changesOften(user, 4);
    await service.post('/v1/auth/password-reset', { tenant: 'acme', email: user.email });
    await hears();
    expect(linksTo(user).filter(Boolean)).toHaveLength(1);
    const other = await newUser();
    await changes(other);
    clock.advanceBy(3 * day + hour);
    await hears();
    expect([noticesTo(other), (await stored(other))?.['dueAt']]).toEqual([[], undefined]);
    expect(noticesTo(user)).toHaveLength(4);
  });

  it('waits while the tenant is suspended', async () => {
    const user = await newUser();
    await changes(user);
    await service.updateTenantItem('acme', { status: 'suspended' });
    clock.advanceBy(minute);
    await hears();
    await service.updateTenantItem('acme', { status: 'active' });
    expect(noticesTo(user)).toEqual([]);
    clock.advanceBy(hour);
    await hears();
    expect(noticesTo(user)).toHaveLength(1);
  });

  it.each(moments)(
    'goes out at most twice if the function stops $moment an effect',
    async ({ fault }) => {
      let reached = true;
      let points = 0;
      for (; reached; points++) {
        const user = await newUser();
        await changes(user);
        clock.advanceBy(minute);
        const pendingRecords = await service.listPendingRecords();
        const isReached = life.stopsAt(points + 1, fault);
        await service.on.records(pendingRecords).catch(() => undefined);
        reached = isReached();
        life.isWell();
        for (let storedUser = 4; storedUser > 0; storedUser--) {
          clock.advanceBy(3 * minute);
          await hears();
        }
        const count = noticesTo(user).length;
        expect([points, count >= 1 && count <= 2, (await stored(user))?.['dueAt']]).toEqual([
          points,
          true,
          undefined,
        ]);
      }
      // Notice, user, tenant, attempt, limit, mail and outcome.
      expect(points).toBeGreaterThanOrEqual(7);
    },
  );
});
