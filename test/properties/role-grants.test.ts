/**
 * No user or actor gains permissions that neither they nor the responsible caller had [R04 R05
 * R06].
 */
import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { toCradlPermissions } from '../../lib/api/roles/cradl-permissions.ts';
import { parseUserId } from '../../lib/domain/kernel/ids.ts';
import { builtInRoles } from '../../lib/domain/roles/role.ts';
import type { Permission } from '../../lib/domain/access/permissions.ts';
import { goodPassword } from '../support/dialects/create-user.ts';
import {
  createInvitationService,
  type InvitedAccount,
  minute,
} from '../support/scenarios/invitations.ts';
import { toRoleId } from '../support/scenarios/roles.ts';
import { type TestResponse, tenantId } from '../support/service.ts';
import { scaleRuns } from '../support/property-runs.ts';

/** Initial roles. Each has permissions that others lack. */
const initialRoles = {
  clerk: ['users:create', 'users:update', 'users:read'],
  keeper: ['roles:read', 'roles:write', 'users:delete'],
  marshal: ['roles:write', 'roles:delegate', 'users:create', 'users:update', 'appClients:read'],
} as const satisfies Record<string, readonly Permission[]>;
const grantablePermissions: readonly Permission[] = [
  'users:create',
  'users:update',
  'users:delete',
  'roles:write',
  'roles:delegate',
  'tenant:update',
];
const slugs = [...Object.keys(initialRoles), 'one', 'two', 'three', 'user', 'approver', 'admin'];

/**
 * Actors by the roles in their tokens, including custom roles that others can create and change.
 */
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
  role: fc.constantFrom('one', 'two', 'three', ...Object.keys(initialRoles)),
  roles: fc.subarray(slugs, { maxLength: 2 }),
  permissions: fc.subarray([...grantablePermissions], { maxLength: 3 }),
  /** Index of an existing user or invitation. */
  which: fc.nat(),
});
type Step = typeof step extends fc.Arbitrary<infer Value> ? Value : never;

/** Every step once, by an actor with permission. */
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

/** Invited users, with the roles of their inviters. */
interface Pending {
  readonly guest: InvitedAccount;
  readonly token: string;
  readonly by: readonly string[];
}

async function createWorld() {
  const life = await createInvitationService();
  const { service, clock, tokenFor, acceptLink } = life;
  for (const [slug, permissions] of Object.entries(initialRoles))
    await service.putRole('acme', { slug, name: slug, permissions });
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
  const toPermissions = ({ dialect, permissions }: Step) =>
    dialect === 'native' ? permissions : toCradlPermissions(permissions, 'cradl');
  const toRoleIds = ({ roles }: Step) => roles.map(toRoleId);
  const nextEmail = () => `user-${++names}@x.example`;

  const acts: Readonly<Record<Step['act'], (step: Step) => Promise<TestResponse | undefined>>> = {
    makeRole: (step) =>
      send('POST', '/v1/roles', step, {
        roleId: toRoleId(step.role),
        name: step.role,
        permissions: step.permissions,
      }),
    editRole: (step) =>
      send('PATCH', `${base(step)}/roles/${toRoleId(step.role)}`, step, {
        permissions: toPermissions(step),
      }),
    deleteRole: (step) => send('DELETE', `${base(step)}/roles/${toRoleId(step.role)}`, step),
    createUser: async (step) => {
      const answer = await send('POST', '/v1/users', step, {
        email: nextEmail(),
        password: goodPassword,
        roleIds: toRoleIds(step),
      });
      if (answer.status === 201) users.push(answer.body.userId);
      return answer;
    },
    invite: async (step) => {
      const email = nextEmail();
      const answer = await send('POST', `${base(step)}/users`, step, {
        email,
        roleIds: toRoleIds(step),
      });
      if (answer.status > 201) return answer;
      const guest: InvitedAccount = {
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
        roleIds: toRoleIds(step),
      });
      // The last caller who set the roles is responsible for the invitation.
      const index = pending.findIndex(({ guest }) => guest.id === user);
      if (answer.status === 200 && index >= 0) pending[index] = { ...pending[index]!, by: step.by };
      return answer;
    },
    accept: async ({ which }) => {
      const [invited] = pending.splice(which % Math.max(pending.length, 1), 1);
      return invited && acceptLink(invited.token);
    },
  };

  /** Permissions of active users as stored, and of actors by token. */
  const readPermissions = async () => {
    const items = (await service.stored.all()).filter(({ pk }) =>
      String(pk).startsWith(`TENANT#${tenantId.acme}`),
    );
    const roles = new Map<string, readonly Permission[]>(
      items.flatMap(({ sk, slug, permissions, deletion }) =>
        String(sk).startsWith('ROLE#') && !deletion ? [[slug, permissions]] : [],
      ),
    );
    for (const { slug, permissions } of builtInRoles) roles.set(slug, permissions);
    const permissionsFor = (names: readonly string[]) =>
      new Set(names.flatMap((name) => roles.get(name) ?? []));
    const active = items.filter(({ sk, status }) => sk === 'USER' && status === 'active');
    return {
      permissionsFor,
      all: new Map([
        ...active.map((user) => [user['userId'], permissionsFor(user['roles'])] as const),
        ...actors.map((by) => [by.join(), permissionsFor(by)] as const),
      ]),
    };
  };

  return {
    readPermissions,
    /** Roles of the caller who is responsible for a step. */
    getResponsibleRoles: ({ act, by, which }: Step) =>
      act === 'accept' ? (pending[which % Math.max(pending.length, 1)]?.by ?? []) : by,
    perform: async (step: Step) => {
      const answer = await acts[step.act](step);
      // Lets cached roles expire.
      clock.advanceBy(minute);
      return answer;
    },
  };
}

it('no sequence of edits, invitations and acceptances gives permissions beyond those of the responsible caller', async () => {
  const done = new Map<string, number>();
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 8, maxLength: 16 }), async (steps) => {
      const world = await createWorld();
      let before = await world.readPermissions();
      for (const each of steps) {
        const responsible = before.permissionsFor(world.getResponsibleRoles(each));
        const answer = await world.perform(each);
        const after = await world.readPermissions();
        for (const [subject, granted] of after.all) {
          const allowed = responsible.union(before.all.get(subject) ?? new Set());
          expect({ subject, gained: [...granted.difference(allowed)] }).toEqual({
            subject,
            gained: [],
          });
        }
        if (answer && answer.status < 300) done.set(each.act, (done.get(each.act) ?? 0) + 1);
        before = after;
      }
    }),
    { numRuns: scaleRuns(10), examples: [[once]] },
  );
  // Every step must succeed at least once.
  expect([...done.keys()].toSorted()).toEqual(once.map(({ act }) => act).toSorted());
}, 60_000);
