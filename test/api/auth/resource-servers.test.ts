import { describe, expect, it } from 'vitest';
import { createUserIn } from '../../support/authenticated-routes.ts';
import { goodPassword } from '../../support/dialects/create-user.ts';
import {
  createTokenAppClient,
  requestAccessToken,
  ownIssuer,
} from '../../support/tokens/roster-tokens.ts';
import { createTestService, adminToken, type TestResponse } from '../../support/service.ts';

const billing = 'https://billing.example.com';
const reports = 'urn:example:reports';
const service = await createTestService({
  environment: {
    OWN_ISSUER: JSON.stringify({
      issuer: ownIssuer,
      audience: ownIssuer,
      resourceServers: [billing, reports],
    }),
  },
});
const client = await createTokenAppClient(service, 'acme');
const email = 'signs-in@example.com';
await service.post('/v1/users', { email, password: goodPassword }, { token: adminToken('acme') });

const asks = (form: Record<string, string>) => requestAccessToken(service, client, { form });
const signsIn = (more: object = {}) =>
  service.post('/v1/auth/token', { tenant: 'acme', email, password: goodPassword, ...more });
const getAudience = ({ body }: TestResponse): unknown =>
  JSON.parse(
    Buffer.from(
      String(body.access_token ?? body.accessToken).split('.')[1] ?? '',
      'base64url',
    ).toString(),
  ).aud;

describe('a token for a resource server [SEC-21]', () => {
  it.each([
    ['resource', billing],
    ['audience', billing],
    ['resource', reports],
  ])('is issued to a client that requests it with %s %s', async (name, value) => {
    const answer = await asks({ [name]: value });
    expect([answer.status, getAudience(answer)]).toEqual([200, value]);
  });

  it('is issued to a user at sign-in', async () => {
    const answer = await signsIn({ audience: billing });
    expect([answer.status, getAudience(answer)]).toEqual([200, billing]);
  });

  it('is rejected by Roster in every dialect', async () => {
    const tokens = [
      (await asks({ resource: billing })).body.access_token,
      (await signsIn({ audience: billing })).body.accessToken,
    ];
    const user = await createUserIn(service, 'acme');
    for (const token of tokens) {
      for (const path of [
        '/v1/users',
        '/v1/users/me',
        '/cradl/v1/users',
        '/credible/api/v0/users',
        `/jitsudo/v1/users/${user.jitsudo}`,
      ])
        expect(
          (
            await service.get(path, {
              token,
              headers: { 'x-tenant-id': '2489e9ad-2ee2-8e00-8ec9-32d5f69181c0' },
            })
          ).status,
        ).toBe(401);
    }
  });
});

it('a token is for Roster by default and if the request names Roster', async () => {
  for (const form of [
    {},
    { resource: ownIssuer },
    { audience: `${ownIssuer}/cradl/v1` },
    { audience: ownIssuer, resource: ownIssuer },
  ]) {
    const answer = await asks(form as Record<string, string>);
    expect([answer.status, getAudience(answer)]).toEqual([200, ownIssuer]);
    expect((await service.get('/v1/users', { token: answer.body.access_token })).status).toBe(200);
  }
  expect(getAudience(await signsIn())).toBe(ownIssuer);
});

describe('a request for another resource', () => {
  it.each([
    [{ resource: 'https://other.example.com' }, 'invalid_target'],
    [{ resource: `${billing}/` }, 'invalid_target'],
    [{ audience: `${billing}/deeper` }, 'invalid_target'],
    [{ audience: billing, resource: reports }, 'invalid_request'],
  ])('in %o returns %s', async (form, error) => {
    const error_description = expect.stringContaining(
      'resource' in form ? 'resource ' : 'audience ',
    );
    expect(await asks(form as Record<string, string>)).toMatchObject({
      status: 400,
      body: { error, error_description },
    });
  });

  it('returns invalid_target for several resources', async () => {
    const answer = await service.post(
      `/oauth2/token?resource=${billing}&resource=${reports}&grant_type=client_credentials`,
      '',
      {
        headers: {
          authorization: `Basic ${Buffer.from(`${client.clientId}:${client.secret}`).toString('base64')}`,
        },
      },
    );
    expect(answer).toMatchObject({ status: 400, body: { error: 'invalid_target' } });
  });

  it('returns 400 at sign-in, before the password is verified', async () => {
    for (const more of [
      { audience: 'https://other.example.com' },
      { audience: 'https://other.example.com', password: 'wrong' },
    ]) {
      const { status, body } = await signsIn(more);
      expect([status, body.code, body.details.issues]).toEqual([
        400,
        'invalid_input',
        [{ path: 'audience', message: expect.stringContaining('resourceServers') }],
      ]);
    }
  });
});

it('the discovery document lists the resource servers', async () => {
  expect(
    (await service.get('/.well-known/oauth-authorization-server')).body.protected_resources,
  ).toEqual([billing, reports]);
});
