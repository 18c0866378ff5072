import * as fc from 'fast-check';
import { describe, expect, inject, it } from 'vitest';
import { goodPassword } from '../../support/dialects/create-user.ts';
import { createFaultProxy } from '../../support/faults/fault-proxy.ts';
import { createInvitationService, minute, outcome } from '../../support/scenarios/invitations.ts';
import { type TestResponse, aws, tenantId } from '../../support/service.ts';
import { expectNoWrites } from '../../support/database/expect-no-writes.ts';
import { scaleRuns } from '../../support/property-runs.ts';

const [database, kms] = [
  await createFaultProxy(inject('databaseEndpoint')),
  await createFaultProxy((await aws()).endpoint),
];
const life = await createInvitationService({
  databaseEndpoint: database.endpoint,
  environment: { AWS_ENDPOINT_URL_KMS: kms.endpoint },
});
const {
  service,
  clock,
  inviteUser,
  inviteAndReadToken,
  requestInvitation,
  tokenFor,
  inspectLink,
  acceptLink,
  resends,
} = life;

/** Response without request IDs. */
const withoutIds = ({ status, body, headers }: TestResponse) => ({
  status,
  body: { ...body, details: { ...body.details, requestId: '' } },
  headers: { ...headers, 'x-request-id': '', 'apigw-requestid': '' },
});
const unknown = withoutIds(await inspectLink('nothing like a token'));

/** Expects the same responses as for any text, both when reading and when accepting. */
async function expectUnknown(token: string): Promise<void> {
  expect(withoutIds(await inspectLink(token))).toEqual(unknown);
  expect(withoutIds(await acceptLink(token))).toEqual(unknown);
}

const decode = (token: string) => Buffer.from(token, 'base64url');
const withByte = (token: string, index: number, change: (byte: number) => number): string => {
  const bytes = decode(token);
  bytes[index] = change(bytes[index]!);
  return bytes.toString('base64url');
};
/** Offsets of the fields in a token. */
const offsets = { format: 0, tenant: 1, user: 17, version: 33, mac: 37, end: 69 };

describe('an invalid token [I08]', () => {
  it('returns 404 without a reason', () => {
    expect(unknown).toMatchObject({
      status: 404,
      body: { code: 'not_found', message: 'This link is not valid', details: { requestId: '' } },
      headers: { 'cache-control': 'no-store' },
    });
    expect(Object.keys(unknown.body)).toEqual(['code', 'message', 'details']);
  });

  it('can be a token with one changed bit', async () => {
    const { token } = await inviteAndReadToken();
    await expectNoWrites(service, async () => {
      const bit = fc.nat({ max: offsets.end * 8 - 1 });
      const property = fc.asyncProperty(bit, (flipped) =>
        expectUnknown(withByte(token, flipped >> 3, (byte) => byte ^ (1 << (flipped & 7)))),
      );
      await fc.assert(property, {
        numRuns: scaleRuns(15),
        examples: [[0], [7], [8], [17 * 8], [36 * 8], [37 * 8], [offsets.end * 8 - 1]],
      });
    });
    expect(outcome(await acceptLink(token))).toBe('200');
  });

  it('can be a shortened, extended or reformatted token', async () => {
    let token = (await inviteAndReadToken()).token;
    while (!/[-_]/.test(token)) token = (await inviteAndReadToken()).token;
    const others = [
      'A',
      token.slice(0, -1),
      token.slice(1),
      ...[1, offsets.user, offsets.mac].map((bytes) =>
        decode(token).subarray(0, bytes).toString('base64url'),
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
      decode(token).toString('hex'),
      encodeURIComponent(`${token}&`),
      token.toLowerCase(),
      withByte(token, 0, () => 2),
      Buffer.concat([decode(token).subarray(0, offsets.mac), Buffer.alloc(32)]).toString(
        'base64url',
      ),
    ];
    await expectNoWrites(service, async () => {
      for (const other of others) await expectUnknown(other);
    });
    expect(outcome(await inspectLink(token))).toBe('200');
  });

  it('can be the ID of an invitation or another resource [I14]', async () => {
    const { guest } = await inviteAndReadToken();
    const { body } = await requestInvitation('GET', guest, '/invitation');
    for (const id of [
      body.invitationId,
      body.invitationId.split(':')[2],
      guest.id,
      guest.uuid,
      guest.email,
      tenantId.acme,
    ])
      await expectUnknown(id);
  });

  it('returns 400 if it is not a string or is too long', async () => {
    for (const token of [undefined, null, 7, {}, [], ['x'], true, 'x'.repeat(257)]) {
      expect([outcome(await inspectLink(token)), outcome(await acceptLink(token))]).toEqual([
        '400 invalid_input',
        '400 invalid_input',
      ]);
    }
  });
});

describe('an unknown link [T20]', () => {
  it('takes the same steps regardless of the reason', async () => {
    const [{ token }, { guest: other }] = [
      await inviteAndReadToken(),
      await inviteAndReadToken({}, { slug: 'globex' }),
    ];
    const uninvited = await inviteUser({ password: goodPassword });
    const deleted = await inviteAndReadToken();
    await requestInvitation('DELETE', deleted.guest);
    await inspectLink(token);
    await expectUnknown(withTenant(token, tenantId.globex));

    const recordSteps = async (linkToken: string, request: typeof inspectLink) => {
      database.isWell();
      kms.isWell();
      const answer = await request(linkToken);
      return [
        outcome(answer),
        ...[...database.sent, ...kms.sent].map(({ operation }) => operation),
      ];
    };
    // The request is counted first, by account and network.
    const counted = ['UpdateItem', 'UpdateItem'];
    const expected = ['404 not_found', ...counted, 'GetItem', 'VerifyMac'];
    const wrong = [
      withByte(token, offsets.mac, (byte) => byte ^ 1),
      withByte(token, offsets.version, (byte) => byte ^ 1),
      withUser(token, '00000000-0000-4000-8000-000000000000'),
      withUser(token, uninvited.uuid),
      withUser(token, other.uuid),
      withTenant(token, tenantId.globex),
      deleted.token,
    ];
    for (const request of [inspectLink, (each: unknown) => acceptLink(each)]) {
      for (const each of wrong) expect(await recordSteps(each, request)).toEqual(expected);
    }
    // A genuine link also depends on the current tenant and inviter.
    expect(await recordSteps(token, inspectLink)).toEqual([
      '200',
      ...counted,
      'GetItem',
      'Query',
      'GetItem',
      'GetItem',
      'VerifyMac',
    ]);
    // An uncached tenant takes one more query, even if it does not exist.
    clock.advanceBy(minute);
    const cold = ['404 not_found', ...counted, 'Query', 'GetItem', 'VerifyMac'];
    expect((await recordSteps(withTenant(token, tenantId.south), inspectLink)).toSorted()).toEqual(
      cold.toSorted(),
    );
    expect(
      (
        await recordSteps(withTenant(token, '00000000-0000-4000-8000-000000000000'), inspectLink)
      ).toSorted(),
    ).toEqual(cold.toSorted());
  });
});

describe('a link [I06]', () => {
  it('is valid without a tenant or with its own, and unknown with any other', async () => {
    const { token } = await inviteAndReadToken();
    const own = [
      {},
      { host: 'acme.admin.localhost' },
      { host: 'ACME.admin.localhost' },
      { headers: { 'x-tenant-id': tenantId.acme.toUpperCase() } },
      { host: 'elsewhere.example' },
    ];
    for (const sent of own) expect(outcome(await inspectLink(token, sent))).toBe('200');
    const others = [
      { host: 'globex.admin.localhost' },
      { host: 'unknown.admin.localhost' },
      { headers: { 'x-tenant-id': tenantId.globex } },
      { headers: { 'x-tenant-id': '00000000-0000-4000-8000-000000000000' } },
      { host: 'acme.admin.localhost', headers: { 'x-tenant-id': tenantId.globex } },
      { host: 'globex.admin.localhost', headers: { 'x-tenant-id': tenantId.acme } },
    ];
    await expectNoWrites(service, async () => {
      for (const sent of others) {
        expect(withoutIds(await inspectLink(token, sent))).toEqual(unknown);
        expect(withoutIds(await acceptLink(token, goodPassword, sent))).toEqual(unknown);
      }
      for (const id of ['acme', `${tenantId.acme},${tenantId.globex}`]) {
        expect(
          outcome(await acceptLink(token, goodPassword, { headers: { 'x-tenant-id': id } })),
        ).toBe('400 invalid_input');
      }
    });
    expect(outcome(await acceptLink(token, goodPassword, { host: 'acme.admin.localhost' }))).toBe(
      '200',
    );
  });
});

describe('set-initial-password in JITSudo', () => {
  const setPassword = (token: unknown, password: unknown = goodPassword, headers = {}) =>
    service.post('/jitsudo/v1/auth/set-initial-password', { token, password }, { headers });

  it('sets the password once', async () => {
    const { guest, token } = await inviteAndReadToken();
    const { status, body } = await setPassword(token);
    expect([status, body]).toEqual([200, { message: 'Password set' }]);
    expect((await requestInvitation('GET', guest)).body).toMatchObject({
      status: 'active',
      emailVerified: true,
    });
    expect(await setPassword(token)).toMatchObject({
      status: 400,
      body: { code: 'invalid_input', details: { issues: [{ path: 'token' }] } },
    });
  });

  it('returns 400 for an invalid token and for a weak password, as documented', async () => {
    const { guest, token } = await inviteAndReadToken();
    const weak = await setPassword(token, 'short');
    expect([weak.status, weak.body.details.issues]).toEqual([
      400,
      [{ path: 'password', message: expect.any(String) }],
    ]);
    expect(weak.text).not.toContain('short');
    clock.advanceBy(minute);
    await resends(guest);
    for (const bad of ['', 'x', token, withByte(token, 40, (byte) => byte ^ 1)]) {
      expect((await setPassword(bad)).body.details.issues).toEqual([
        { path: 'token', message: expect.any(String) },
      ]);
    }
    const next = await tokenFor(guest);
    expect((await setPassword(next, goodPassword, { 'x-tenant-id': tenantId.globex })).status).toBe(
      400,
    );
    expect((await setPassword(next, goodPassword, { 'x-tenant-id': tenantId.acme })).status).toBe(
      200,
    );
  });
});

function withId(token: string, at: number, uuid: string): string {
  const bytes = decode(token);
  Buffer.from(uuid.replaceAll('-', ''), 'hex').copy(bytes, at);
  return bytes.toString('base64url');
}
function withTenant(token: string, uuid: string): string {
  return withId(token, offsets.tenant, uuid);
}
function withUser(token: string, uuid: string): string {
  return withId(token, offsets.user, uuid);
}
