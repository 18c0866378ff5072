/** P06, P09: who is told, by mail, that their password has been changed. */
import { describe, expect, it } from 'vitest';
import { keys } from '../lib/store/keys.ts';
import { goodPassword } from './creations.ts';
import { aMailingService, hour, type Invitee, minute, moments } from './deliveries.ts';
import { day } from './lives.ts';
import { type Answer, tenantId } from './steps.ts';

const life = await aMailingService({ owedIndex: true, environment: { MAILS_PER_RECIPIENT_DAY: '2' } });
const { service, clock, invites, does, linksTo, mailsTo } = life;
const next = 'seven lamps, an orchard';

const aUser = (more: object = {}) => invites({ password: goodPassword, ...more });
const hears = async () => service.on.records(await service.owedRecords());
const noticesTo = (user: Pick<Invitee, 'email'>) => mailsTo(user).filter(({ subject }) => /changed|geändert/.test(subject));
const stored = ({ slug, userId }: Invitee) => service.stored.item(keys.passwordNotice(tenantId[slug], userId));
const changes = (user: Invitee, from = goodPassword, to = next): Promise<Answer> =>
  service.posts('/v1/users/me/password', { currentPassword: from, newPassword: to }, { token: clock.aTokenOf(user.slug, [], user.id) });
/** By a system administrator, through Credible's API. */
const isGiven = (user: Invitee, body: object = { password: next }): Promise<Answer> =>
  service.send('PATCH', `/credible/api/v0/users/${user.email}`, { token: clock.aTokenOf(user.slug, ['system_admin']), body });
async function resets(user: Invitee): Promise<Answer> {
  await service.posts('/v1/auth/password-reset', { tenant: user.slug, email: user.email });
  await hears();
  return service.posts('/v1/auth/password-reset/complete', { token: linksTo(user).at(-1), password: next });
}

describe('who has another password', () => {
  it.each([
    ['they have changed it', changes],
    ['a link has set it', resets],
    ['somebody else has', isGiven],
  ])('is told so once, by mail, where %s', async (_how, change) => {
    const user = await aUser({ name: 'Jo Smith', locale: 'en-GB' });
    expect((await change(user)).status).toBeLessThan(300);
    await hears();
    await hears();
    const [mail, ...more] = noticesTo(user);
    expect([mail?.subject, mail?.from, more]).toEqual(['Your password has been changed', 'roster@example.com', []]);
    expect(mail?.text).toMatch(/^Hello Jo Smith,\n\nThe password for .*@example\.com at Acme was changed on .* UTC\.\n\nIt was you/);
    expect(mail?.text).toMatch(/tell your administrator:\n\nhttps:\/\/example\.com\n$/);
    expect(mail?.html).not.toContain('href');
    const left = await stored(user);
    expect([left?.['due'], left?.['email']]).toEqual([undefined, undefined]);
    expect(left?.['expiresAt']).toBeGreaterThan(clock.now().getTime() / 1000);
  });

  it('in German, where that is what they read', async () => {
    const user = await aUser({ locale: 'de' });
    await changes(user);
    await hears();
    expect(noticesTo(user).map(({ subject }) => subject)).toEqual(['Ihr Passwort wurde geändert']);
    expect(noticesTo(user)[0]?.text).toMatch(/^Guten Tag,\n\nDas Passwort für .* bei Acme wurde am .* UTC geändert\./);
  });

  it('at the address that they had, where whoever has set it has changed that too', async () => {
    const user = await aUser();
    const email = `moved-${user.email}`;
    expect((await isGiven(user, { password: next, email })).status).toBe(200);
    await hears();
    expect([noticesTo(user).length, noticesTo({ email }).length]).toEqual([1, 0]);
  });

  it('also where they were still invited and somebody else has chosen it', async () => {
    const guest = await invites();
    await isGiven(guest);
    await hears();
    expect(noticesTo(guest)).toHaveLength(1);
  });

  it('and nobody is who has chosen their first, got a hash replaced, or changed nothing', async () => {
    const [guest, user] = [await invites(), await aUser()];
    await hears();
    expect((await service.posts('/v1/invitations/accept', { token: linksTo(guest).at(-1), password: next })).status).toBe(200);
    expect((await changes(user, 'not the one at all')).status).toBe(400);
    await service.posts('/v1/auth/token', { tenant: 'acme', email: user.email, password: goodPassword });
    await does(user, 'PATCH', '', { body: { name: 'Jo' } });
    await hears();
    expect([await stored(guest), await stored(user), noticesTo(guest), noticesTo(user)]).toEqual([undefined, undefined, [], []]);
  });

  it('is told nothing once deleted, and nothing is left of it once erased', async () => {
    const [gone, erased] = [await aUser(), await aUser()];
    for (const user of [gone, erased]) await changes(user);
    await does(gone, 'DELETE');
    await does(erased, 'POST', '/erase');
    await hears();
    expect([noticesTo(gone), noticesTo(erased), (await stored(gone))?.['due'], await stored(erased)]).toEqual([
      [],
      [],
      undefined,
      undefined,
    ]);
  });
});

describe('the mail that tells of a changed password', () => {
  it('is found by the sweep when the stream has lost it', async () => {
    const user = await aUser();
    await changes(user);
    clock.leaps(3 * minute);
    await service.on.sweep();
    await service.on.sweep();
    expect(noticesTo(user)).toHaveLength(1);
  });

  it('waits when there have been as many as there may be, which no other kind of mail uses up, and is given up after three days', async () => {
    const user = await aUser();
    let [from, to] = [goodPassword, next];
    for (let times = 0; times < 3; times++) {
      expect((await changes(user, from, to)).status).toBe(204);
      [from, to] = [to, from];
      await hears();
    }
    expect(noticesTo(user)).toHaveLength(2);
    await service.posts('/v1/auth/password-reset', { tenant: 'acme', email: user.email });
    await hears();
    expect(linksTo(user).filter(Boolean)).toHaveLength(1);
    clock.leaps(day);
    await hears();
    expect(noticesTo(user)).toHaveLength(3);

    const other = await aUser();
    await changes(other);
    clock.leaps(3 * day + hour);
    await hears();
    expect([noticesTo(other), (await stored(other))?.['due']]).toEqual([[], undefined]);
  });

  it('waits while the tenant is suspended', async () => {
    const user = await aUser();
    await changes(user);
    await service.hasTenant('acme', { status: 'suspended' });
    clock.leaps(minute);
    await hears();
    await service.hasTenant('acme', { status: 'active' });
    expect(noticesTo(user)).toEqual([]);
    clock.leaps(hour);
    await hears();
    expect(noticesTo(user)).toHaveLength(1);
  });

  it('is of the last change, where there was another before it went out', async () => {
    const user = await aUser();
    await changes(user);
    await changes(user, next, goodPassword);
    await hears();
    expect([noticesTo(user).length, (await stored(user))?.['version']]).toEqual([1, 3]);
  });

  it.each(moments)('goes out, twice at most, wherever the function is stopped $moment an effect', async ({ fault }) => {
    let reached = true;
    let points = 0;
    for (; reached; points++) {
      const user = await aUser();
      await changes(user);
      clock.leaps(minute);
      const owed = await service.owedRecords();
      const isReached = life.stopsAt(points + 1, fault);
      await service.on.records(owed).catch(() => undefined);
      reached = isReached();
      life.isWell();
      for (let left = 4; left > 0; left--) {
        clock.leaps(3 * minute);
        await hears();
      }
      const count = noticesTo(user).length;
      expect([points, count >= 1 && count <= 2, (await stored(user))?.['due']]).toEqual([points, true, undefined]);
    }
    // The notice, the user, the tenant, the attempt, two limits, the mail and its end.
    expect(points).toBeGreaterThanOrEqual(8);
  });
});
