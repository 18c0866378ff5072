import { describe, expect, it, vi } from 'vitest';
import { auditTables } from '../support/database/table-audit.ts';
import type { UserRefs } from '../support/authenticated-routes.ts';
import { goodPassword } from '../support/dialects/create-user.ts';
import { picture, unique } from '../support/dialects/dialects.ts';
import {
  createFaultyService,
  deadlineAfterFaults,
  type Fault,
  dropRequest,
  dropResponse,
  type Plan,
} from '../support/faults/fault-proxy.ts';
import { createUserWithStatus, requestTransition } from '../support/scenarios/user-states.ts';
import { provisionUser } from '../support/scim/managed-users.ts';
import { type TestResponse, issuer, type Service, tenantId } from '../support/service.ts';

// Attempts follow without a pause.
vi.spyOn(Math, 'random').mockReturnValue(0);

interface Mutation {
  readonly what: string;
  readonly from?: 'invite_pending' | 'active' | 'deleted';
  readonly act: (service: Service, user: UserRefs, mark: string) => Promise<TestResponse>;
  readonly status: 200 | 204;
  /** Response of a second attempt after the first one took effect. */
  readonly repeated: number;
  /** Final state of the user. Undefined if the user is removed. */
  readonly after?: object;
}

const patches =
  (body: (mark: string) => object, headers = {}): Mutation['act'] =>
  (service, user, mark) =>
    requestTransition(service, 'PATCH', user, '', { body: body(mark), headers }, 'north');
const sends =
  (method: string, path: string): Mutation['act'] =>
  (service, user) =>
    requestTransition(service, method, user, path, {}, 'north');
const nextPassword = 'seven-lamps-in-an-orchard';
const otherPicture = `data:image/gif;base64,${Buffer.from('GIF89a-other').toString('base64')}`;
const renamed = (mark: string) => ({
  email: `new.${mark}@example.com`,
  userName: `name.${mark}@example.com`,
  identity: null,
});

/** Emails of a managed user: the claimed one, the one of `renamed`, and another. */
const toManagedFields = ({ credible }: UserRefs, mark: string) => ({
  managedBy: { connectionId: '6f1c1f0e-8f5f-4d8e-9a53-0d6f4f2f7f11', externalId: mark },
  scimAttributes: JSON.stringify({
    emails: [`${credible}@example.com`, renamed(mark).email, `home.${mark}@example.com`].map(
      (value) => ({ value }),
    ),
  }),
});

const mutations: readonly Mutation[] = [
  {
    what: 'a change of email and username',
    act: patches(renamed),
    status: 200,
    repeated: 200,
    after: { identity: null },
  },
  {
    what: 'a change of email and username with If-Match',
    act: patches(renamed, { 'if-match': '"2"' }),
    status: 200,
    repeated: 412,
    after: { identity: null },
  },
  {
    what: 'a change of name and avatar',
    act: patches(() => ({ name: 'Jo', avatar: otherPicture })),
    status: 200,
    repeated: 200,
    after: { name: 'Jo', avatar: otherPicture },
  },
  {
    what: 'a suspension',
    act: sends('POST', '/suspend'),
    status: 200,
    repeated: 409,
    after: { status: 'inactive' },
  },
  {
    what: 'a revoked invitation',
    from: 'invite_pending',
    act: sends('POST', '/invitation/revoke'),
    status: 200,
    repeated: 409,
    after: { status: 'invite_pending' },
  },
  {
    what: 'a delete',
    act: sends('DELETE', ''),
    status: 204,
    repeated: 404,
    after: { status: 'deleted' },
  },
  {
    what: 'a restore',
    from: 'deleted',
    act: sends('POST', '/restore'),
    status: 200,
    repeated: 409,
    after: { status: 'active' },
  },
  { what: 'an erasure', act: sends('POST', '/erase'), status: 204, repeated: 404 },
  {
    what: 'the erasure of a tombstone',
    from: 'deleted',
    act: sends('POST', '/erase'),
    status: 204,
    repeated: 404,
  },
  {
    what: 'a change of the own account',
    act: (service, user) =>
      service.send('PATCH', '/v1/users/me', {
        token: issuer.mintAccessToken({ sub: user.native, tenantId: tenantId.north }),
        body: { firstName: 'Jo' },
      }),
    status: 200,
    repeated: 200,
    after: { firstName: 'Jo' },
  },
  {
    what: "a change of the caller's password",
    act: (service, user) =>
      service.post(
        '/v1/users/me/password',
        { currentPassword: goodPassword, newPassword: nextPassword },
        { token: issuer.mintAccessToken({ sub: user.native, tenantId: tenantId.north }) },
      ),
    status: 204,
    repeated: 400,
    after: { status: 'active' },
  },
];

const moments: readonly { moment: string; fault: Fault }[] = [
  { moment: 'before', fault: dropRequest },
  { moment: 'after', fault: dropResponse },
];
const cases = mutations.flatMap((mutation) =>
  moments.map((moment) => ({ ...mutation, ...moment })),
);

/**
 * Runs a mutation of a new user with all items and stops it at its first request, its second, and
 * so on.
 */
async function atEachRequest(
  { from = 'active' }: Mutation,
  options: Parameters<typeof createFaultyService>[0],
  planAt: (point: number) => Plan,
  check: (
    started: Awaited<ReturnType<typeof createFaultyService>>,
    user: UserRefs,
    mark: string,
  ) => Promise<void>,
): Promise<number> {
  const started = await createFaultyService(options);
  for (let point = 1; ; point++) {
    const mark = unique();
    const fields = {
      identity: { issuer: 'https://id.example.com', subject: mark },
      avatar: picture,
      ...(from !== 'invite_pending' && { password: goodPassword }),
    };
    const user = await createUserWithStatus(from, started.service, fields, 'north');
    await provisionUser(started.service, user, toManagedFields(user, mark), 'north');
    let reached = false;
    const plan = planAt(point);
    started.database.goesWrong((sent, n) => {
      reached ||= n === point;
      return plan(sent, n);
    });
    await check(started, user, mark);
    started.database.isWell();
    if (!reached) return point - 1;
  }
}

/** Inconsistencies in the tables, except for the remains of running erasures. */
async function amiss(service: Service): Promise<string[]> {
  const { users, missing, stray } = await auditTables(service);
  const tombstones = users.filter(({ status }) => status === 'deleted').map(({ userId }) => userId);
  return [
    ...stray,
    ...missing.filter((line) => !tombstones.some((userId) => line.endsWith(userId))),
  ];
}

/** Asserts that the user has its final state after one change, in consistent tables. */
async function expectDone(
  service: Service,
  user: UserRefs,
  { from = 'active', after }: Mutation,
): Promise<void> {
  const { users, missing, stray } = await auditTables(service);
  expect([missing, stray]).toEqual([[], []]);
  const { status, body } = await requestTransition(service, 'GET', user, '/export', {}, 'north');
  if (after === undefined)
    expect([status, users.some(({ userId }) => userId === user.jitsudo)]).toEqual([404, false]);
  else expect(body.user).toMatchObject({ ...after, version: from === 'deleted' ? 4 : 3 });
}

describe('a crash at any database request [K05]', () => {
  it.concurrent.each(cases)(
    '$moment its effect leaves $what done or not, and a second attempt completes it',
    async ({ fault, ...mutation }) => {
      const crashes =
        (point: number): Plan =>
        (_sent, n) =>
          n < point ? undefined : n === point ? fault : dropRequest;
      const points = await atEachRequest(
        mutation,
        { attempts: 1, ...deadlineAfterFaults },
        crashes,
        async ({ database, service }, user, mark) => {
          const first = await mutation.act(service, user, mark);
          expect([mutation.status, 503]).toContain(first.status);
          expect(await amiss(service)).toEqual([]);

          database.isWell();
          const again = await mutation.act(service, user, mark);
          expect(
            first.status === 503 ? [mutation.status, mutation.repeated] : [mutation.repeated],
          ).toContain(again.status);
          await expectDone(service, user, mutation);
        },
      );
      expect(points).toBeGreaterThanOrEqual(3);
    },
  );
});

describe('a transient failure of any database request [K05]', () => {
  it.concurrent.each(mutations)('after its effect does not affect $what', async (mutation) => {
    const hiccups =
      (point: number): Plan =>
      (_sent, n) =>
        n === point ? dropResponse : undefined;
    const points = await atEachRequest(mutation, {}, hiccups, async ({ service }, user, mark) => {
      expect((await mutation.act(service, user, mark)).status).toBe(mutation.status);
      await expectDone(service, user, mutation);
    });
    expect(points).toBeGreaterThanOrEqual(3);
  });
});
