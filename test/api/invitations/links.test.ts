import * as fc from 'fast-check';
import { describe, expect, inject, it } from 'vitest';
import { goodPassword } from '../../support/dialects/create-user.ts';
import { aFaultyWayTo } from '../../support/faults/fault-proxy.ts';
import { anInvitingService, minute, outcome } from '../../support/scenarios/invitations.ts';
import { type Answer, aws, tenantId } from '../../support/service.ts';
import { withoutEffect } from '../../support/expect-no-writes.ts';

const [database, kms] = [
  await aFaultyWayTo(inject('databaseEndpoint')),
  await aFaultyWayTo((await aws()).endpoint),
];
const life = await anInvitingService({
  databaseEndpoint: database.endpoint,
  environment: { AWS_ENDPOINT_URL_KMS: kms.endpoint },
});
const { service, clock, invites, invited, about, tokenFor, inspects, accepts, resends } = life;

/** An answer but for what names the request. */
const sameButForIds = ({ status, body, headers }: Answer) => ({
  status,
  body: { ...body, details: { ...body.details, requestId: '' } },
  headers: { ...headers, 'x-request-id': '', 'apigw-requestid': '' },
});
const unknown = sameButForIds(await inspects('nothing like a token'));

/** Each of the two answers to a link says the same that it says to any text. */
async function isUnknown(token: string): Promise<void> {
  expect(sameButForIds(await inspects(token))).toEqual(unknown);
  expect(sameButForIds(await accepts(token))).toEqual(unknown);
}

const bytesOf = (token: string) => Buffer.from(token, 'base64url');
const withByte = (token: string, index: number, change: (byte: number) => number): string => {
  const bytes = bytesOf(token);
  bytes[index] = change(bytes[index]!);
  return bytes.toString('base64url');
};
/** Where in its bytes a token says what. */
const place = { format: 0, tenant: 1, user: 17, version: 33, mac: 37, end: 69 };

describe('I08: what is no genuine token', () => {
  it('is answered like any text, which says nothing of why', () => {
    expect(unknown).toMatchObject({
      status: 404,
      body: { code: 'not_found', message: 'This link is not valid', details: { requestId: '' } },
      headers: { 'cache-control': 'no-store' },
    });
    expect(Object.keys(unknown.body)).toEqual(['code', 'message', 'details']);
  });

  it('is one of which a bit is another', async () => {
    const { token } = await invited();
    await withoutEffect(service, async () => {
      const bit = fc.nat({ max: place.end * 8 - 1 });
      const property = fc.asyncProperty(bit, (flipped) =>
        isUnknown(withByte(token, flipped >> 3, (byte) => byte ^ (1 << (flipped & 7)))),
      );
      await fc.assert(property, {
        numRuns: 15,
        examples: [[0], [7], [8], [17 * 8], [36 * 8], [37 * 8], [place.end * 8 - 1]],
      });
    });
    expect(outcome(await accepts(token))).toBe('200');
  });

  it('is one that is shorter, longer, or spelt otherwise', async () => {
    let token = (await invited()).token;
    while (!/[-_]/.test(token)) token = (await invited()).token;
    const others = [
      'A',
      token.slice(0, -1),
      token.slice(1),
      ...[1, place.user, place.mac].map((bytes) =>
        bytesOf(token).subarray(0, bytes).toString('base64url'),
      ),
      `${token}A`,
      `${token}AAAA`,
      token + token,
      `${token}=`,
      ` ${token}`,
      `${token}\n`,
      `${token.slice(0, 40)} ${token.slice(40)}`,
      `${token.slice(0, 40)}.${token.slice(40)}`,
      token.replaceAll('-', '+').replaceAll('_', '/'),
      bytesOf(token).toString('hex'),
      encodeURIComponent(`${token}&`),
      token.toLowerCase(),
      withByte(token, 0, () => 2),
      Buffer.concat([bytesOf(token).subarray(0, place.mac), Buffer.alloc(32)]).toString(
        'base64url',
      ),
    ];
    await withoutEffect(service, async () => {
      for (const other of others) await isUnknown(other);
    });
    expect(outcome(await inspects(token))).toBe('200');
  });

  it('I14: is the id of an invitation, or of anything else', async () => {
    const { guest } = await invited();
    const { body } = await about('GET', guest, '/invitation');
    for (const id of [
      body.invitationId,
      body.invitationId.split(':')[2],
      guest.id,
      guest.uuid,
      guest.email,
      tenantId.acme,
    ])
      await isUnknown(id);
  });

  it('is no text at all: 400', async () => {
    for (const token of [undefined, null, 7, {}, [], ['x'], true, 'x'.repeat(257)]) {
      expect([outcome(await inspects(token)), outcome(await accepts(token))]).toEqual([
        '400 invalid_input',
        '400 invalid_input',
      ]);
    }
  });
});

describe('T20: who is unknown', () => {
  it('is looked for in as many steps as who is not', async () => {
    const [{ token }, { guest: other }] = [await invited(), await invited({}, { slug: 'globex' })];
    const uninvited = await invites({ password: goodPassword });
    const deleted = await invited();
    await about('DELETE', deleted.guest);
    await inspects(token);
    await isUnknown(withTenant(token, tenantId.globex));

    const stepsOf = async (asked: string, asks: typeof inspects) => {
      database.isWell();
      kms.isWell();
      const answer = await asks(asked);
      return [
        outcome(answer),
        ...[...database.sent, ...kms.sent].map(({ operation }) => operation),
      ];
    };
    // It is counted first, by account and network.
    const counted = ['UpdateItem', 'UpdateItem'];
    const expected = ['404 not_found', ...counted, 'GetItem', 'VerifyMac'];
    const wrong = [
      withByte(token, place.mac, (byte) => byte ^ 1),
      withByte(token, place.version, (byte) => byte ^ 1),
      withUser(token, '00000000-0000-4000-8000-000000000000'),
      withUser(token, uninvited.uuid),
      withUser(token, other.uuid),
      withTenant(token, tenantId.globex),
      deleted.token,
    ];
    for (const asks of [inspects, (each: unknown) => accepts(each)]) {
      for (const each of wrong) expect(await stepsOf(each, asks)).toEqual(expected);
    }
    // A genuine link is decided on the current tenant and inviter.
    expect(await stepsOf(token, inspects)).toEqual([
      '200',
      ...counted,
      'GetItem',
      'Query',
      'GetItem',
      'GetItem',
      'VerifyMac',
    ]);
    // A tenant that has not been heard of lately is one query more, whether there is one or not.
    clock.leaps(minute);
    const cold = ['404 not_found', ...counted, 'Query', 'GetItem', 'VerifyMac'];
    expect((await stepsOf(withTenant(token, tenantId.south), inspects)).toSorted()).toEqual(
      cold.toSorted(),
    );
    expect(
      (
        await stepsOf(withTenant(token, '00000000-0000-4000-8000-000000000000'), inspects)
      ).toSorted(),
    ).toEqual(cold.toSorted());
  });
});

describe('I06: a link', () => {
  it('is good where no tenant is named, or its own is, and unknown wherever another is', async () => {
    const { token } = await invited();
    const own = [
      {},
      { host: 'acme.admin.localhost' },
      { host: 'ACME.admin.localhost' },
      { headers: { 'x-tenant-id': tenantId.acme.toUpperCase() } },
      { host: 'elsewhere.example' },
    ];
    for (const sent of own) expect(outcome(await inspects(token, sent))).toBe('200');
    const others = [
      { host: 'globex.admin.localhost' },
      { host: 'nobody.admin.localhost' },
      { headers: { 'x-tenant-id': tenantId.globex } },
      { headers: { 'x-tenant-id': '00000000-0000-4000-8000-000000000000' } },
      { host: 'acme.admin.localhost', headers: { 'x-tenant-id': tenantId.globex } },
      { host: 'globex.admin.localhost', headers: { 'x-tenant-id': tenantId.acme } },
    ];
    await withoutEffect(service, async () => {
      for (const sent of others) {
        expect(sameButForIds(await inspects(token, sent))).toEqual(unknown);
        expect(sameButForIds(await accepts(token, goodPassword, sent))).toEqual(unknown);
      }
      for (const id of ['acme', `${tenantId.acme},${tenantId.globex}`]) {
        expect(
          outcome(await accepts(token, goodPassword, { headers: { 'x-tenant-id': id } })),
        ).toBe('400 invalid_input');
      }
    });
    expect(outcome(await accepts(token, goodPassword, { host: 'acme.admin.localhost' }))).toBe(
      '200',
    );
  });
});

describe('JITSudo’s set-initial-password', () => {
  const sets = (token: unknown, password: unknown = goodPassword, headers = {}) =>
    service.posts('/jitsudo/v1/auth/set-initial-password', { token, password }, { headers });

  it('sets it, once', async () => {
    const { guest, token } = await invited();
    const { status, body } = await sets(token);
    expect([status, body]).toEqual([200, { message: 'Password set' }]);
    expect((await about('GET', guest)).body).toMatchObject({
      status: 'active',
      emailVerified: true,
    });
    expect(await sets(token)).toMatchObject({
      status: 400,
      body: { code: 'invalid_input', details: { issues: [{ path: 'token' }] } },
    });
  });

  it('answers 400 for a bad token and for a weak password, as its page says', async () => {
    const { guest, token } = await invited();
    const weak = await sets(token, 'short');
    expect([weak.status, weak.body.details.issues]).toEqual([
      400,
      [{ path: 'password', message: expect.any(String) }],
    ]);
    expect(weak.text).not.toContain('short');
    clock.leaps(minute);
    await resends(guest);
    for (const bad of ['', 'x', token, withByte(token, 40, (byte) => byte ^ 1)]) {
      expect((await sets(bad)).body.details.issues).toEqual([
        { path: 'token', message: expect.any(String) },
      ]);
    }
    const next = await tokenFor(guest);
    expect((await sets(next, goodPassword, { 'x-tenant-id': tenantId.globex })).status).toBe(400);
    expect((await sets(next, goodPassword, { 'x-tenant-id': tenantId.acme })).status).toBe(200);
  });
});

function withId(token: string, at: number, uuid: string): string {
  const bytes = bytesOf(token);
  Buffer.from(uuid.replaceAll('-', ''), 'hex').copy(bytes, at);
  return bytes.toString('base64url');
}
function withTenant(token: string, uuid: string): string {
  return withId(token, place.tenant, uuid);
}
function withUser(token: string, uuid: string): string {
  return withId(token, place.user, uuid);
}
