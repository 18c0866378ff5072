import { describe, expect, it } from 'vitest';
import type { Operation } from '../../../lib/api/routes.ts';
import { auditOf } from '../../support/table-audit.ts';
import {
  asks,
  bearerRoutes,
  type Named,
  wasInvitedAWhileAgo,
} from '../../support/authenticated-routes.ts';
import {
  aUserThatIs,
  does,
  statuses,
  statusOf,
  without,
} from '../../support/scenarios/user-states.ts';
import { anAdminOf, aSystemAdministrator, aService, type Service } from '../../support/service.ts';
import { withoutEffect } from '../../support/expect-no-writes.ts';

const service = await aService();

const nobody = '404';
const gone = 'gone';
const notNow = 'not now';
const pendingMoves = 'not from here, but delete';
const activeMoves = 'not from here, but suspend, delete';
const inactiveMoves = 'not from here, but reactivate, delete';

type Row = readonly [string, Operation, object | undefined, string, string, string, string];

/** What an operation makes of each status: the next one, or the moves that there are instead. */
// biome-ignore format: a table is read best with a row on a line.
const table: readonly Row[] = [
  // what            operation         body               invite_pending    active         inactive        deleted
  ['read',           'getUser',        undefined,         'invite_pending', 'active',      'inactive',     nobody],
  ['change',         'updateUser',     undefined,         'invite_pending', 'active',      'inactive',     nobody],
  ['suspend',        'suspendUser',    undefined,         pendingMoves,     'inactive',    inactiveMoves,  nobody],
  ['active: false',  'setUserActive',  { active: false }, pendingMoves,     'inactive',    inactiveMoves,  nobody],
  ['reactivate',     'reactivateUser', undefined,         pendingMoves,     activeMoves,   'active',       nobody],
  ['active: true',   'setUserActive',  { active: true },  pendingMoves,     activeMoves,   'active',       nobody],
  ['delete',         'deleteUser',     undefined,         'deleted',        'deleted',     'deleted',      nobody],
  ['restore',        'restoreUser',    undefined,         pendingMoves,     activeMoves,   inactiveMoves,  'active'],
  ['export',         'exportUser',     undefined,         'invite_pending', 'active',      'inactive',     'deleted'],
  ['erase',          'eraseUser',      undefined,         gone,             gone,          gone,           gone],
  // Whoever is or was active here came with a password, and was never invited.
  ['read',           'getInvitation',      undefined,     'invite_pending', nobody,        nobody,         nobody],
  ['invite again',   'resendInvitation',   undefined,     'invite_pending', notNow,        notNow,         nobody],
  ['revoke',         'revokeInvitation',   undefined,     'invite_pending', nobody,        nobody,         nobody],
  ['copy',           'copyInvitationLink', undefined,     'invite_pending', notNow,        notNow,         nobody],
];

const cases = table.flatMap(([what, operation, body, ...outcomes]) =>
  bearerRoutes
    .filter((route) => route.operation === operation)
    .flatMap((route) =>
      statuses.map((status, index) => ({
        what,
        route,
        path: route.route,
        body,
        status,
        outcome: outcomes[index] ?? nobody,
      })),
    ),
);

/** Something about the user that no operation may touch but the one that removes it all. */
const kept = async (of: Service, user: Named): Promise<{ businessRole?: unknown }> =>
  without(
    (await does(of, 'GET', user, '/export')).body.user,
    'version',
    'updatedTime',
    'updatedBy',
    'status',
    'name',
  );

describe('L01: of every operation and status', () => {
  it.each(cases)(
    '$path ($what) of a user that is $status: $outcome',
    async ({ route, body, status, outcome }) => {
      const user = await aUserThatIs(status, service);
      const before = await kept(service, user);
      if (status === 'invite_pending') await wasInvitedAWhileAgo(service, 'acme', user);
      const isForSystem = route.dialect === 'credible' || route.operation === 'copyInvitationLink';
      const token = isForSystem ? aSystemAdministrator('acme') : anAdminOf('acme');
      const act = () => asks(service, route, { user, token, ...(body && { body }) });

      const [, moves] = outcome.split('not from here, but ');
      if (moves !== undefined) {
        const { status: code, body: problem } = await withoutEffect(service, act);
        expect([code, problem]).toEqual([
          409,
          expect.objectContaining({ code: 'invalid_transition' }),
        ]);
        expect(problem.details).toMatchObject({ status, allowed: moves.split(', ') });
        return;
      }
      if (outcome === notNow) {
        const answer = await withoutEffect(service, act);
        expect(answer).toMatchObject({
          status: 409,
          body: { code: 'not_invitable', details: { status } },
        });
        return;
      }
      if (outcome === nobody) {
        const { status: code, body: problem } = await withoutEffect(service, act);
        expect([code, problem.code]).toEqual([404, 'not_found']);
        return;
      }
      const answer = await act();
      expect([answer.status, answer.text]).toEqual([route.status, answer.text]);
      expect(await statusOf(service, user)).toBe(outcome === gone ? undefined : outcome);
      if (outcome !== gone)
        expect(await kept(service, user)).toEqual({
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
    'gives back the status that was deleted: %s',
    async (status) => {
      const user = await aUserThatIs(status, service);
      const before = await kept(service, user);
      await does(service, 'DELETE', user);
      expect(await does(service, 'POST', user, '/restore')).toMatchObject({
        status: 200,
        body: { ...before, status, version: status === 'inactive' ? 4 : 3 },
      });
    },
  );
});

describe('a deleted user', () => {
  it('is answered by Cradl as it knows users, once', async () => {
    const user = await aUserThatIs('active', service, { name: 'Jo Smith' });
    const deletes = () =>
      service.send('DELETE', `/cradl/v1/users/${user.cradl}`, { token: anAdminOf('acme') });
    expect(await deletes()).toMatchObject({
      status: 200,
      body: { userId: user.cradl, name: 'Jo Smith', status: 'inactive' },
    });
    expect(await deletes()).toMatchObject({ status: 404, body: { code: 'not_found' } });
  });

  it('is nobody by any name, in any list, and not who calls', async () => {
    const user = await aUserThatIs('deleted', service);
    const admin = { token: anAdminOf('acme') };
    for (const path of [
      `/credible/api/v0/users/${user.credible}`,
      `/credible/api/v0/users/${user.credible}@example.com`,
    ])
      expect([path, (await service.gets(path, admin)).status]).toEqual([path, 404]);
    for (const query of [
      `email=${user.credible}@example.com`,
      `userName=${user.credible}`,
      `emailPrefix=${user.credible}`,
    ])
      expect([query, (await service.gets(`/v1/users?${query}`, admin)).body.users]).toEqual([
        query,
        [],
      ]);
  });
});

it('all of it leaves tables in order', async () => {
  const { users, missing, stray } = await auditOf(service);
  expect([users.length > 0, missing, stray]).toEqual([true, [], []]);
});
