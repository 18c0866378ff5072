/** R04–R06: however roles are edited, handed out and accepted, nobody comes to more than they had and whoever acted holds. */
import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { toCradlPermissions } from '../../lib/api/roles/cradl-permissions.ts';
import { parseUserId } from '../../lib/domain/kernel/ids.ts';
import { builtInRoles } from '../../lib/domain/roles/role.ts';
import type { Permission } from '../../lib/domain/access/permissions.ts';
import { goodPassword } from '../support/dialects/create-user.ts';
import { anInvitingService, type Guest, minute } from '../support/scenarios/invitations.ts';
import { roleIdOf } from '../support/scenarios/roles.ts';
import { type Answer, tenantId } from '../support/service.ts';

/** Roles that are there from the beginning, each with permissions that some others lack. */
const standing = {
  clerk: ['users:create', 'users:update', 'users:read'],
  keeper: ['roles:read', 'roles:write', 'users:delete'],
  marshal: ['roles:write', 'roles:delegate', 'users:create', 'users:update', 'appClients:read'],
} as const satisfies Record<string, readonly Permission[]>;
const carriable: readonly Permission[] = [
  'users:create',
  'users:update',
  'users:delete',
  'roles:write',
  'roles:delegate',
  'tenant:update',
];
const slugs = [...Object.keys(standing), 'one', 'two', 'three', 'user', 'approver', 'admin'];

/** Who acts: by the roles that their tokens name, made-up ones included, which others may make and change. */
const actors = [
  ['clerk'],
  ['keeper', 'one'],
  ['marshal'],
  ['clerk', 'keeper'],
  ['one', 'two'],
  ['admin'],
] as const;

const step = fc.record({
  by: fc.constantFrom(...actors),
  act: fc.constantFrom(
    'makeRole',
    'editRole',
    'editRole',
    'deleteRole',
    'createUser',
    'invite',
    'changeUser',
    'accept',
  ),
  dialect: fc.constantFrom('native' as const, 'cradl' as const),
  role: fc.constantFrom('one', 'two', 'three', ...Object.keys(standing)),
  roles: fc.subarray(slugs, { maxLength: 2 }),
  permissions: fc.subarray([...carriable], { maxLength: 3 }),
  /** Which of those that there are. */
  which: fc.nat(),
});
type Step = typeof step extends fc.Arbitrary<infer Value> ? Value : never;

/** All of it once, by somebody who may. */
const once = (
  ['makeRole', 'editRole', 'createUser', 'invite', 'changeUser', 'accept', 'deleteRole'] as const
).map(
  (act): Step => ({
    by: ['admin'],
    act,
    dialect: 'native',
    role: 'one',
    roles: ['one'],
    permissions: ['users:create'],
    which: 0,
  }),
);
once[1] = { ...once[1]!, permissions: ['users:update'] };

/** Who has been invited, and by the holder of which roles. */
interface Pending {
  readonly guest: Guest;
  readonly token: string;
  readonly by: readonly string[];
}

async function aWorld() {
  const life = await anInvitingService();
  const { service, clock, tokenFor, accepts } = life;
  for (const [slug, permissions] of Object.entries(standing))
    await service.hasRole('acme', { slug, name: slug, permissions });
  const users: string[] = [];
  const pending: Pending[] = [];
  let names = 0;

  const send = (method: string, path: string, { by }: Step, body?: object) =>
    service.send(method, path, {
      token: clock.aTokenOf('acme', by),
      headers: { 'if-match': '*' },
      ...(body && { body }),
    });
  const base = ({ dialect }: Step) => (dialect === 'native' ? '/v1' : '/cradl/v1');
  const carried = ({ dialect, permissions }: Step) =>
    dialect === 'native' ? permissions : toCradlPermissions(permissions, 'cradl');
  const given = ({ roles }: Step) => roles.map(roleIdOf);
  const newcomer = () => `user-${++names}@x.example`;

  const acts: Readonly<Record<Step['act'], (step: Step) => Promise<Answer | undefined>>> = {
    makeRole: (step) =>
      send('POST', '/v1/roles', step, {
        roleId: roleIdOf(step.role),
        name: step.role,
        permissions: step.permissions,
      }),
    editRole: (step) =>
      send('PATCH', `${base(step)}/roles/${roleIdOf(step.role)}`, step, {
        permissions: carried(step),
      }),
    deleteRole: (step) => send('DELETE', `${base(step)}/roles/${roleIdOf(step.role)}`, step),
    createUser: async (step) => {
      const answer = await send('POST', '/v1/users', step, {
        email: newcomer(),
        password: goodPassword,
        roleIds: given(step),
      });
      if (answer.status === 201) users.push(answer.body.userId);
      return answer;
    },
    invite: async (step) => {
      const email = newcomer();
      const answer = await send('POST', `${base(step)}/users`, step, {
        email,
        roleIds: given(step),
      });
      if (answer.status > 201) return answer;
      const guest: Guest = {
        slug: 'acme',
        email,
        id: answer.body.userId,
        uuid: parseUserId(answer.body.userId) ?? '',
      };
      users.push(guest.id);
      pending.push({ guest, token: await tokenFor(guest), by: step.by });
      return answer;
    },
    changeUser: async (step) => {
      const user = users[step.which % Math.max(users.length, 1)];
      if (user === undefined) return undefined;
      const answer = await send('PATCH', `${base(step)}/users/${user}`, step, {
        roleIds: given(step),
      });
      // Who gives roles to somebody who is invited answers for them from then on.
      const index = pending.findIndex(({ guest }) => guest.id === user);
      if (answer.status === 200 && index >= 0) pending[index] = { ...pending[index]!, by: step.by };
      return answer;
    },
    accept: async ({ which }) => {
      const [invited] = pending.splice(which % Math.max(pending.length, 1), 1);
      return invited && accepts(invited.token);
    },
  };

  /** What everybody may do: users who are active by what is stored of them, and actors by their tokens. */
  const rights = async () => {
    const items = (await service.stored.all()).filter(({ pk }) =>
      String(pk).startsWith(`TENANT#${tenantId.acme}`),
    );
    const roles = new Map<string, readonly Permission[]>(
      items.flatMap(({ sk, slug, permissions, deletion }) =>
        String(sk).startsWith('ROLE#') && !deletion ? [[slug, permissions]] : [],
      ),
    );
    for (const { slug, permissions } of builtInRoles) roles.set(slug, permissions);
    const held = (names: readonly string[]) =>
      new Set(names.flatMap((name) => roles.get(name) ?? []));
    const active = items.filter(({ sk, status }) => sk === 'USER' && status === 'active');
    return {
      held,
      all: new Map([
        ...active.map((user) => [user['userId'], held(user['roles'])] as const),
        ...actors.map((by) => [by.join(), held(by)] as const),
      ]),
    };
  };

  return {
    rights,
    /** Who answers for what is about to be done. */
    answerable: ({ act, by, which }: Step) =>
      act === 'accept' ? (pending[which % Math.max(pending.length, 1)]?.by ?? []) : by,
    does: async (step: Step) => {
      const answer = await acts[step.act](step);
      // What is remembered of roles is forgotten.
      clock.leaps(minute);
      return answer;
    },
  };
}

it('no sequence of edits, invitations and acceptances raises anybody above who answers for it', async () => {
  const done = new Map<string, number>();
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 8, maxLength: 16 }), async (steps) => {
      const world = await aWorld();
      let before = await world.rights();
      for (const each of steps) {
        const theirs = before.held(world.answerable(each));
        const answer = await world.does(each);
        const after = await world.rights();
        for (const [somebody, held] of after.all) {
          const allowed = theirs.union(before.all.get(somebody) ?? new Set());
          expect({ somebody, gained: [...held.difference(allowed)] }).toEqual({
            somebody,
            gained: [],
          });
        }
        if (answer && answer.status < 300) done.set(each.act, (done.get(each.act) ?? 0) + 1);
        before = after;
      }
    }),
    { numRuns: 10, examples: [[once]] },
  );
  // They do come to something, and not only to refusals.
  expect([...done.keys()].toSorted()).toEqual(once.map(({ act }) => act).toSorted());
}, 60_000);
