/** Changes of the caller's own password [P09]. */
import { describe, expect, it } from 'vitest';
import { auditTables } from '../../support/database/table-audit.ts';
import { readNativeUser } from '../../support/dialects/update-user.ts';
import { unique } from '../../support/dialects/dialects.ts';
import {
  createCaller,
  createExternalCaller,
  createServiceWithExternalIssuer,
  externalIssuer,
  type Caller,
} from '../../support/scenarios/self.ts';
import { getLogs } from '../../support/logs.ts';
import { adminToken, createTestService, issuer, tenantId } from '../../support/service.ts';
import { expectNoWrites } from '../../support/database/expect-no-writes.ts';

const service = await createServiceWithExternalIssuer();
const password = 'tangled-orchard-7-lamps';
const next = 'seven-lamps-in-an-orchard';

const dialects = {
  native: {
    path: '/v1/users/me/password',
    current: 'currentPassword',
    next: 'newPassword',
    success: { status: 204, text: '' },
  },
  jitsudo: {
    path: '/jitsudo/v1/users/me/password',
    current: 'current_password',
    next: 'new_password',
    success: { status: 200, body: { message: 'Password changed' } },
  },
} as const;
type Dialect = keyof typeof dialects;
const names = Object.keys(dialects) as Dialect[];

const sends = (dialect: Dialect, token: string, body: object) =>
  service.post(dialects[dialect].path, body, { token, headers: { 'x-tenant-id': tenantId.acme } });
const changes = (dialect: Dialect, token: string, from: unknown, to: unknown) =>
  sends(dialect, token, { [dialects[dialect].current]: from, [dialects[dialect].next]: to });
const refusal = (path: string) => ({
  status: 400,
  body: { code: 'invalid_input', details: { issues: [expect.objectContaining({ path })] } },
});

const getHashes = async ({ jitsudo }: { jitsudo: string }) =>
  (await service.stored.all(service.stored.secrets)).flatMap(({ userId, passwordHash }) =>
    userId === jitsudo ? [passwordHash] : [],
  );

describe.each(names)('a password change through %s', (dialect) => {
  const { current: currentName, next: nextName, success } = dialects[dialect];

  it('requires the current password, and replaces it', async () => {
    const self = await createCaller(service, { password });
    const other = await createCaller(service, { password });
    const [[before], [untouched]] = [await getHashes(self), await getHashes(other)];
    expect(await changes(dialect, self.token, password, next)).toMatchObject(success);
    const hashes = await getHashes(self);
    expect(hashes).toEqual([expect.stringMatching(/^\$argon2id\$v=19\$/)]);
    expect(hashes[0]).not.toBe(before);
    expect(await getHashes(other)).toEqual([untouched]);
    for (const each of names) {
      expect(
        await expectNoWrites(service, () =>
          changes(each, self.token, password, 'another-orchard-of-lamps'),
        ),
      ).toMatchObject(refusal(dialects[each].current));
    }
    expect(await changes(dialect, self.token, next, password)).toMatchObject(success);
    expect(await changes(dialect, self.token, password, next)).toMatchObject(success);
    expect(await readNativeUser(service, self)).toMatchObject({
      version: 4,
      updatedBy: self.native,
      status: 'active',
    });
  });

  it('writes a change record, and stores or logs no secret', async () => {
    const self = await createCaller(service, { password });
    const answer = await changes(dialect, self.token, password, next);
    const { body } = await service.get(`/v1/users/${self.native}/export`, {
      token: adminToken('acme'),
    });
    expect(body.changes).toEqual([
      expect.objectContaining({
        version: 2,
        action: 'changePassword',
        by: self.native,
        requestId: answer.headers['x-request-id'],
        policies: ['use-own-account'],
        before: { password: true, isPasswordSetByOther: true },
      }),
    ]);
    await changes(dialect, self.token, 'not-the-password-at-all', next);
    const output = JSON.stringify([
      await service.stored.all(),
      await service.stored.all(service.stored.secrets),
      getLogs,
      body,
    ]);
    for (const secret of [password, next, 'not-the-password-at-all'])
      expect(output).not.toContain(secret);
    expect(JSON.stringify([await service.stored.all(), getLogs, body])).not.toContain('$argon2id');
    const { missing, stray } = await auditTables(service);
    expect([missing, stray]).toEqual([[], []]);
  });

  it.each([
    'tangled-orchard-7-lamp',
    'Tangled-orchard-7-lamps',
    ' tangled-orchard-7-lamps',
    '',
    'x'.repeat(1024),
    'x'.repeat(100_000),
    '\u0000',
  ])('returns 400 for the wrong current password %j', async (wrong) => {
    const self = await createCaller(service, { password });
    expect(
      await expectNoWrites(service, () => changes(dialect, self.token, wrong, next)),
    ).toMatchObject(refusal(currentName));
  });

  it('accepts the current password in another Unicode form', async () => {
    const self = await createCaller(service, { password: 'cafe\u0301 \uFB01lled with light' });
    expect(await changes(dialect, self.token, 'caf\u00E9 filled with light', next)).toMatchObject(
      success,
    );
  });

  it.each([
    ['too_short', 'brief one'],
    ['too_long', 'tangled orchard '.repeat(65)],
    ['pattern', 'a'.repeat(20)],
    ['commonly_used', 'password1234567'],
  ])('rejects a weak password: %s', async (reason, weak) => {
    const self = await createCaller(service, { password });
    const answer = await expectNoWrites(service, () =>
      changes(dialect, self.token, password, weak),
    );
    if (dialect === 'jitsudo') expect(answer).toMatchObject(refusal(nextName));
    else
      expect(answer).toMatchObject({
        status: 422,
        body: { code: 'password_rejected', details: { field: nextName, reason } },
      });
    if (weak) expect(answer.text).not.toContain(weak);
  });

  it('rejects a password that contains the email, the username or the tenant name', async () => {
    const userName = `quillon-${unique()}`;
    const self = await createCaller(service, {
      password,
      userName,
      email: `${unique()}.wexford@example.com`,
    });
    const { email } = await readNativeUser(service, self);
    for (const weak of [`my ${email} it is`, `${userName} is what it is`, `the lamps of Acme!`]) {
      expect(
        (await expectNoWrites(service, () => changes(dialect, self.token, password, weak))).status,
      ).toBe(dialect === 'native' ? 422 : 400);
    }
  });

  it('verifies the current password before the strength of the new one', async () => {
    const self = await createCaller(service, { password });
    expect(await changes(dialect, self.token, 'wrong', 'weak')).toMatchObject(refusal(currentName));
  });

  it.each(['oidc', 'saml'])(
    'returns 403 to a user who signs in through %s',
    async (authProvider) => {
      const self = await createExternalCaller(service, { authProvider });
      const answer = await expectNoWrites(service, () =>
        changes(dialect, self.token, password, next),
      );
      expect(answer).toMatchObject({ status: 403, body: { code: 'forbidden' } });
    },
  );

  it('returns 400 to a user without a password', async () => {
    const self = await createCaller(service);
    for (const current of ['', password]) {
      expect(
        await expectNoWrites(service, () => changes(dialect, self.token, current, next)),
      ).toMatchObject(refusal(currentName));
    }
  });

  it('succeeds for a local user that a linked identity names', async () => {
    const self = await createExternalCaller(service, { password });
    expect(await changes(dialect, self.token, password, next)).toMatchObject(success);
  });

  it('returns 404 to callers without an account', async () => {
    const self = await createCaller(service, { password }, 'globex');
    const tokensWithoutAccount = [
      issuer.mintAccessToken({ sub: self.native, tenantId: tenantId.acme }),
      externalIssuer.mintAccessToken({ sub: self.native, tenantId: tenantId.acme }),
      adminToken('acme'),
    ];
    for (const token of tokensWithoutAccount) {
      const answer = await expectNoWrites(service, () => changes(dialect, token, password, next));
      expect(answer).toMatchObject({ status: 404, body: { code: 'not_found' } });
    }
  });

  it('returns 403 to a suspended user until reactivation [L08]', async () => {
    const self = await createCaller(service, { password });
    const moves = (move: string) =>
      service.post(`/v1/users/${self.native}/${move}`, undefined, { token: adminToken('acme') });
    await moves('suspend');
    expect(
      await expectNoWrites(service, () => changes(dialect, self.token, password, next)),
    ).toMatchObject({
      status: 403,
      body: { code: 'account_suspended' },
    });
    await moves('reactivate');
    expect(await changes(dialect, self.token, password, next)).toMatchObject(success);
  });

  it('returns 404 to a deleted user', async () => {
    const self = await createCaller(service, { password });
    await service.send('DELETE', `/v1/users/${self.native}`, { token: adminToken('acme') });
    expect(
      (await expectNoWrites(service, () => changes(dialect, self.token, password, next))).status,
    ).toBe(404);
  });

  it('requires both passwords as strings', async () => {
    const self = await createCaller(service, { password });
    for (const [body, path] of [
      [{ [currentName]: password }, nextName],
      [{ [nextName]: next }, currentName],
      [{ [currentName]: null, [nextName]: next }, currentName],
      [{ [currentName]: password, [nextName]: 123_456_789_012_345 }, nextName],
      [{ [currentName]: [password], [nextName]: next }, currentName],
    ] as const) {
      expect(await expectNoWrites(service, () => sends(dialect, self.token, body))).toMatchObject(
        refusal(path),
      );
    }
  });
});

describe('wrong current passwords [P09]', async () => {
  // A fixed time, because the shortest delays are as long as some requests.
  let time = Date.now();
  const fixedTimeService = await createTestService({ now: () => new Date(time) });
  const createUser = () => createCaller(fixedTimeService, { password });
  const guesses = (
    dialect: Dialect,
    { token }: Caller,
    current: string,
    to = next,
    sourceIp = '203.0.113.7',
  ) => {
    const { path, current: currentName, next: nextName } = dialects[dialect];
    return fixedTimeService.post(
      path,
      { [currentName]: current, [nextName]: to },
      { token, headers: { 'x-tenant-id': tenantId.acme }, sourceIp },
    );
  };

  it.each(names)(
    'are throttled through %s like sign-in attempts, per user and address',
    async (dialect) => {
      const [self, other] = [await createUser(), await createUser()];
      for (let guess = 1; guess <= 5; guess++)
        expect((await guesses(dialect, self, 'not the one at all')).status).toBe(400);
      for (const each of names) {
        const response = await guesses(each, self, password);
        expect([response.status, response.body.code, response.headers['retry-after']]).toEqual([
          429,
          'too_many_requests',
          '1',
        ]);
      }
      expect((await guesses(dialect, self, password, next, '203.0.113.8')).status).toBeLessThan(
        300,
      );
      expect((await guesses(dialect, other, password)).status).toBeLessThan(300);
      time += 1000;
      expect((await guesses(dialect, self, 'not the one at all')).status).toBe(400);
      expect((await guesses(dialect, self, next)).headers['retry-after']).toBe('2');
    },
  );

  it('are counted from 0 after a correct one, even if the new password is rejected', async () => {
    const self = await createUser();
    for (let round = 0; round < 3; round++) {
      for (let guess = 1; guess <= 4; guess++)
        expect((await guesses('native', self, 'not the one at all')).status).toBe(400);
      expect((await guesses('native', self, password, 'short')).status).toBe(422);
    }
  });

  it('do not throttle sign-ins from the same address', async () => {
    const self = await createUser();
    const { email } = await readNativeUser(fixedTimeService, self);
    for (let guess = 1; guess <= 5; guess++) await guesses('native', self, 'not the one at all');
    const signsIn = () =>
      fixedTimeService.post(
        '/v1/auth/token',
        { tenant: 'acme', email, password },
        { sourceIp: '203.0.113.7' },
      );
    expect((await signsIn()).status).toBe(200);
  });
});
