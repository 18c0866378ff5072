import { beforeEach, describe, expect, it } from 'vitest';
import { adapters, createSpeaker, unique } from '../../support/dialects/dialects.ts';
import { createStage, type Persona } from '../../support/dialects/stage.ts';
import type { TestResponse } from '../../support/service.ts';

const stage = await createStage();
const without = (...personas: readonly Persona[]): string | undefined => {
  const absent = personas.find((persona) => stage.tokens[persona] === undefined);
  return absent && `no token for ${absent}`;
};

/** Expects a failure with the fields of every dialect. */
function expectFailure(
  answer: TestResponse,
  status: number,
  code: string,
  details: object = {},
): void {
  expect(answer).toMatchObject({
    status,
    body: { code, message: expect.stringMatching(/\w/), details },
  });
  expect(answer.body.details.requestId).toBe(answer.headers['x-request-id']);
  // A client treats any 403 with this word as invalid credentials.
  expect(Object.values(answer.body)).not.toContain('Forbidden');
}

describe.each(adapters)('$name', (dialect) => {
  const { users, created, creator, nameIn, unknownUser: nobody, least, most, writeOnly } = dialect;
  const { creates, gets, sends } = createSpeaker(dialect, stage);
  beforeEach(({ skip }) => skip(without(creator) !== undefined, without(creator)));
  const jsonHeaders = { 'content-type': 'application/json' };
  const createsUser = async (body: object = least(unique())) => {
    const answer = await creates(body);
    expect(answer).toMatchObject({ status: created });
    return answer;
  };

  it('a user is read as the create returned it', async () => {
    const { body } = await createsUser();
    expect(await gets(nameIn(body))).toMatchObject({ status: 200, body });
    expect((await gets(nameIn(body))).body).toEqual(body);
  });

  it('a user has all fields of the create, except write-only ones', async () => {
    const body = most(unique());
    const answer = await createsUser(body);
    expect(answer.body).toMatchObject(
      Object.fromEntries(Object.entries(body).filter(([name]) => !writeOnly.includes(name))),
    );
    expect(Object.keys(answer.body)).not.toEqual(
      expect.arrayContaining([expect.toBeOneOf([...writeOnly])]),
    );
    expect((await gets(nameIn(answer.body))).body).toEqual(answer.body);
  });

  it('a user is read by a path with every character escaped', async () => {
    const { body } = await createsUser();
    const escaped = [...Buffer.from(nameIn(body))].map((byte) => `%${byte.toString(16)}`).join('');
    expect(await gets(escaped)).toMatchObject({ status: 200, body });
  });

  it.each([
    (email: string) => email,
    (email: string) => email.toUpperCase(),
    (email: string) => email.toLowerCase(),
  ])('a taken email is a conflict that changes nothing (%#)', async (spelling) => {
    const body = most(unique());
    const first = await createsUser(body);
    const another = { ...most(unique()), email: spelling(String(body['email'])) };
    expectFailure(await creates(another), 409, 'user_exists', { field: 'email' });
    expect((await gets(nameIn(first.body))).body).toEqual(first.body);
  });

  it('ten concurrent creates of one email create one user', async () => {
    const body = least(unique());
    const answers = await Promise.all(Array.from({ length: 10 }, () => creates(body)));
    expect(answers.filter(({ status }) => status === created)).toHaveLength(1);
    expect(answers.filter(({ status }) => status === 409)).toHaveLength(9);
  });

  it('an unknown user is not found', async () => {
    expectFailure(await gets(nobody), 404, 'not_found');
  });

  it.each([
    ['no token', undefined],
    ['a malformed token', 'nonsense'],
    ['an invalid token of three parts', 'e30.e30.e30'],
    ['a token with another signature', stage.tokens[creator]?.replace(/[^.]{12}$/, 'AAAAAAAAAAAA')],
  ])('a request with %s returns 401', async (_, token) => {
    for (const answer of [
      await creates(least(unique()), { token }),
      await gets(nobody, { token }),
    ]) {
      expectFailure(answer, 401, 'unauthenticated');
      expect(answer.headers['www-authenticate']).toMatch(
        token === undefined ? /^Bearer$/ : /^Bearer error="invalid_token", /,
      );
    }
  });

  it('a caller without permission learns the required permission, but nothing about users', async ({
    skip,
  }) => {
    skip(without('user') !== undefined, without('user'));
    const { body } = await createsUser();
    const refused = [
      await creates(least(unique()), { token: stage.tokens.user }),
      await gets(nameIn(body), { token: stage.tokens.user }),
      await gets(nobody, { token: stage.tokens.user }),
    ];
    for (const answer of refused) {
      expectFailure(answer, 403, 'forbidden');
      expect(answer.body.notices).not.toHaveLength(0);
    }
    expect({ ...refused[1]?.body, details: {} }).toEqual({ ...refused[2]?.body, details: {} });
  });

  it('a caller who can only read finds users and cannot create any', async ({ skip }) => {
    skip(without('approver') !== undefined, without('approver'));
    const { body } = await createsUser();
    expect(await gets(nameIn(body), { token: stage.tokens.approver })).toMatchObject({
      status: 200,
      body,
    });
    expectFailure(
      await creates(least(unique()), { token: stage.tokens.approver }),
      403,
      'forbidden',
    );
  });

  it('an administrator of another tenant cannot select this tenant in a header', async ({
    skip,
  }) => {
    skip(without('stranger') !== undefined, without('stranger'));
    const { body } = await createsUser();
    const sent = { token: stage.tokens.stranger, headers: { 'x-tenant-id': stage.tenantId } };
    expectFailure(await creates(least(unique()), sent), 403, 'tenant_mismatch');
    expectFailure(await gets(nameIn(body), sent), 403, 'tenant_mismatch');
  });

  it('an administrator of another tenant cannot select this tenant by host', async ({ skip }) => {
    skip(without('stranger') !== undefined, without('stranger'));
    skip(stage.tenantHost === undefined, 'no host names the tenant');
    skip(dialect.namesTenant, 'its requests name the tenant in a header, which decides first');
    const { body } = await createsUser();
    expectFailure(
      await gets(nameIn(body), { token: stage.tokens.stranger, host: stage.tenantHost ?? '' }),
      403,
      'tenant_mismatch',
    );
  });

  it('an administrator of another tenant does not find a user', async ({ skip }) => {
    skip(without('stranger') !== undefined, without('stranger'));
    skip(dialect.namesTenant, 'its requests name the tenant, which is a mismatch');
    const { body } = await createsUser();
    const otherTenantAnswer = await gets(nameIn(body), { token: stage.tokens.stranger });
    expectFailure(otherTenantAnswer, 404, 'not_found');
    expect({ ...otherTenantAnswer.body, details: {} }).toEqual({
      ...(await gets(nobody)).body,
      details: {},
    });
  });

  it.each(['{', '{"email":', '', ' ', 'email=jsmith@example.com'])(
    'a body of %j is malformed',
    async (body) => {
      expectFailure(await creates(body, { headers: jsonHeaders }), 400, 'malformed_json');
    },
  );

  it.each(['[]', '"text"', 'null', '1', 'true'])(
    'a body of %j is valid JSON but not a user',
    async (body) => {
      expectFailure(await creates(body, { headers: jsonHeaders }), 400, 'invalid_input');
    },
  );

  it.each<Record<string, string>>([
    {},
    { 'content-type': 'text/plain' },
    { 'content-type': 'application/x-www-form-urlencoded' },
  ])('a body with the headers %j has an unsupported media type', async (headers) => {
    expectFailure(
      await creates(JSON.stringify(least(unique())), { headers }),
      415,
      'unsupported_media_type',
    );
  });

  it('a body of more than 1 MiB is too large', async () => {
    const body = JSON.stringify({ ...least(unique()), padding: 'x'.repeat(1024 * 1024) });
    expectFailure(await creates(body, { headers: jsonHeaders }), 413, 'payload_too_large');
  });

  it('an unknown field is rejected', async () => {
    expectFailure(
      await creates({ ...least(unique()), favoriteColor: 'green' }),
      400,
      'invalid_input',
    );
  });

  it('an unsupported method returns 405 with the supported methods in Allow', async () => {
    for (const [method, target, allow] of [
      ['PUT', users, ['POST', 'GET', 'HEAD']],
      ['DELETE', users, ['POST', 'GET', 'HEAD']],
      ['POST', `${users}/${nobody}`, ['GET', 'HEAD', dialect.changes, 'DELETE']],
      ['TRACE', `${users}/${nobody}`, ['GET', 'HEAD', dialect.changes, 'DELETE']],
    ] as const) {
      const answer = await sends(method, target);
      expectFailure(answer, 405, 'method_not_allowed', { allow });
      expect(answer.headers['allow']).toBe(allow.join(', '));
    }
  });

  it('every response is JSON that cannot be cached or sniffed', async () => {
    for (const { headers } of [
      await createsUser(),
      await gets(nobody),
      await creates('{'),
      await sends('GET', `${users}/a/b`),
    ]) {
      expect(headers).toMatchObject({
        'content-type': 'application/json',
        'cache-control': 'no-store',
        'x-content-type-options': 'nosniff',
        'strict-transport-security': expect.stringMatching(/^max-age=\d{8}/),
        'x-request-id': expect.stringMatching(/\S{8}/),
      });
    }
  });

  it(
    dialect.name === 'native'
      ? 'a create returns the location of the user'
      : 'a create returns no location',
    async () => {
      const { body, headers } = await createsUser();
      expect(headers['location']).toBe(
        dialect.name === 'native' ? `${users}/${nameIn(body)}` : undefined,
      );
    },
  );
});
