import { describe, expect, it } from 'vitest';
import type { Operation } from '../../../lib/api/routes.ts';
import { auditTables } from '../../support/database/table-audit.ts';
import {
  requestRoute,
  authenticatedRoutes,
  type UserRefs,
  allowResend,
} from '../../support/authenticated-routes.ts';
import {
  createUserWithStatus,
  requestTransition,
  statuses,
  getStatus,
  without,
} from '../../support/scenarios/user-states.ts';
import { adminToken, systemToken, createTestService, type Service } from '../../support/service.ts';
import { expectNoWrites } from '../../support/database/expect-no-writes.ts';

const service = await createTestService();

const notFound = 'not_found';
const erased = 'erased';
const notInvitable = 'not_invitable';
const pendingAllows = 'invalid_transition, allowed: suspend, delete';
const activeAllows = 'invalid_transition, allowed: suspend, delete';
const inactiveAllows = 'invalid_transition, allowed: reactivate, delete';

type Row = readonly [string, Operation, object | undefined, string, string, string, string];

/** Result of each operation by status: the next status or the failure. */
// biome-ignore format: one row per line.
const table: readonly Row[] = [
  // what operation body invite_pending active inactive deleted
  ['read',          'getUser',            undefined,         'invite_pending', 'active',     'inactive',     notFound],
  ['update',        'updateUser',         undefined,         'invite_pending', 'active',     'inactive',     notFound],
  ['suspend',       'suspendUser',        undefined,         'inactive',       'inactive',   inactiveAllows, notFound],
  ['active: false', 'setUserActive',      { active: false }, 'inactive',       'inactive',   inactiveAllows, notFound],
  ['reactivate',    'reactivateUser',     undefined,         pendingAllows,    activeAllows, 'active',       notFound],
  ['active: true',  'setUserActive',      { active: true },  pendingAllows,    activeAllows, 'active',       notFound],
  ['delete',        'deleteUser',         undefined,         'deleted',        'deleted',    'deleted',      notFound],
  ['restore',       'restoreUser',        undefined,         pendingAllows,    activeAllows, inactiveAllows, 'active'],
  ['export',        'exportUser',         undefined,         'invite_pending', 'active',     'inactive',     'deleted'],
  ['erase',         'eraseUser',          undefined,         erased,           erased,       erased,         erased],
  // Active and inactive users in this test were created with a password and never invited.
  ['read',          'getInvitation',      undefined,         'invite_pending', notFound,     notFound,       notFound],
  ['resend',        'resendInvitation',   undefined,         'invite_pending', notInvitable, notInvitable,   notFound],
  ['revoke',        'revokeInvitation',   undefined,         'invite_pending', notFound,     notFound,       notFound],
  ['copy',          'copyInvitationLink', undefined,         'invite_pending', notInvitable, notInvitable,   notFound],
];

const cases = table.flatMap(([what, operation, body, ...outcomes]) =>
  authenticatedRoutes
    .filter((route) => route.operation === operation)
    .flatMap((route) =>
      statuses.map((status, index) => ({
        what,
        route,
        path: route.route,
        body,
        status,
        outcome: outcomes[index] ?? notFound,
      })),
    ),
);

/** Fields that only an erasure may change, apart from the tested updates. */
const readUnaffected = async (from: Service, user: UserRefs): Promise<{ businessRole?: unknown }> =>
  without(
    (await requestTransition(from, 'GET', user, '/export')).body.user,
    'version',
    'updatedTime',
    'updatedBy',
    'deletedTime',
    'status',
    'name',
  );

describe('each operation in each status [L01]', () => {
  it.each(cases)(
    '$path ($what) for a user with status $status gives $outcome',
    async ({ route, body, status, outcome }) => {
      const user = await createUserWithStatus(status, service);
      const before = await readUnaffected(service, user);
      if (status === 'invite_pending') await allowResend(service, 'acme', user);
      const isForSystem = route.dialect === 'credible' || route.operation === 'copyInvitationLink';
      const token = isForSystem ? systemToken('acme') : adminToken('acme');
      const act = () => requestRoute(service, route, { user, token, ...(body && { body }) });

      const [, moves] = outcome.split('invalid_transition, allowed: ');
      if (moves !== undefined) {
        const { status: code, body: problem } = await expectNoWrites(service, act);
        expect([code, problem]).toEqual([
          409,
          expect.objectContaining({ code: 'invalid_transition' }),
        ]);
        expect(problem.details).toMatchObject({ status, allowed: moves.split(', ') });
        return;
      }
      if (outcome === notInvitable) {
        const answer = await expectNoWrites(service, act);
        expect(answer).toMatchObject({
          status: 409,
          body: { code: 'not_invitable', details: { status } },
        });
        return;
      }
      if (outcome === notFound) {
        const { status: code, body: problem } = await expectNoWrites(service, act);
        expect([code, problem.code]).toEqual([404, 'not_found']);
        return;
      }
      const answer = await act();
      expect([answer.status, answer.text]).toEqual([route.status, answer.text]);
      expect(await getStatus(service, user)).toBe(outcome === erased ? undefined : outcome);
      if (outcome !== erased)
        expect(await readUnaffected(service, user)).toEqual({
          ...before,
          ...(route.dialect === 'credible' && anyBusinessRole(before)),
        });
    },
  );
});

const anyBusinessRole = (before: { businessRole?: unknown }) => ({
  businessRole: expect.toBeOneOf([before.businessRole, 'Analyst']),
});

describe('a restore', () => {
  it.each(['invite_pending', 'active', 'inactive'] as const)(
    'returns to the status before the delete: %s',
    async (status) => {
      const user = await createUserWithStatus(status, service);
      const before = await readUnaffected(service, user);
      await requestTransition(service, 'DELETE', user);
      expect(await requestTransition(service, 'POST', user, '/restore')).toMatchObject({
        status: 200,
        body: { ...before, status, version: status === 'inactive' ? 4 : 3 },
      });
    },
  );
});

describe('a deleted user', () => {
  it('is returned by the first delete in Cradl, and not found by the second', async () => {
    const user = await createUserWithStatus('active', service, { name: 'Jo Smith' });
    const deleteUser = () =>
      service.send('DELETE', `/cradl/v1/users/${user.cradl}`, { token: adminToken('acme') });
    expect(await deleteUser()).toMatchObject({
      status: 200,
      body: { userId: user.cradl, name: 'Jo Smith', status: 'inactive' },
    });
    expect(await deleteUser()).toMatchObject({ status: 404, body: { code: 'not_found' } });
  });

  it('is not found by any name or in any list', async () => {
    const user = await createUserWithStatus('deleted', service);
    const admin = { token: adminToken('acme') };
    for (const path of [
      `/credible/api/v0/users/${user.credible}`,
      `/credible/api/v0/users/${user.credible}@example.com`,
    ])
      expect([path, (await service.get(path, admin)).status]).toEqual([path, 404]);
    for (const query of [
      `email=${user.credible}@example.com`,
      `userName=${user.credible}`,
      `emailPrefix=${user.credible}`,
    ])
      expect([query, (await service.get(`/v1/users?${query}`, admin)).body.users]).toEqual([
        query,
        [],
      ]);
  });
});

it('tables are consistent after all operations', async () => {
  const { users, missing, stray } = await auditTables(service);
  expect([users.length > 0, missing, stray]).toEqual([true, [], []]);
});
