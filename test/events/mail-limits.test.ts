import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import {
  createMailService,
  hour,
  type Invitee,
  minute,
  second,
} from '../support/scenarios/mail-delivery.ts';
import { day } from '../support/scenarios/user-states.ts';
import { mailCounterKeys } from '../../lib/store/keys.ts';
import { getLogs } from '../support/logs.ts';
import { type TenantSlug, tenantId } from '../support/service.ts';

const mailing = await createMailService({
  environment: { MAILS_PER_TENANT_HOUR: '3', MAILS_PER_RECIPIENT_DAY: '2' },
});
const { clock, service } = mailing;
/** Ten minutes after the next full hour, or after the next midnight (UTC). */
const goesOnTo = (window: number): void =>
  clock.advanceBy(window - (clock.now().getTime() % window) + 10 * minute);
const statuses = async (...invitees: Invitee[]): Promise<string[]> =>
  Promise.all(invitees.map(async (each) => (await mailing.delivery(each)).status));
const inviteSeveral = (slug: TenantSlug, count: number): Promise<Invitee[]> =>
  Promise.all(Array.from({ length: count }, () => mailing.inviteUser({}, slug)));

describe('a tenant above its hourly mail limit [I21]', () => {
  it('has the remaining mails sent in the next hour, from bulk and single invitations', async () => {
    goesOnTo(hour);
    const five = await inviteSeveral('acme', 5);
    const [otherInvitee] = await inviteSeveral('globex', 1);
    await mailing.deliverStream(...five, otherInvitee!);
    expect((await statuses(...five)).toSorted()).toEqual([
      'pending',
      'pending',
      'sent',
      'sent',
      'sent',
    ]);
    // Other tenants are not affected.
    expect(await statuses(otherInvitee!)).toEqual(['sent']);

    const deferred = five.filter((each) => mailing.mailsTo(each).length === 0);
    const { due, shard, delivery } = await mailing.stored(deferred[0]!);
    const nextHour = new Date(Math.ceil(clock.now().getTime() / hour) * hour).toISOString();
    expect([due, delivery?.['notBefore'], delivery?.['state'], shard]).toEqual([
      nextHour,
      nextHour,
      'deferred',
      deferred[0]!.userId[0],
    ]);
    expect(await mailing.delivery(deferred[0]!)).toEqual({
      status: 'pending',
      time: null,
      reason: null,
      sentTimes: [],
    });
    clock.advanceBy(Date.parse(nextHour) - clock.now().getTime() - minute);
    await mailing.deliverStream(...deferred);
    expect(await statuses(...deferred)).toEqual(['pending', 'pending']);
    clock.advanceBy(minute);
    await mailing.deliverStream(...deferred);
    expect(await statuses(...deferred)).toEqual(['sent', 'sent']);
  });

  it('gets 429 with Retry-After for every operation that would send a mail', async () => {
    goesOnTo(hour);
    const expired = await mailing.inviteUser({ email: 'late@example.com' });
    clock.advanceBy(8 * day);
    const four = await inviteSeveral('acme', 4);
    await mailing.deliverStream(...four);
    // Tenants are cached for 30 s.
    clock.advanceBy(31 * second);
    const secondsLeft = (hour - (clock.now().getTime() % hour)) / second;
    const invited = await mailing.calls('POST', '/v1/users', {
      body: { email: 'one-more@example.com' },
    });
    const resent = await mailing.requestUser(four[0]!, 'POST', '/invitation/resend');
    const again = await mailing.calls('POST', '/cradl/v1/users', {
      body: { email: expired.email },
    });
    for (const { status, headers, body } of [invited, resent, again]) {
      expect([status, body.details.limit]).toEqual([429, 'tenant_mails']);
      expect(headers['retry-after']).toBe(String(Math.ceil(secondsLeft)));
    }
    expect((await mailing.calls('GET', '/v1/users?email=one-more@example.com')).body.users).toEqual(
      [],
    );
    expect((await mailing.stored(four[0]!)).user?.['version']).toBe(1);

    // Operations without a mail, and other tenants, are not affected.
    const withPassword = { email: 'two-more@example.com', password: 'tangled-orchard-7-lamps' };
    const link = { token: clock.aTokenOf('acme', ['system_admin']) };
    const others = [
      await mailing.calls('POST', '/v1/users', { body: withPassword }),
      await mailing.requestUser(four[0]!, 'POST', '/invitation/link', link),
      await mailing.calls('POST', '/v1/users', {
        slug: 'globex',
        body: { email: 'one-more@example.com' },
      }),
    ];
    expect(others.map(({ status }) => status)).toEqual([201, 200, 201]);

    clock.advanceBy(Number(invited.headers['retry-after']) * second);
    expect(
      (await mailing.calls('POST', '/v1/users', { body: { email: 'one-more@example.com' } }))
        .status,
    ).toBe(201);
    expect(
      (await mailing.calls('POST', '/cradl/v1/users', { body: { email: expired.email } })).status,
    ).toBe(200);
  });

  it('sends no more under concurrency', async () => {
    goesOnTo(hour);
    const eight = await inviteSeveral('south', 8);
    await Promise.all(eight.map((each) => mailing.deliverStream(each)));
    expect(eight.filter((each) => mailing.mailsTo(each).length > 0)).toHaveLength(3);
    const name = clock.now().toISOString().slice(0, 13);
    const counter = await service.stored.item(
      mailCounterKeys.tenantMailCounter(tenantId.south, name),
    );
    expect(counter).toMatchObject({
      mails: 3,
      ttl: (Math.floor(clock.now().getTime() / hour) + 1) * (hour / second),
    });
  });
});

describe('a tenant that requests many verification links', () => {
  it('has the remaining ones sent in the next hour, and its invitations now', async () => {
    goesOnTo(hour);
    const users = await Promise.all(
      Array.from({ length: 4 }, () => mailing.inviteUser({ authProvider: 'oidc' }, 'north')),
    );
    for (const user of users)
      expect((await mailing.requestUser(user, 'POST', '/email/verification')).status).toBe(204);
    const countMailed = async () => {
      await service.deliverPendingMail();
      return users.filter((user) => mailing.mailsTo(user).length > 0).length;
    };
    expect(await countMailed()).toBe(3);
    const invitee = await mailing.inviteUser({}, 'north');
    await mailing.deliverStream(invitee);
    expect(await statuses(invitee)).toEqual(['sent']);
    clock.advanceBy(hour);
    expect(await countMailed()).toBe(4);
  });
});

describe('a recipient [I21]', () => {
  it('gets a limited number of invitations per day from a tenant, and other tenants are not affected [SEC-17]', async () => {
    goesOnTo(day);
    const to = (slug: TenantSlug, email: string) => mailing.inviteUser({ email }, slug);
    const invited: Invitee[] = [];
    for (const email of ['victim@example.com', 'Victim@Example.com', 'VICTIM@example.com']) {
      const each = await to('globex', email);
      await mailing.deliverStream(each);
      invited.push(each);
      await mailing.requestUser(each, 'DELETE');
    }
    expect(mailing.mailsTo({ email: 'VICTIM@example.com' })).toEqual([]);
    const otherInvitees = [
      await to('acme', 'victim@example.com'),
      await to('north', 'victim@example.com'),
    ];
    await mailing.deliverStream(...otherInvitees);
    expect(await statuses(...otherInvitees)).toEqual(['sent', 'sent']);

    goesOnTo(hour);
    const [deferred, waiting] = [
      await to('globex', 'VICTIM@example.com'),
      await mailing.inviteUser({}, 'globex'),
    ];
    await mailing.deliverStream(deferred);
    expect(mailing.mailsTo(deferred)).toEqual([]);
    // The same state as before the first attempt.
    expect(await mailing.delivery(deferred)).toEqual(await mailing.delivery(waiting));
    const midnight = new Date(Math.ceil(clock.now().getTime() / day) * day);
    expect((await mailing.stored(deferred)).due).toBe(midnight.toISOString());
    clock.advanceBy(midnight.getTime() - clock.now().getTime());
    await mailing.deliverStream(deferred);
    expect(await statuses(deferred)).toEqual(['sent']);
    const counters = (await service.stored.all()).filter(({ pk }) => pk.includes('RECIPIENT#'));
    expect(counters.length).toBeGreaterThan(3);
    expect(JSON.stringify(counters)).not.toMatch(/victim|@/i);
    expect(getLogs.join('\n')).not.toMatch(/victim/i);
  });

  it('gets at most ten times as many from all tenants together [O12]', async () => {
    goesOnTo(day);
    const email = 'flooded@example.com';
    const [today] = clock.now().toISOString().split('T');
    const hash = createHash('sha256').update(email).digest('hex');
    await service.stored.put({ ...mailCounterKeys.recipientMailCounter(hash, today!), mails: 19 });
    const [last, deferred] = [
      await mailing.inviteUser({ email }, 'acme'),
      await mailing.inviteUser({ email }, 'globex'),
    ];
    await mailing.deliverStream(last);
    await mailing.deliverStream(deferred);
    expect(await statuses(last, deferred)).toEqual(['sent', 'pending']);
  });
});

describe('a suspended tenant', () => {
  it('has its mails retried every hour until it is active again', async () => {
    goesOnTo(day);
    const invitee = await mailing.inviteUser();
    await service.updateTenantItem('acme', { status: 'suspended' });
    clock.advanceBy(31 * second);
    for (const _ of [1, 2]) {
      await mailing.deliverStream(invitee);
      const { due, delivery } = await mailing.stored(invitee);
      expect(delivery).toMatchObject({ state: 'deferred', reason: 'tenant', attempts: 0 });
      expect(Date.parse(due!) - clock.now().getTime()).toBe(hour);
      clock.advanceBy(hour);
    }
    expect(mailing.mailsTo(invitee)).toEqual([]);
    await service.updateTenantItem('acme', { status: 'active' });
    clock.advanceBy(31 * second);
    await mailing.deliverStream(invitee);
    expect(await statuses(invitee)).toEqual(['sent']);
  });
});
