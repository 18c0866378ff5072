import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import {
  createAppClient,
  requestAppClient as callsAs,
  type CreatedAppClient,
  listChangeRecords,
  listSecrets,
} from '../../support/scenarios/app-clients.ts';
import {
  createFaultyService,
  faultsInOrder,
  dropResponse,
} from '../../support/faults/fault-proxy.ts';
import { createTestClock } from '../../support/scenarios/user-states.ts';
import { getLogs } from '../../support/logs.ts';
import {
  type TestResponse,
  createTestService,
  type TestRequest,
  type Service,
} from '../../support/service.ts';
import { expectNoWrites } from '../../support/database/expect-no-writes.ts';

const clock = createTestClock();
const service = await createTestService({ now: clock.now });
const hour = 3600;
const token = () => clock.aTokenOf('acme', ['admin']);
/** Calls as an administrator, with a token issued at the current time of the clock. */
const calls = (
  of: Service,
  method: string,
  appClient: CreatedAppClient,
  path = '',
  sent: TestRequest = {},
): Promise<TestResponse> => callsAs(of, method, appClient, path, { token: token(), ...sent });
const rotates = (
  appClient: CreatedAppClient,
  overlapSeconds?: unknown,
  headers = {},
  of: Service = service,
): Promise<TestResponse> =>
  calls(of, 'POST', appClient, '/secrets', { body: { overlapSeconds }, headers });
const reads = async (appClient: CreatedAppClient) => (await calls(service, 'GET', appClient)).body;
const sha256 = (secret: string): string => createHash('sha256').update(secret).digest('hex');
/** Expiration times in the secrets table, by hash. */
const readExpirations = async (appClient: CreatedAppClient, of: Service = service) =>
  Object.fromEntries(
    (await listSecrets(of, appClient)).map(({ hash, expiresAt }) => [hash, expiresAt]),
  );

describe('rotating a secret', () => {
  it('keeps the previous secret during the overlap and removes it at the next rotation', async () => {
    const appClient = await createAppClient(service, 'acme', {}, token());
    const before = clock.now().getTime();
    const { status, headers, body } = await rotates(appClient, hour);
    expect({ status, etag: headers['etag'] }).toEqual({ status: 201, etag: '"2"' });
    expect(body.secret).toMatch(new RegExp(`^roster_${appClient.clientId}_[A-Za-z0-9_-]{43}$`));
    const [old, newSecret] = body.secrets;
    expect(old.secretId).toBe(appClient.secrets[0]?.secretId);
    expect(newSecret.expiresTime).toBeNull();
    expect(Date.parse(old.expiresTime)).toBe(before + hour * 1000);
    expect(await readExpirations(appClient)).toEqual({
      [sha256(appClient.secret)]: old.expiresTime,
      [sha256(body.secret)]: undefined,
    });

    clock.advanceBy(hour * 1000);
    expect((await reads(appClient)).secrets).toEqual([newSecret]);
    const third = (await rotates(appClient, hour)).body;
    expect(Object.keys(await readExpirations(appClient)).toSorted()).toEqual(
      [sha256(body.secret), sha256(third.secret)].toSorted(),
    );
    expect(third.secrets).toMatchObject([{ secretId: newSecret.secretId }, { expiresTime: null }]);
  });

  it('has an overlap of 24 h by default', async () => {
    const appClient = await createAppClient(service, 'acme', {}, token());
    const [old] = (await rotates(appClient)).body.secrets;
    expect(Date.parse(old.expiresTime)).toBe(clock.now().getTime() + 24 * hour * 1000);
  });

  it('removes the previous secret if the overlap is 0', async () => {
    const appClient = await createAppClient(service, 'acme', {}, token());
    const { body } = await rotates(appClient, 0);
    expect(body.secrets).toHaveLength(1);
    expect(await readExpirations(appClient)).toEqual({ [sha256(body.secret)]: undefined });
  });

  it.each([-1, 30 * 24 * hour + 1, 0.5, '60'])(
    'returns 400 for an overlap of %j seconds',
    async (overlap) => {
      const appClient = await createAppClient(service, 'acme', {}, token());
      expect(await expectNoWrites(service, () => rotates(appClient, overlap))).toMatchObject({
        status: 400,
        body: { details: { issues: [{ path: 'overlapSeconds' }] } },
      });
    },
  );

  it('never extends an overlap', async () => {
    const appClient = await createAppClient(service, 'acme', {}, token());
    const [old, newSecret] = (await rotates(appClient, hour)).body.secrets;
    await calls(service, 'DELETE', appClient, `/secrets/${newSecret.secretId}`);
    const [again] = (await rotates(appClient, 2 * hour)).body.secrets;
    expect(again).toEqual(old);
  });

  it('creates the first secret of an app client without secrets', async () => {
    const appClient = await createAppClient(service, 'acme', { generateSecret: false }, token());
    const { status, body } = await rotates(appClient);
    expect(status).toBe(201);
    expect(await readExpirations(appClient)).toEqual({ [sha256(body.secret)]: undefined });
  });

  it('returns 409 if two secrets are active, unless the overlap is 0', async () => {
    const appClient = await createAppClient(service, 'acme', {}, token());
    await rotates(appClient, hour);
    const response = await expectNoWrites(service, () => rotates(appClient, 1));
    expect(response).toMatchObject({ status: 409, body: { code: 'secret_limit_reached' } });
    const { body } = await rotates(appClient, 0);
    expect(await readExpirations(appClient)).toEqual({ [sha256(body.secret)]: undefined });
  });

  it('writes a change record without the secret', async () => {
    const appClient = await createAppClient(service, 'acme', {}, token());
    await rotates(appClient, hour);
    const [, record] = await listChangeRecords(service, appClient);
    expect(record).toMatchObject({
      version: 2,
      action: 'rotateSecret',
      by: 'admin-of-acme',
      policies: ['write-app-client'],
    });
    expect(JSON.parse(record?.['before'])).toEqual({
      secrets: [expect.objectContaining({ secretId: appClient.secrets[0]?.secretId })],
    });
  });
});

describe('removing a secret', () => {
  it('deletes it from the secrets table, and returns 404 the second time', async () => {
    const appClient = await createAppClient(service, 'acme', {}, token());
    const { body } = await rotates(appClient, hour);
    const path = `/secrets/${appClient.secrets[0]?.secretId}`;
    expect((await calls(service, 'DELETE', appClient, path)).status).toBe(204);
    expect(await readExpirations(appClient)).toEqual({ [sha256(body.secret)]: undefined });
    expect((await reads(appClient)).secrets).toMatchObject([
      { secretId: body.secrets[1].secretId },
    ]);
    expect(
      await expectNoWrites(service, () => calls(service, 'DELETE', appClient, path)),
    ).toMatchObject({
      status: 404,
    });
  });
});

describe('concurrent rotations', () => {
  const rotateTenTimes = (appClient: CreatedAppClient, overlap: number, headers = {}) =>
    Promise.all(Array.from({ length: 10 }, () => rotates(appClient, overlap, headers)));
  const statuses = (answers: readonly TestResponse[]) =>
    answers.map(({ status }) => status).toSorted((a, b) => a - b);

  it('with an overlap create one secret', async () => {
    const appClient = await createAppClient(service, 'acme', {}, token());
    const answers = await rotateTenTimes(appClient, hour);
    expect(statuses(answers)).toEqual([201, ...Array.from({ length: 9 }, () => 409)]);
    const newSecret = answers.find(({ status }) => status === 201)!.body;
    expect(Object.keys(await readExpirations(appClient)).toSorted()).toEqual(
      [sha256(appClient.secret), sha256(newSecret.secret)].toSorted(),
    );
  });

  it('without an overlap run one after another and leave only the last secret', async () => {
    const appClient = await createAppClient(service, 'acme', {}, token());
    const answers = await rotateTenTimes(appClient, 0);
    const successes = answers
      .filter(({ status }) => status === 201)
      .toSorted((a, b) => a.body.version - b.body.version);
    expect(statuses(answers).filter((status) => status !== 201 && status !== 503)).toEqual([]);
    expect(new Set(successes.map(({ body }) => body.secret)).size).toBe(successes.length);
    expect(await readExpirations(appClient)).toEqual({
      [sha256(successes.at(-1)!.body.secret)]: undefined,
    });
    expect((await reads(appClient)).version).toBe(1 + successes.length);
  });

  it('with the same If-Match create one secret', async () => {
    const appClient = await createAppClient(service, 'acme', {}, token());
    expect(statuses(await rotateTenTimes(appClient, 0, { 'if-match': '"1"' }))).toEqual([
      201,
      ...Array.from({ length: 9 }, () => 412),
    ]);
  });

  it('leave no secret if the app client is revoked', async () => {
    for (let round = 0; round < 5; round++) {
      const appClient = await createAppClient(service, 'acme', {}, token());
      await Promise.all([rotates(appClient, hour), calls(service, 'POST', appClient, '/revoke')]);
      expect(await readExpirations(appClient)).toEqual({});
      expect((await reads(appClient)).status).toBe('revoked');
    }
  });
});

describe('a create or rotation whose database response is lost', () => {
  it('returns the stored secret', async () => {
    const { service: faulty, database } = await createFaultyService();
    database.goesWrong(faultsInOrder('TransactWriteItems', dropResponse));
    const appClient = await createAppClient(faulty, 'acme');
    expect(await readExpirations(appClient, faulty)).toEqual({
      [sha256(appClient.secret)]: undefined,
    });
    database.goesWrong(faultsInOrder('TransactWriteItems', dropResponse));
    const { status, body } = await rotates(appClient, 0, {}, faulty);
    expect({ status, version: body.version }).toEqual({ status: 201, version: 2 });
    expect(await readExpirations(appClient, faulty)).toEqual({ [sha256(body.secret)]: undefined });
  });
});

describe('a secret [R12 O08]', () => {
  it('is returned once, and is in no table, log, record or later response', async () => {
    const headers = { 'x-tenant-id': '2489e9ad-2ee2-8e00-8ec9-32d5f69181c0' };
    const sent = { token: token(), headers };
    const appClient = await createAppClient(service, 'acme', {}, token());
    const rotated = (await rotates(appClient, hour)).body.secret;
    const { clientSecret, ...cradl } = (
      await service.post('/cradl/v1/appClients', { name: 'Cradl' }, sent)
    ).body;
    const { raw_key: key, ...jitsudo } = (
      await service.post('/jitsudo/v1/api-keys', { name: 'Key' }, sent)
    ).body;
    const answers = [
      await calls(service, 'GET', appClient),
      await service.get('/v1/app-clients?maxResults=100', sent),
      await calls(service, 'PATCH', appClient, '', { body: { name: 'Other' } }),
      await service.get(`/cradl/v1/appClients/${cradl.appClientId}`, sent),
      await service.send('PATCH', `/cradl/v1/appClients/${cradl.appClientId}`, {
        ...sent,
        body: { name: 'Other' },
      }),
      await service.get('/cradl/v1/appClients?maxResults=100', sent),
      await service.send('DELETE', `/cradl/v1/appClients/${cradl.appClientId}`, sent),
      await service.get('/jitsudo/v1/api-keys?limit=100', sent),
      await service.send('DELETE', `/jitsudo/v1/api-keys/${jitsudo.id}`, sent),
      await calls(service, 'POST', appClient, '/revoke'),
    ];
    const places = {
      answers: JSON.stringify(answers),
      directory: JSON.stringify(await service.stored.all()),
      secrets: JSON.stringify(await service.stored.all(service.stored.secrets)),
      log: getLogs.join('\n'),
    };
    for (const secret of [appClient.secret, rotated, clientSecret, key]) {
      expect(secret).toMatch(/^roster_[0-9a-f]{32}_[\w-]{43}$/);
      for (const [place, text] of Object.entries(places))
        expect(text.includes(secret.slice(-43)), place).toBe(false);
      // Only the secrets table has its hash.
      for (const place of ['answers', 'directory', 'log'] as const)
        expect(places[place].includes(sha256(secret)), place).toBe(false);
    }
  });
});
