import { describe, expect, it } from 'vitest';
import { keys, outboxIndex } from '../../../lib/store/keys.ts';
import { hashEmail } from '../../../lib/domain/password-resets/password-reset.ts';
import { goodPassword } from '../../support/dialects/create-user.ts';
import {
  createMailService,
  hour,
  type Invitee,
  minute,
  parseMailToken,
} from '../../support/scenarios/mail-delivery.ts';
import { dropRequest, dropResponse, failWith } from '../../support/faults/fault-proxy.ts';
import { outcome } from '../../support/scenarios/invitations.ts';
import { getLogs } from '../../support/logs.ts';
import {
  type TestResponse,
  aws,
  type TestRequest,
  type TenantSlug,
  tenantId,
} from '../../support/service.ts';
import { expectNoWrites } from '../../support/database/expect-no-writes.ts';

const life = await createMailService({
  hasOutboxIndex: true,
  environment: { MAILS_PER_RECIPIENT_DAY: '3' },
});
const { service, clock, database, amazon, inviteUser, requestUser, mailsTo } = life;
const nextPassword = 'seven lamps, an orchard';

const asks = (
  email: string,
  tenant: string | undefined = 'acme',
  sent: TestRequest = {},
): Promise<TestResponse> => service.post('/v1/auth/password-reset', { tenant, email }, sent);
const inspects = (token: string, sent: TestRequest = {}) =>
  service.post('/v1/auth/password-reset/inspect', { token }, sent);
const completes = (token: string, password: string = nextPassword, sent: TestRequest = {}) =>
  service.post('/v1/auth/password-reset/complete', { token, password }, sent);
const newUser = (more: object = {}, slug: TenantSlug = 'acme') =>
  inviteUser({ password: goodPassword, ...more }, slug);
/** Delivers the stream records and the pending work. */
const hears = async () => service.on.records(await service.listPendingRecords());
const getTokens = (user: Pick<Invitee, 'email'>) =>
  mailsTo(user).map(({ text }) => parseMailToken(text));
/** Requests a reset and reads the link from the mail. */
async function newLink(user?: Invitee) {
  const owner = user ?? (await newUser());
  await asks(owner.email, owner.slug);
  await hears();
  return { user: owner, token: getTokens(owner).findLast(Boolean) ?? '' };
}
const stored = ({ email, slug = 'acme' }: { email: string; slug?: TenantSlug }) =>
  service.stored.item(keys.passwordReset(tenantId[slug], hashEmail(email)));
/** True if this is the password. Changes it to another and back. */
async function isPassword(user: Invitee, password: string): Promise<boolean> {
  const token = clock.aTokenOf(user.slug, [], user.id);
  const changes = (currentPassword: string, newPassword: string) =>
    service.post('/v1/users/me/password', { currentPassword, newPassword }, { token });
  if ((await changes(password, 'only for this moment')).status !== 204) return false;
  return (await changes('only for this moment', password)).status === 204;
}

describe('a password reset', () => {
  it('mails a link to the page of the tenant, sets the new password and verifies the email', async () => {
    const user = await newUser({ name: 'Jo Smith', locale: 'de-AT' });
    expect((await asks(user.email.toUpperCase())).status).toBe(202);
    await hears();
    const [mail, ...more] = mailsTo(user);
    expect([mail?.subject, mail?.from, more]).toEqual([
      'Passwort für Acme zurücksetzen',
      'roster@example.com',
      [],
    ]);
    expect(mail?.text).toMatch(
      /^Guten Tag Jo Smith,\n\n.* bei Acme .*:\n\nhttps:\/\/example\.com\/reset#token=[\w-]{92}&locale=de\n\n/,
    );
    const token = parseMailToken(mail?.text ?? '');

    const inspected = await inspects(token);
    expect([inspected.status, inspected.headers['cache-control']]).toEqual([200, 'no-store']);
    expect(inspected.body).toMatchObject({
      email: user.email,
      name: 'Jo Smith',
      tenant: { name: 'Acme' },
      branding: null,
      locale: 'de',
    });
    const { status, body } = await completes(token);
    expect([status, body]).toEqual([
      200,
      { userId: user.id, email: user.email, continueUrl: 'https://example.com' },
    ]);
    expect(await isPassword(user, goodPassword)).toBe(false);
    expect(await isPassword(user, nextPassword)).toBe(true);
    const { user: now, changes } = (await requestUser(user, 'GET', '/export')).body;
    expect([now.emailVerified, now.status]).toEqual([true, 'active']);
    expect(changes[0]).toMatchObject({
      action: 'resetPassword',
      by: user.id,
      before: { emailVerified: false, password: true },
    });
  });

  it('works with the two JITSudo calls', async () => {
    const user = await newUser();
    const headers = { 'x-tenant-id': tenantId.acme };
    const requestResponse = await service.post(
      '/jitsudo/v1/auth/request-password-reset',
      { email: user.email },
      { headers },
    );
    expect([requestResponse.status, Object.keys(requestResponse.body)]).toEqual([202, ['message']]);
    await hears();
    const sets = (token: string | undefined, password: string) =>
      service.post('/jitsudo/v1/auth/reset-password', { token, new_password: password });
    const [token] = getTokens(user);
    const getPaths = ({ status, body }: TestResponse) => [
      status,
      body.details.issues.map(({ path }: { path: string }) => path),
    ];
    expect(getPaths(await sets('x', nextPassword))).toEqual([400, ['token']]);
    expect(getPaths(await sets(token, 'short'))).toEqual([400, ['new_password']]);
    const { status, body } = await sets(token, nextPassword);
    expect([status, body]).toEqual([200, { message: 'Password reset' }]);
    expect(getPaths(await sets(token, nextPassword))).toEqual([400, ['token']]);
    expect(await isPassword(user, nextPassword)).toBe(true);
  });

  it('requires the tenant by slug, ID, header or host', async () => {
    const tenantReferences: readonly (readonly [string | undefined, TestRequest])[] = [
      ['acme', {}],
      ['ACME', {}],
      [tenantId.acme.toUpperCase(), {}],
      [undefined, { headers: { 'x-tenant-id': tenantId.acme } }],
      [undefined, { host: 'acme.admin.localhost' }],
      ['acme', { host: 'acme.admin.localhost', headers: { 'x-tenant-id': tenantId.acme } }],
    ];
    for (const [tenant, sent] of tenantReferences) {
      const user = await newUser();
      await service.post('/v1/auth/password-reset', { tenant, email: user.email }, sent);
      expect(await stored(user)).toBeDefined();
    }
    const { email } = await newUser();
    expect(outcome(await service.post('/v1/auth/password-reset', { email }))).toBe(
      '400 invalid_input',
    );
    await expectNoWrites(service, async () => {
      for (const [tenant, sent] of [
        ['globex', { host: 'acme.admin.localhost' }],
        ['nobody', {}],
      ] as const)
        expect((await asks(email, tenant, sent)).status).toBe(202);
    });
  });
});

describe('a reset request [P08]', () => {
  const withoutIds = ({ status, body, headers }: TestResponse) => ({
    status,
    body,
    headers: { ...headers, 'x-request-id': '', 'apigw-requestid': '' },
  });

  it('has the same response and steps for every email', async () => {
    const users = {
      active: await newUser(),
      invited: await inviteUser(),
      external: await inviteUser({ authProvider: 'oidc' }),
      suspended: await newUser(),
      deleted: await newUser(),
      unknown: { email: 'nobody-knows@example.com' },
    };
    await requestUser(users.suspended, 'POST', '/suspend');
    await requestUser(users.deleted, 'DELETE');
    await asks('warms-up@example.com');
    const observations = [];
    for (const { email } of Object.values(users)) {
      database.isWell();
      amazon.isWell();
      const answer = withoutIds(await asks(email));
      observations.push([
        answer,
        [...database.sent, ...amazon.sent].map(({ operation }) => operation),
      ]);
    }
    for (const each of observations)
      expect(each).toEqual([
        expect.objectContaining({ status: 202 }),
        ['UpdateItem', 'UpdateItem', 'UpdateItem'],
      ]);
    expect(new Set(observations.map((each) => JSON.stringify(each))).size).toBe(1);

    await hears();
    const mailed = Object.entries(users).filter(
      ([name, user]) => mailsTo(user).some(({ subject }) => subject.startsWith('Reset')) && name,
    );
    expect(mailed.map(([name]) => name)).toEqual(['active']);
    // No request leaves an email or pending work.
    for (const user of Object.values(users)) {
      const item = await stored(user);
      expect([item?.['email'], item?.['dueAt'], item?.[outboxIndex.partition]]).toEqual([
        undefined,
        undefined,
        undefined,
      ]);
    }
  });

  it('by username goes to the email of the account, with one interval for both names', async () => {
    const byName = (userName: string, sent: TestRequest = {}) =>
      service.post('/v1/auth/password-reset', { tenant: 'acme', userName }, sent);
    /** The second delivery is for the email of the user. */
    const delivers = async () => {
      await hears();
      await hears();
    };
    const names = ['reset-by-name', 'address-as-name@example.com'];
    const users: Invitee[] = [];
    for (const userName of names) users.push(await newUser({ userName }));
    const [user, other] = users as [Invitee, Invitee];
    const external = await newUser({
      userName: 'by-oidc',
      authProvider: 'oidc',
      password: undefined,
    });
    await byName('warms-up');
    const observations = [];
    for (const userName of [...names, ' Reset-By-NAME ', 'by-oidc', 'unknown', 'not a name']) {
      database.isWell();
      const answer = withoutIds(await byName(userName));
      observations.push([answer, database.sent.map(({ operation }) => operation)]);
    }
    expect(observations[0]?.[0]).toMatchObject({ status: 202 });
    expect(new Set(observations.map((each) => JSON.stringify(each))).size).toBe(1);
    await delivers();
    expect([user, other, external].map((each) => mailsTo(each).length)).toEqual([1, 1, 0]);
    expect(mailsTo({ email: names[1] ?? '' })).toEqual([]);
    expect((await completes(getTokens(other)[0] ?? '')).status).toBe(200);

    // The link stays the only one of the account, under either name.
    await asks(user.email);
    await byName('reset-by-name');
    await delivers();
    expect(mailsTo(user)).toHaveLength(1);
    clock.advanceBy(6 * minute);
    await byName('reset-by-name');
    await delivers();
    expect(new Set(getTokens(user))).toEqual(new Set(getTokens(user).slice(0, 1)));
    expect(mailsTo(user)).toHaveLength(2);
    expect((await completes(getTokens(user)[0] ?? '')).status).toBe(200);
    const items = (await service.stored.all()).filter(({ sk }) => sk === 'RESET');
    const fields = ['userName', 'email', 'dueAt', outboxIndex.partition];
    expect(items.flatMap((item) => fields.filter((name) => name in item))).toEqual([]);
  });

  it('names either the email or the username', async () => {
    for (const names of [{}, { userName: '' }, { email: 'a@x.example', userName: 'a' }]) {
      const { status, body } = await expectNoWrites(service, () =>
        service.post('/v1/auth/password-reset', { tenant: 'acme', ...names }),
      );
      expect([status, body.details.issues[0].path]).toEqual([400, 'email']);
    }
  });

  it('sends one mail per 5 min, and a later request sends one afterwards', async () => {
    const user = await newUser();
    const mails = [];
    for (const minutes of [4, 2, 1, 4, 6]) {
      await asks(user.email);
      await hears();
      mails.push(mailsTo(user).length);
      clock.advanceBy(minutes * minute);
    }
    expect(mails).toEqual([1, 1, 2, 2, 3]);
  });

  it('sends another mail at once after the link was used', async () => {
    const { user, token } = await newLink();
    expect(outcome(await completes(token))).toBe('200');
    const { token: next } = await newLink(user);
    expect([next === token, outcome(await completes(next, 'nine calm rivers bend'))]).toEqual([
      false,
      '200',
    ]);
  });

  it('repeated all day by strangers does not deny the user a link [SEC-12]', async () => {
    const user = await newUser();
    const { pk, sk } = keys.passwordReset(tenantId.acme, hashEmail(user.email));
    const record = { dynamodb: { Keys: { pk: { S: pk }, sk: { S: sk } }, SequenceNumber: '1' } };
    for (let times = 0; times < 30; times++) {
      await asks(user.email, 'acme', { sourceIp: `192.0.2.${times}` });
      await service.on.records([record]);
      clock.advanceBy(5 * minute);
    }
    const strangerMailCount = mailsTo(user).length;
    expect(strangerMailCount).toBeLessThan(15);
    await asks(user.email);
    let waited = 0;
    for (; waited < 20 && mailsTo(user).length === strangerMailCount; waited++) {
      await service.on.records([record]);
      clock.advanceBy(minute);
    }
    const token = getTokens(user).at(-1) ?? '';
    expect(waited).toBeLessThan(16);
    // Another request in between does not invalidate the link.
    clock.advanceBy(2 * minute);
    await asks(user.email);
    await hears();
    expect([outcome(await inspects(token)), outcome(await completes(token))]).toEqual([
      '200',
      '200',
    ]);
  });

  it("for other users, or for the same email in another tenant, does not affect the user's limit [SEC-12]", async () => {
    const user = await newUser();
    const [others, namesake] = [
      await Promise.all(Array.from({ length: 6 }, () => newUser())),
      await newUser({ email: user.email }, 'globex'),
    ];
    for (const { email } of others) await asks(email);
    for (let times = 0; times < 6; times++) {
      await asks(namesake.email, 'globex');
      await hears();
      clock.advanceBy(6 * minute);
    }
    const before = mailsTo(user).length;
    await asks(user.email);
    await hears();
    expect(mailsTo(user).length).toBe(before + 1);
  });

  it('does not count toward the limit of invitations', async () => {
    const user = await newUser();
    for (let times = 0; times < 6; times++) {
      await asks(user.email);
      await hears();
      clock.advanceBy(6 * minute);
    }
    const guest = await inviteUser({ email: user.email }, 'globex');
    await hears();
    expect(mailsTo(guest).filter(({ text }) => text.includes('/accept#token='))).toHaveLength(1);
  });

  it('mails a valid link again, and a new link shortly before it expires', async () => {
    const { user, token } = await newLink();
    clock.advanceBy(6 * minute);
    await asks(user.email);
    expect(outcome(await inspects(token))).toBe('200');
    await hears();
    expect(getTokens(user)).toEqual([token, token]);
    clock.advanceBy(40 * minute);
    await asks(user.email);
    await hears();
    const next = getTokens(user)[2] ?? '';
    expect([outcome(await inspects(token)), outcome(await inspects(next))]).toEqual([
      '404 not_found',
      '200',
    ]);
  });

  it('logs neither the email nor its hash', async () => {
    const { user } = await newLink();
    expect(getLogs.join()).not.toContain(user.email);
    expect(getLogs.join()).not.toContain(hashEmail(user.email));
  });
});

describe('a reset request for an invited user without a password [48]', () => {
  const invitationsTo = (guest: Invitee) =>
    mailsTo(guest).filter(({ text }) => text.includes('/accept#token='));
  const asksAfter = async (minutes: number, guest: Invitee) => {
    clock.advanceBy(minutes * minute);
    const answer = await asks(guest.email);
    await hears();
    await hears();
    return answer;
  };

  it('mails the current invitation link again and does not change the invitation', async () => {
    const guest = await inviteUser();
    await hears();
    const { delivery: _sent, ...before } = (await requestUser(guest, 'GET', '/invitation')).body;
    expect((await asksAfter(2, guest)).status).toBe(202);
    const [first, second, ...more] = invitationsTo(guest);
    expect([parseMailToken(second?.text ?? ''), more]).toEqual([
      parseMailToken(first?.text ?? ''),
      [],
    ]);
    const { delivery, ...after } = (await requestUser(guest, 'GET', '/invitation')).body;
    expect(after).toEqual(before);
    expect([delivery.status, delivery.sentTimes.length]).toEqual(['sent', 2]);
    const accepted = await service.post('/v1/invitations/accept', {
      token: parseMailToken(second?.text ?? ''),
      password: nextPassword,
    });
    expect(accepted.status).toBe(200);
  });

  it('mails at most once a minute and 3 times a day', async () => {
    const guest = await inviteUser();
    await hears();
    await asksAfter(0.5, guest);
    expect(invitationsTo(guest)).toHaveLength(1);
    for (let times = 0; times < 4; times++) await asksAfter(7, guest);
    expect(invitationsTo(guest)).toHaveLength(3);
  });

  it.each<[string, (guest: Invitee) => Promise<unknown>]>([
    ['is revoked', (guest) => requestUser(guest, 'POST', '/invitation/revoke')],
    ['has expired', async () => clock.advanceBy(8 * 24 * hour)],
    [
      'link was copied',
      (guest) =>
        requestUser(guest, 'POST', '/invitation/link', {
          token: clock.aTokenOf('acme', ['system_admin']),
        }),
    ],
  ])('mails nothing if the invitation %s, with the same response', async (_what, act) => {
    const guest = await inviteUser();
    await hears();
    await act(guest);
    expect((await asksAfter(2, guest)).status).toBe(202);
    expect(mailsTo(guest)).toHaveLength(1);
  });
});

describe('a reset link [P07]', () => {
  it('works once', async () => {
    const { user, token } = await newLink();
    const outcomes = (await Promise.all(Array.from({ length: 5 }, () => completes(token)))).map(
      outcome,
    );
    expect(outcomes.toSorted()).toEqual([
      '200',
      ...Array.from({ length: 4 }, () => '410 password_reset_used'),
    ]);
    expect(outcome(await inspects(token))).toBe('410 password_reset_used');
    expect(await isPassword(user, nextPassword)).toBe(true);
  });

  it('expires exactly when stated', async () => {
    const { user, token } = await newLink();
    const link = (await stored(user))?.['link'] as { expiresAt: string } | undefined;
    clock.advanceBy(Date.parse(link?.expiresAt ?? '') - clock.now().getTime() - 2000);
    expect(outcome(await inspects(token))).toBe('200');
    clock.advanceBy(2000);
    expect([outcome(await inspects(token)), outcome(await completes(token))]).toEqual([
      '410 password_reset_expired',
      '410 password_reset_expired',
    ]);
  });

  const changes: Record<string, readonly [(user: Invitee) => Promise<unknown>, string]> = {
    'the password changes': [
      ({ slug, id }) =>
        service.post(
          '/v1/users/me/password',
          { currentPassword: goodPassword, newPassword: 'another good password' },
          { token: clock.aTokenOf(slug, [], id) },
        ),
      '410 password_reset_used',
    ],
    'the email changes': [
      (user) => requestUser(user, 'PATCH', '', { body: { email: `new-${user.email}` } }),
      '404 not_found',
    ],
    'the user is suspended': [
      (user) => requestUser(user, 'POST', '/suspend'),
      '410 password_reset_used',
    ],
    'the user was suspended and reactivated': [
      async (user) => {
        await requestUser(user, 'POST', '/suspend');
        await requestUser(user, 'POST', '/reactivate');
      },
      '410 password_reset_used',
    ],
    'the email changes its spelling': [
      (user) =>
        requestUser(user, 'PATCH', '', { body: { email: user.email.replace('s', '\u017f') } }),
      '410 password_reset_used',
    ],
    'the email changed and was restored': [
      async (user) => {
        await requestUser(user, 'PATCH', '', { body: { email: `new-${user.email}` } });
        await requestUser(user, 'PATCH', '', { body: { email: user.email } });
      },
      '410 password_reset_used',
    ],
    'the user gets an identity': [
      (user) =>
        requestUser(user, 'PATCH', '', {
          body: { identity: { issuer: 'https://id.example.com', subject: user.userId } },
        }),
      '410 password_reset_used',
    ],
    'the user is deleted': [(user) => requestUser(user, 'DELETE'), '404 not_found'],
    'the user is erased': [(user) => requestUser(user, 'POST', '/erase'), '404 not_found'],
  };
  it.each(Object.entries(changes))('becomes invalid if %s', async (_what, [change, expected]) => {
    const { user, token } = await newLink();
    expect(outcome(await inspects(token))).toBe('200');
    const answer = await change(user);
    if (answer) expect([200, 204]).toContain((answer as TestResponse).status);
    expect([outcome(await inspects(token)), outcome(await completes(token))]).toEqual([
      expected,
      expected,
    ]);
  });

  const others: Record<string, (user: Invitee) => Promise<TestResponse>> = {
    metadata: (user) =>
      requestUser(user, 'PATCH', '', { body: { metadata: { hr: { department: 'Sales' } } } }),
    'the name and the username': (user) =>
      requestUser(user, 'PATCH', '', {
        body: { name: 'Jo', userName: `jo-${user.userId.slice(0, 8)}` },
      }),
    'the case of the email': (user) =>
      requestUser(user, 'PATCH', '', { body: { email: user.email.toUpperCase() } }),
    roles: (user) =>
      requestUser(user, 'PATCH', '', {
        body: { roleIds: ['cradl:role:user'] },
        headers: { 'if-match': '*' },
      }),
    'the identity to its current value': (user) =>
      requestUser(user, 'PATCH', '', { body: { identity: null, locale: 'de' } }),
  };
  it.each(Object.entries(others))(
    'remains valid after a change of %s [51]',
    async (_what, change) => {
      const { user, token } = await newLink();
      expect((await change(user)).status).toBe(200);
      expect([outcome(await inspects(token)), outcome(await completes(token))]).toEqual([
        '200',
        '200',
      ]);
      expect(outcome(await completes(token))).toBe('410 password_reset_used');
    },
  );

  it('returns 404 in another tenant, for another user or with a changed bit', async () => {
    const { user, token } = await newLink();
    const other = await newLink();
    const swapBytes = (from: string, to: string, start: number, end: number) => {
      const bytes = Buffer.from(from, 'base64url');
      Buffer.from(to, 'base64url').copy(bytes, start, start, end);
      return bytes.toString('base64url');
    };
    await expectNoWrites(service, async () => {
      for (const forged of [
        swapBytes(token, other.token, 17, 33),
        swapBytes(token, other.token, 37, 69),
        `${token.slice(0, -1)}${token.endsWith('A') ? 'B' : 'A'}`,
        'x',
      ])
        expect([outcome(await inspects(forged)), outcome(await completes(forged))]).toEqual([
          '404 not_found',
          '404 not_found',
        ]);
      expect(outcome(await inspects(token, { headers: { 'x-tenant-id': tenantId.globex } }))).toBe(
        '404 not_found',
      );
    });
    expect(outcome(await completes(token, user.email))).toBe(
      '422 password_rejected contains_known_word',
    );
    expect(outcome(await completes(token, 'too short'))).toBe('422 password_rejected too_short');
    await service.updateTenantItem('acme', { status: 'suspended' });
    clock.advanceBy(minute);
    expect(outcome(await completes(token))).toBe('403 tenant_suspended');
    await service.updateTenantItem('acme', { status: 'active' });
    clock.advanceBy(minute);
    expect(outcome(await completes(token))).toBe('200');
  });

  it('is not accepted as an invitation, nor an invitation as a reset link [I07]', async () => {
    const guest = await inviteUser();
    await hears();
    const [invitation = ''] = getTokens(guest);
    const { token } = await newLink();
    for (const path of ['inspect', 'accept'])
      expect(
        outcome(
          await service.post(`/v1/invitations/${path}`, {
            token,
            ...(path === 'accept' && { password: nextPassword }),
          }),
        ),
      ).toBe('404 not_found');
    expect([outcome(await inspects(invitation)), outcome(await completes(invitation))]).toEqual([
      '404 not_found',
      '404 not_found',
    ]);
    // Stores a reset that differs from the invitation only in its kind.
    const { invitationId: id, keyId } =
      (await service.stored.item(keys.user(tenantId.acme, guest.userId)))?.['invitation'] ?? {};
    const link = {
      id,
      keyId,
      userId: guest.userId,
      version: 1,
      expiresAt: '2999-01-01T00:00:00.000Z',
    };
    await service.stored.put({
      ...keys.passwordReset(tenantId.acme, hashEmail(guest.email)),
      link,
    });
    expect(outcome(await inspects(invitation))).toBe('404 not_found');
    expect(outcome(await service.post('/v1/invitations/inspect', { token: invitation }))).toBe(
      '200',
    );
  });

  it('requires the same steps for an unknown user, before the tenant is loaded', async () => {
    const { token } = await newLink();
    const getSteps = async (linkToken: string) => {
      database.isWell();
      amazon.isWell();
      await inspects(linkToken);
      return [...database.sent, ...amazon.sent].map(({ operation }) => operation);
    };
    const bytes = Buffer.from(token, 'base64url');
    bytes.fill(7, 17, 33);
    bytes[23] = 0x47;
    bytes[25] = 0x87;
    expect(await getSteps(bytes.toString('base64url'))).toEqual([
      'UpdateItem',
      'UpdateItem',
      'GetItem',
      'GetItem',
      'VerifyMac',
    ]);
    // A genuine link loads the current tenant.
    expect(await getSteps(token)).toEqual([
      'UpdateItem',
      'UpdateItem',
      'GetItem',
      'GetItem',
      'Query',
      'VerifyMac',
    ]);
  });

  it('remains valid when a mail scanner opens it [I10]', async () => {
    const { token } = await newLink();
    for (const method of ['GET', 'HEAD', 'OPTIONS', 'PUT'])
      await expectNoWrites(service, () =>
        service.send(method, `/v1/auth/password-reset/complete?token=${token}`),
      );
    expect(outcome(await inspects(token))).toBe('200');
  });
});

describe('a reset mail', () => {
  it('links only to the registered page of the tenant, regardless of headers and fields [I18]', async () => {
    const forgedRequests: readonly TestRequest[] = [
      { host: 'evil.example' },
      {
        headers: {
          host: 'evil.example',
          'x-forwarded-host': 'evil.example',
          origin: 'https://evil.example',
          referer: 'https://evil.example/',
        },
      },
    ];
    for (const resetUrl of ['https://join.acme.example/new-password', undefined]) {
      await service.updateTenantItem('acme', {
        resetUrl,
        origin: resetUrl ? 'https://app.acme.example' : 'https://example.com',
      });
      clock.advanceBy(minute);
      for (const sent of forgedRequests) {
        const user = await newUser({ locale: 'de' });
        await asks(user.email, 'acme', sent);
        await hears();
        const [mail] = mailsTo(user);
        const [page, fragment] = (/https:\S+/.exec(mail?.text ?? '')?.[0] ?? '').split('#');
        expect([page, mail?.html?.includes(`"${page}#`)]).toEqual([
          resetUrl ?? 'https://example.com/reset',
          true,
        ]);
        expect(fragment).toMatch(/^token=[\w-]{92}&locale=de$/);
        const { body } = await completes(parseMailToken(mail?.text ?? ''), nextPassword, sent);
        expect(body.continueUrl).toBe(
          resetUrl ? 'https://app.acme.example' : 'https://example.com',
        );
      }
    }
    const { email } = await newUser();
    await expectNoWrites(service, async () => {
      for (const field of ['redirectUrl', 'resetUrl', 'continueUrl', 'origin']) {
        const body = { tenant: 'acme', email, [field]: 'https://evil.example' };
        expect(outcome(await service.post('/v1/auth/password-reset', body))).toBe(
          '400 invalid_input',
        );
      }
    });
  });

  it('is sent by the sweep if the stream lost the record', async () => {
    const user = await newUser();
    await asks(user.email);
    clock.advanceBy(3 * minute);
    await service.on.sweep();
    expect(getTokens(user)).toHaveLength(1);
    await service.on.sweep();
    expect(getTokens(user)).toHaveLength(1);
  });

  it('is sent later if SES rejects it temporarily, but not after the link expires', async () => {
    const [user, other] = [await newUser(), await newUser()];
    amazon.goesWrong((sent) =>
      sent.operation.includes('emails')
        ? failWith('TooManyRequestsException', { status: 429 })
        : undefined,
    );
    await asks(user.email);
    await asks(other.email);
    await hears();
    amazon.isWell();
    expect([getTokens(user), getTokens(other)]).toEqual([[], []]);
    clock.advanceBy(8 * minute);
    await service.on.records(
      (await service.listPendingRecords()).filter(({ dynamodb }) =>
        dynamodb?.Keys?.['pk']?.S?.includes(hashEmail(user.email)),
      ),
    );
    expect(getTokens(user)).toHaveLength(1);
    clock.advanceBy(hour);
    await hears();
    expect([getTokens(other), (await stored(other))?.['dueAt']]).toEqual([[], undefined]);
  });

  it('is sent at most twice with the same link if every SES response is lost', async () => {
    const user = await newUser();
    await asks(user.email);
    for (let turn = 0; turn < 4; turn++) {
      amazon.goesWrong((sent) => (sent.operation.includes('emails') ? dropResponse : undefined));
      await hears();
      clock.advanceBy(3 * minute);
    }
    amazon.isWell();
    const tokens = getTokens(user);
    expect([tokens.length, new Set(tokens).size, (await stored(user))?.['dueAt']]).toEqual([
      2,
      1,
      undefined,
    ]);
    expect(outcome(await completes(tokens[0] ?? ''))).toBe('200');
  });

  it('stays pending if the directory or KMS is unreachable, and the batch item fails', async () => {
    const user = await newUser();
    await asks(user.email);
    const pendingRecords = await service.listPendingRecords();
    database.goesWrong(() => dropRequest);
    expect((await service.on.records(pendingRecords)).batchItemFailures.length).toBeGreaterThan(0);
    database.isWell();
    amazon.goesWrong((sent) => (sent.operation === 'GenerateMac' ? dropRequest : undefined));
    expect((await service.on.records(pendingRecords)).batchItemFailures.length).toBeGreaterThan(0);
    amazon.isWell();
    await service.on.records(pendingRecords);
    expect(getTokens(user)).toHaveLength(1);
    expect((await aws()).mailbox.mails.every(({ to }) => to.length === 1)).toBe(true);
  });

  it('is sent once by concurrent deliveries', async () => {
    const user = await newUser();
    await asks(user.email);
    await Promise.all(Array.from({ length: 5 }, hears));
    expect(getTokens(user)).toHaveLength(1);
  });
});
