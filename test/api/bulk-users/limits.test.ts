import { describe, expect, it } from 'vitest';
import { createPolicy } from '../../../lib/domain/access/policy.ts';
import { schemaVersion } from '../../../lib/store/dynamodb/tables.ts';
import { keys } from '../../../lib/store/keys.ts';
import { expectNoWrites } from '../../support/database/expect-no-writes.ts';
import { auditTables } from '../../support/database/table-audit.ts';
import { goodPassword } from '../../support/dialects/create-user.ts';
import { unique } from '../../support/dialects/dialects.ts';
import {
  always,
  createFaultyService,
  deadlineAfterFaults,
  dropRequest,
  dropResponse,
  type Fault,
} from '../../support/faults/fault-proxy.ts';
import { getLogs } from '../../support/logs.ts';
import { importRows, listOutcomes } from '../../support/scenarios/bulk-users.ts';
import { createTestClock } from '../../support/scenarios/user-states.ts';
import { adminToken, createTestService, tenantId } from '../../support/service.ts';

const email = () => `${unique()}@example.com`;
interface ErrorResult {
  readonly error: { readonly message: string };
}
const buildRows = (count: number) =>
  Array.from({ length: count }, () => ({ email: email(), rowKey: unique() }));

describe('invitations', async () => {
  const service = await createTestService({ hasOutboxIndex: true });
  const sent = { token: adminToken('acme') };
  const listRecipients = async () => (await service.deliverPendingMail()).flatMap(({ to }) => to);

  it('are sent only on request, of the request or of the row', async () => {
    const rows = Array.from({ length: 4 }, () => ({ email: email() }));
    const [quiet, single, loud, exempt] = rows as [object, object, object, object];
    await importRows(service, [quiet, { ...single, sendInvitation: true }], {}, sent);
    const options = { sendInvitations: true };
    await importRows(service, [loud, { ...exempt, sendInvitation: false }], options, sent);
    const recipients = await listRecipients();
    expect(rows.map((row) => recipients.includes(row.email))).toEqual([false, true, true, false]);
  });

  it('of an update are sent only on request', async () => {
    const [externalId, first, second] = [unique(), email(), email()];
    await service.post('/v1/users', { email: first, externalId }, sent);
    const update = (sendInvitations: boolean) =>
      importRows(
        service,
        [{ email: second, externalId }],
        { onExisting: 'update', sendInvitations },
        sent,
      );
    const refused = await expectNoWrites(service, () => update(false));
    expect(refused.body.results[0].error.message).toBe(
      'email cannot be changed for an invited user without sendInvitations, because the new email gets an invitation',
    );
    expect(listOutcomes((await update(true)).body)).toEqual(['updated']);
    expect(await listRecipients()).toContain(second);
  });

  it('above the limit of the tenant fail row by row', async () => {
    await service.stored.put({
      ...keys.mailHold(tenantId.globex),
      availableAt: new Date(Date.now() + 600_000).toISOString(),
      schemaVersion,
    });
    const rows = [{ email: email() }, { email: email(), password: goodPassword }];
    const caller = { token: adminToken('globex') };
    const { body } = await importRows(service, rows, { sendInvitations: true }, caller);
    expect(listOutcomes(body)).toEqual(['too_many_requests', 'created']);
    expect(body.results[0].error.details).toEqual({
      limit: 'tenant_mails',
      retryAfter: expect.any(Number),
    });
    const quiet = await importRows(service, rows.slice(0, 1), {}, caller);
    expect(listOutcomes(quiet.body)).toEqual(['created']);
  });
});

describe('a request that ends early', () => {
  it('at the limit of the caller reports the other rows as not processed, to send again', async () => {
    const clock = createTestClock();
    // Ends the window of 10 s after 20 units of a caller.
    const service = await createTestService({
      now: clock.now,
      environment: { TENANT_UNITS_PER_SECOND: '4' },
    });
    const sent = () => ({ token: clock.aTokenOf('acme', ['admin']) });
    const rows = buildRows(30);
    const { status, body } = await importRows(service, rows, {}, sent());
    const { created, notProcessed } = body.summary;
    expect([status, created + notProcessed]).toEqual([200, 30]);
    expect(created).toBeGreaterThan(0);
    expect(notProcessed).toBeGreaterThan(0);
    expect(body.results.at(-1)).toMatchObject({
      outcome: 'notProcessed',
      userId: null,
      error: {
        code: 'too_many_requests',
        details: { limit: expect.stringMatching(/_units$/), retryAfter: expect.any(Number) },
      },
    });
    expect((await importRows(service, rows, {}, sent())).status).toBe(429);
    let remaining = rows.filter((_, index) => body.results[index].outcome === 'notProcessed');
    for (let request = 0; remaining.length > 0 && request < 30; request++) {
      clock.advanceBy(10_000);
      const { results } = (await importRows(service, remaining, {}, sent())).body;
      remaining = remaining.filter((_, index) => results[index].outcome === 'notProcessed');
    }
    expect((await auditTables(service)).users).toHaveLength(30);
  });

  it('because of its time starts no further rows', async () => {
    const policy = createPolicy();
    let elapsedMs = 0;
    const service = await createTestService({
      timeoutMs: () => 25_000,
      now: () => new Date(Date.now() + elapsedMs),
      policy: {
        // Each row takes 350 ms on the clock of the service.
        authorize: (...decision) => {
          elapsedMs += 350;
          policy.authorize(...decision);
        },
      },
    });
    const sent = { token: adminToken('acme') };
    const rows = buildRows(70);
    const { body } = await importRows(service, rows, {}, sent);
    const { created, notProcessed } = body.summary;
    expect(created + notProcessed).toBe(70);
    expect(created).toBeGreaterThan(0);
    expect(body.results.at(-1)).toMatchObject({
      outcome: 'notProcessed',
      error: { code: 'unavailable', details: { retryAfter: 1 } },
    });
    expect((await auditTables(service)).users).toHaveLength(created);
  });
});

describe('a row', () => {
  it('that meets a defect fails alone, without its details, and is logged', async () => {
    const policy = createPolicy();
    const service = await createTestService({
      policy: {
        authorize: (context, action, decision) => {
          if ('assignsRoles' in decision && decision.assignsRoles) throw new Error('no such luck');
          policy.authorize(context, action, decision);
        },
      },
    });
    const rows = [{ email: email(), roleIds: ['cradl:role:user'] }, { email: email() }];
    const { text, body } = await importRows(service, rows, {}, { token: adminToken('acme') });
    expect(listOutcomes(body)).toEqual(['internal', 'created']);
    expect(text).not.toContain('no such luck');
    const line = getLogs
      .map((logged) => JSON.parse(logged))
      .find(({ outcome }) => outcome === 'internal');
    expect(line).toMatchObject({ operation: 'importUsers', serverErrors: 1 });
    expect(line.error.names).toEqual(['Error']);
  });

  it('without a decision of the policies is discarded', async () => {
    const policy = createPolicy();
    let decisions = 0;
    const service = await createTestService({
      policy: {
        authorize: (context, action, decision) => {
          if (++decisions !== 2) policy.authorize(context, action, decision);
        },
      },
    });
    const rows = [{ email: email() }, { email: email() }];
    const { body } = await importRows(service, rows, {}, { token: adminToken('acme') });
    expect(listOutcomes(body)).toEqual(['internal', 'created']);
  });
});

describe('an outage of the database', () => {
  it('fails the started rows, starts no others, and a repeated request completes them', async () => {
    const { database, service } = await createFaultyService({
      attempts: 1,
      ...deadlineAfterFaults,
    });
    const sent = { token: adminToken('acme') };
    const rows = buildRows(20);
    database.goesWrong(always(dropRequest, 'TransactWriteItems'));
    const { body } = await importRows(service, rows, {}, sent);
    const { failed, notProcessed } = body.summary;
    expect(failed + notProcessed).toBe(20);
    expect([failed > 0, notProcessed > 0]).toEqual([true, true]);
    // The outage stops the other rows, before the time of the request ends.
    expect(new Set(body.results.map(({ error }: ErrorResult) => error.message)).size).toBe(1);
    expect(new Set(listOutcomes(body))).toEqual(
      new Set(['unavailable', 'notProcessed unavailable']),
    );
    database.isWell();
    const again = await importRows(service, rows, {}, sent);
    expect(again.body.summary.created).toBe(20);
    expect((await auditTables(service)).users).toHaveLength(20);
  });

  it.each<[string, Fault]>([
    ['before', dropRequest],
    ['after', dropResponse],
  ])(
    '%s any request leaves each row complete or absent, and a repeated request completes all',
    async (_, fault) => {
      const { database, service } = await createFaultyService({
        attempts: 1,
        ...deadlineAfterFaults,
      });
      const sent = { token: adminToken('acme') };
      const total = { created: 1, updated: 1 };
      for (let point = 1; ; point++) {
        database.isWell();
        const [created, changed] = buildRows(2) as [object, { email: string }];
        await service.post('/v1/users', { email: changed.email }, sent);
        const rows = [
          { ...created, password: goodPassword, roleIds: ['cradl:role:user'] },
          { ...changed, name: 'Changed' },
        ];
        let isReached = false;
        database.goesWrong((_request, n) => {
          isReached ||= n >= point;
          if (n < point) return undefined;
          return n === point ? fault : dropRequest;
        });
        await importRows(service, rows, { onExisting: 'update' }, sent);
        database.isWell();
        const { body } = await importRows(service, rows, { onExisting: 'update' }, sent);
        expect(body.summary).toMatchObject(total);
        const { body: user } = await service.get(`/v1/users/${body.results[1].userId}`, sent);
        expect([user.name, user.version]).toEqual(['Changed', 2]);
        if (!isReached) break;
      }
      const { missing, stray } = await auditTables(service);
      // Updates have idempotency records, too.
      expect([missing, stray.filter((line) => !line.includes('#ANSWER#'))]).toEqual([[], []]);
    },
  );
});
