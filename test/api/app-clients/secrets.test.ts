import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import {
  aClientIn,
  calls as callsAs,
  type Made,
  recordsOf,
  secretsOf,
} from '../../support/scenarios/app-clients.ts';
import { aFaultyService, inTurn, losesItsAnswer } from '../../support/faults/fault-proxy.ts';
import { aClock } from '../../support/scenarios/user-states.ts';
import { logged } from '../../support/logs.ts';
import { type Answer, aService, type Sent, type Service } from '../../support/service.ts';
import { withoutEffect } from '../../support/expect-no-writes.ts';

const clock = aClock();
const service = await aService({ now: clock.now });
const hour = 3600;
const token = () => clock.aTokenOf('acme', ['admin']);
/** A call by an administrator, whose token is of the time of the clock. */
const calls = (
  of: Service,
  method: string,
  made: Made,
  path = '',
  sent: Sent = {},
): Promise<Answer> => callsAs(of, method, made, path, { token: token(), ...sent });
const rotates = (
  made: Made,
  overlapSeconds?: unknown,
  headers = {},
  of: Service = service,
): Promise<Answer> => calls(of, 'POST', made, '/secrets', { body: { overlapSeconds }, headers });
const reads = async (made: Made) => (await calls(service, 'GET', made)).body;
const sha256 = (secret: string): string => createHash('sha256').update(secret).digest('hex');
/** What lies in the secrets table, by its hash: until when it is good. */
const kept = async (made: Made, of: Service = service) =>
  Object.fromEntries((await secretsOf(of, made)).map(({ hash, expiresAt }) => [hash, expiresAt]));

describe('a new secret takes the place of the one before', () => {
  it('which stays good for as long as it is said, and is gone at the next rotation', async () => {
    const made = await aClientIn(service, 'acme', {}, token());
    const before = clock.now().getTime();
    const { status, headers, body } = await rotates(made, hour);
    expect({ status, etag: headers['etag'] }).toEqual({ status: 201, etag: '"2"' });
    expect(body.secret).toMatch(new RegExp(`^roster_${made.clientId}_[A-Za-z0-9_-]{43}$`));
    const [old, fresh] = body.secrets;
    expect(old.secretId).toBe(made.secrets[0]?.secretId);
    expect(fresh.expiresTime).toBeNull();
    expect(Math.abs(Date.parse(old.expiresTime) - before - hour * 1000)).toBeLessThan(10_000);
    expect(await kept(made)).toEqual({
      [sha256(made.secret)]: old.expiresTime,
      [sha256(body.secret)]: undefined,
    });

    clock.leaps(hour * 1000);
    expect((await reads(made)).secrets).toEqual([fresh]);
    const third = (await rotates(made, hour)).body;
    expect(Object.keys(await kept(made)).toSorted()).toEqual(
      [sha256(body.secret), sha256(third.secret)].toSorted(),
    );
    expect(third.secrets).toMatchObject([{ secretId: fresh.secretId }, { expiresTime: null }]);
  });

  it('for a day, if nothing is said', async () => {
    const made = await aClientIn(service, 'acme', {}, token());
    const [old] = (await rotates(made)).body.secrets;
    expect(
      Math.abs(Date.parse(old.expiresTime) - clock.now().getTime() - 24 * hour * 1000),
    ).toBeLessThan(10_000);
  });

  it('or not at all', async () => {
    const made = await aClientIn(service, 'acme', {}, token());
    const { body } = await rotates(made, 0);
    expect(body.secrets).toHaveLength(1);
    expect(await kept(made)).toEqual({ [sha256(body.secret)]: undefined });
  });

  it.each([-1, 30 * 24 * hour + 1, 0.5, '60'])('not for %j seconds', async (overlap) => {
    const made = await aClientIn(service, 'acme', {}, token());
    expect(await withoutEffect(service, () => rotates(made, overlap))).toMatchObject({
      status: 400,
      body: { details: { issues: [{ path: 'overlapSeconds' }] } },
    });
  });

  it('and never for longer than it was to be', async () => {
    const made = await aClientIn(service, 'acme', {}, token());
    const [old, fresh] = (await rotates(made, hour)).body.secrets;
    await calls(service, 'DELETE', made, `/secrets/${fresh.secretId}`);
    const [again] = (await rotates(made, 2 * hour)).body.secrets;
    expect(again).toEqual(old);
  });

  it('of one that has none it is the first', async () => {
    const made = await aClientIn(service, 'acme', { generateSecret: false }, token());
    const { status, body } = await rotates(made);
    expect(status).toBe(201);
    expect(await kept(made)).toEqual({ [sha256(body.secret)]: undefined });
  });

  it('two are good at most: a third has to wait, or ends both', async () => {
    const made = await aClientIn(service, 'acme', {}, token());
    await rotates(made, hour);
    const refused = await withoutEffect(service, () => rotates(made, 1));
    expect(refused).toMatchObject({ status: 409, body: { code: 'secret_limit_reached' } });
    const { body } = await rotates(made, 0);
    expect(await kept(made)).toEqual({ [sha256(body.secret)]: undefined });
  });

  it('leaves a record, in which there is no secret', async () => {
    const made = await aClientIn(service, 'acme', {}, token());
    await rotates(made, hour);
    const [, record] = await recordsOf(service, made);
    expect(record).toMatchObject({
      version: 2,
      action: 'rotateSecret',
      by: 'admin-of-acme',
      policies: ['write-app-client'],
    });
    expect(JSON.parse(record?.['before'])).toEqual({
      secrets: [expect.objectContaining({ secretId: made.secrets[0]?.secretId })],
    });
  });
});

describe('a secret is removed', () => {
  it('from the table too, and is not there a second time', async () => {
    const made = await aClientIn(service, 'acme', {}, token());
    const { body } = await rotates(made, hour);
    const path = `/secrets/${made.secrets[0]?.secretId}`;
    expect((await calls(service, 'DELETE', made, path)).status).toBe(204);
    expect(await kept(made)).toEqual({ [sha256(body.secret)]: undefined });
    expect((await reads(made)).secrets).toMatchObject([{ secretId: body.secrets[1].secretId }]);
    expect(await withoutEffect(service, () => calls(service, 'DELETE', made, path))).toMatchObject({
      status: 404,
    });
  });
});

describe('many rotate at once', () => {
  const ten = (made: Made, overlap: number, headers = {}) =>
    Promise.all(Array.from({ length: 10 }, () => rotates(made, overlap, headers)));
  const statuses = (answers: readonly Answer[]) =>
    answers.map(({ status }) => status).toSorted((a, b) => a - b);

  it('with an overlap: one has made the second secret, and there is no third', async () => {
    const made = await aClientIn(service, 'acme', {}, token());
    const answers = await ten(made, hour);
    expect(statuses(answers)).toEqual([201, ...Array.from({ length: 9 }, () => 409)]);
    const fresh = answers.find(({ status }) => status === 201)!.body;
    expect(Object.keys(await kept(made)).toSorted()).toEqual(
      [sha256(made.secret), sha256(fresh.secret)].toSorted(),
    );
  });

  it('without: one after another, and what is good in the end is the last', async () => {
    const made = await aClientIn(service, 'acme', {}, token());
    const answers = await ten(made, 0);
    const done = answers
      .filter(({ status }) => status === 201)
      .toSorted((a, b) => a.body.version - b.body.version);
    expect(statuses(answers).filter((status) => status !== 201 && status !== 503)).toEqual([]);
    expect(new Set(done.map(({ body }) => body.secret)).size).toBe(done.length);
    expect(await kept(made)).toEqual({ [sha256(done.at(-1)!.body.secret)]: undefined });
    expect((await reads(made)).version).toBe(1 + done.length);
  });

  it('of those who mean one version only one has it', async () => {
    const made = await aClientIn(service, 'acme', {}, token());
    expect(statuses(await ten(made, 0, { 'if-match': '"1"' }))).toEqual([
      201,
      ...Array.from({ length: 9 }, () => 412),
    ]);
  });

  it('one rotates while another revokes: no secret outlives it', async () => {
    for (let round = 0; round < 5; round++) {
      const made = await aClientIn(service, 'acme', {}, token());
      await Promise.all([rotates(made, hour), calls(service, 'POST', made, '/revoke')]);
      expect(await kept(made)).toEqual({});
      expect((await reads(made)).status).toBe('revoked');
    }
  });
});

describe('an answer of the database is lost', () => {
  it('and yet the secret that is shown is the one that is kept', async () => {
    const { service: faulty, database } = await aFaultyService();
    database.goesWrong(inTurn('TransactWriteItems', losesItsAnswer));
    const made = await aClientIn(faulty, 'acme');
    expect(await kept(made, faulty)).toEqual({ [sha256(made.secret)]: undefined });
    database.goesWrong(inTurn('TransactWriteItems', losesItsAnswer));
    const { status, body } = await rotates(made, 0, {}, faulty);
    expect({ status, version: body.version }).toEqual({ status: 201, version: 2 });
    expect(await kept(made, faulty)).toEqual({ [sha256(body.secret)]: undefined });
  });
});

describe('R12, O08: a secret is shown once', () => {
  it('and is in no table, log, record or later answer', async () => {
    const headers = { 'x-tenant-id': '2489e9ad-2ee2-8e00-8ec9-32d5f69181c0' };
    const sent = { token: token(), headers };
    const made = await aClientIn(service, 'acme', {}, token());
    const rotated = (await rotates(made, hour)).body.secret;
    const { clientSecret, ...cradl } = (
      await service.posts('/cradl/v1/appClients', { name: 'Cradl' }, sent)
    ).body;
    const { raw_key: key, ...jitsudo } = (
      await service.posts('/jitsudo/v1/api-keys', { name: 'Key' }, sent)
    ).body;
    const answers = [
      await calls(service, 'GET', made),
      await service.gets('/v1/app-clients?maxResults=100', sent),
      await calls(service, 'PATCH', made, '', { body: { name: 'Other' } }),
      await service.gets(`/cradl/v1/appClients/${cradl.appClientId}`, sent),
      await service.send('PATCH', `/cradl/v1/appClients/${cradl.appClientId}`, {
        ...sent,
        body: { name: 'Other' },
      }),
      await service.gets('/cradl/v1/appClients?maxResults=100', sent),
      await service.send('DELETE', `/cradl/v1/appClients/${cradl.appClientId}`, sent),
      await service.gets('/jitsudo/v1/api-keys?limit=100', sent),
      await service.send('DELETE', `/jitsudo/v1/api-keys/${jitsudo.id}`, sent),
      await calls(service, 'POST', made, '/revoke'),
    ];
    const places = {
      answers: JSON.stringify(answers),
      directory: JSON.stringify(await service.stored.all()),
      secrets: JSON.stringify(await service.stored.all(service.stored.secrets)),
      log: logged.join('\n'),
    };
    for (const secret of [made.secret, rotated, clientSecret, key]) {
      expect(secret).toMatch(/^roster_[0-9a-f]{32}_[\w-]{43}$/);
      for (const [place, text] of Object.entries(places))
        expect(text.includes(secret.slice(-43)), place).toBe(false);
      // Not even what is kept of it is anywhere but in the secrets table.
      for (const place of ['answers', 'directory', 'log'] as const)
        expect(places[place].includes(sha256(secret)), place).toBe(false);
    }
  });
});
