import { describe, expect, it } from 'vitest';
import { auditTables } from '../../support/database/table-audit.ts';
import { goodPassword } from '../../support/dialects/create-user.ts';
import {
  createFaultyService,
  deadlineAfterFaults,
  type Fault,
  dropRequest,
  dropResponse,
  type Plan,
} from '../../support/faults/fault-proxy.ts';
import { adminToken, type Service, type TenantSlug } from '../../support/service.ts';

const avatar = `data:image/gif;base64,${Buffer.from('GIF89a').toString('base64')}`;

const variants: readonly { variant: string; slug: TenantSlug; fields: object }[] = [
  { variant: 'a plain user', slug: 'acme', fields: {} },
  { variant: 'a user with a username', slug: 'acme', fields: { userName: 'jo' } },
  { variant: 'a user with a password', slug: 'acme', fields: { password: goodPassword } },
  { variant: 'a user with an avatar', slug: 'acme', fields: { avatar } },
  {
    variant: 'a user of an app client',
    slug: 'acme',
    fields: { appClientId: 'cradl:app-client:default' },
  },
  { variant: 'a user in the shared space', slug: 'north', fields: { userName: 'jo@y.example' } },
  {
    variant: 'a user with everything',
    slug: 'north',
    fields: {
      userName: 'jo',
      password: goodPassword,
      avatar,
      appClientId: 'cradl:app-client:default',
    },
  },
];

const moments: readonly { moment: string; fault: Fault }[] = [
  { moment: 'before', fault: dropRequest },
  { moment: 'after', fault: dropResponse },
];

const cases = variants.flatMap((variant) => moments.map((moment) => ({ ...variant, ...moment })));

const inOrder = async (service: Service): Promise<number> => {
  const { users, missing, stray } = await auditTables(service);
  expect([missing, stray]).toEqual([[], []]);
  return users.length;
};

/** Runs a create on a cold service and stops it at the first request, the second, and so on. */
async function atEachRequest(
  options: Parameters<typeof createFaultyService>[0],
  planAt: (point: number) => Plan,
  check: (started: Awaited<ReturnType<typeof createFaultyService>>) => Promise<void>,
): Promise<number> {
  for (let point = 1; ; point++) {
    const started = await createFaultyService({ ...options, warm: ['globex'] });
    let reached = false;
    const plan = planAt(point);
    started.database.goesWrong((sent, n) => {
      reached ||= n === point;
      return plan(sent, n);
    });
    await check(started);
    if (!reached) return point - 1;
  }
}

const creating = (service: Service, { slug, fields }: { slug: TenantSlug; fields: object }) =>
  service.post('/v1/users', { email: 'jo@x.example', ...fields }, { token: adminToken(slug) });

describe('a crash at any database request [K05]', () => {
  it.concurrent.each(cases)(
    '$moment its effect leaves $variant complete or absent, and a second attempt reports it',
    async ({ fault, ...variant }) => {
      // All later requests fail, and the result of the function is lost.
      const crashes =
        (point: number): Plan =>
        (_sent, n) =>
          n < point ? undefined : n === point ? fault : dropRequest;
      const points = await atEachRequest(
        { attempts: 1, ...deadlineAfterFaults },
        crashes,
        async ({ database, service }) => {
          await creating(service, variant);
          const users = await inOrder(service);

          database.isWell();
          const again = await creating(service, variant);
          expect([again.status, again.body.details?.field]).toEqual(
            users === 0 ? [201, undefined] : [409, 'email'],
          );
          expect(await inOrder(service)).toBe(1);
        },
      );
      expect(points).toBeGreaterThanOrEqual(2);
    },
  );
});

describe('a transient failure of any database request [K05]', () => {
  it.concurrent.each(cases)(
    '$moment its effect does not affect the creation of $variant',
    async ({ fault, ...variant }) => {
      const hiccups =
        (point: number): Plan =>
        (_sent, n) =>
          n === point ? fault : undefined;
      const points = await atEachRequest({}, hiccups, async ({ database, service }) => {
        const created = await creating(service, variant);
        expect([created.status, created.text]).toEqual([201, created.text]);
        expect(await inOrder(service)).toBe(1);
        const writes = database.sent.filter(({ operation }) => operation === 'TransactWriteItems');
        expect(new Set(writes.map(({ text }) => text)).size).toBe(1);
      });
      expect(points).toBeGreaterThanOrEqual(2);
    },
  );
});
