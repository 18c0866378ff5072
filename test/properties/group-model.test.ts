/** Random groups, roles, memberships, deletions and restores, compared with a simple model. */
import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import type { Permission } from '../../lib/domain/access/permissions.ts';
import { maxNesting } from '../../lib/domain/groups/group.ts';
import { keys } from '../../lib/store/keys.ts';
import { createUserIn, unknownUser } from '../support/authenticated-routes.ts';
import { findGroupFaults } from '../support/database/group-audit.ts';
import { scaleRuns } from '../support/property-runs.ts';
import { createGroupRequests } from '../support/scenarios/groups.ts';
import { toRoleId } from '../support/scenarios/roles.ts';
import {
  createTestService,
  issuer,
  systemToken,
  type TestResponse,
  tenantId,
} from '../support/service.ts';

/** A request per permission, about a resource that does not exist: 404 with it, otherwise 403. */
const probes = {
  'users:update': ['POST', `/v1/users/${unknownUser.native}/suspend`],
  'users:delete': ['DELETE', `/v1/users/${unknownUser.native}`],
  'roles:write': ['DELETE', '/v1/roles/cradl:role:none'],
  'appClients:write': ['DELETE', '/v1/app-clients/cradl:app-client:none'],
} as const satisfies Partial<Record<Permission, readonly [string, string]>>;
const permissions = Object.keys(probes) as (keyof typeof probes)[];
const roles = permissions.map((permission) => permission.replace(':', '-').toLowerCase());

const service = await createTestService();
for (const [index, permission] of permissions.entries())
  await service.putRole('acme', {
    slug: roles[index] ?? '',
    name: permission,
    permissions: [permission],
  });
const { send, createGroup, toMembers } = createGroupRequests(service, systemToken('acme'));

const groupCount = 7;
const userCount = 2;
const anyGroup = fc.nat(groupCount - 1);
const anyUser = fc.nat(userCount - 1);
const step = fc.oneof(
  { weight: 5, arbitrary: fc.record({ act: fc.constant('nest'), group: anyGroup, of: anyGroup }) },
  {
    weight: 2,
    arbitrary: fc.record({ act: fc.constant('unnest'), group: anyGroup, of: anyGroup }),
  },
  { weight: 2, arbitrary: fc.record({ act: fc.constant('join'), group: anyGroup, of: anyUser }) },
  { weight: 1, arbitrary: fc.record({ act: fc.constant('leave'), group: anyGroup, of: anyUser }) },
  {
    weight: 3,
    arbitrary: fc.record({
      act: fc.constant('roles'),
      group: anyGroup,
      of: fc.nat(2 ** roles.length - 1),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      act: fc.constantFrom('delete', 'restore', 'restore'),
      group: anyGroup,
      of: fc.constant(0),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      act: fc.constantFrom('deleteUser', 'restoreUser'),
      group: fc.constant(0),
      of: anyUser,
    }),
  },
);
type Step = typeof step extends fc.Arbitrary<infer Value> ? Value : never;

/** Each step once, and an edge that would close a cycle. */
const everyOutcome: Step[] = [
  { act: 'join', group: 0, of: 0 },
  { act: 'nest', group: 0, of: 1 },
  { act: 'nest', group: 1, of: 2 },
  { act: 'roles', group: 2, of: 5 },
  { act: 'nest', group: 2, of: 0 },
  { act: 'delete', group: 1, of: 0 },
  { act: 'restore', group: 1, of: 0 },
  { act: 'deleteUser', group: 0, of: 0 },
  { act: 'restoreUser', group: 0, of: 0 },
  { act: 'unnest', group: 1, of: 2 },
  { act: 'leave', group: 0, of: 0 },
];

/** Members and roles by position. Edges lead from a group to the groups that it is a member of. */
interface Model {
  readonly roles: string[][];
  readonly deleted: Set<number>;
  readonly deletedUsers: Set<number>;
  readonly edges: Set<string>;
  readonly members: Set<string>;
}

const listParents = ({ edges }: Pick<Model, 'edges'>, group: number): number[] =>
  [...edges].flatMap((edge) => {
    const [child, parent] = edge.split(' ').map(Number);
    return child === group && parent !== undefined ? [parent] : [];
  });

/** Levels of the longest chain from a group up. A cycle has too many. */
const countLevels = (edges: Set<string>, group: number, depth = 1): number =>
  depth > maxNesting
    ? depth
    : Math.max(
        depth,
        ...listParents({ edges }, group).map((parent) => countLevels(edges, parent, depth + 1)),
      );

const isValid = (edges: Set<string>): boolean =>
  Array.from({ length: groupCount }, (_, group) => countLevels(edges, group)).every(
    (levels) => levels <= maxNesting,
  );

const withoutDeleted = ({ edges, deleted }: Model, restored?: number): Set<string> =>
  new Set(
    [...edges].filter((edge) =>
      edge.split(' ').every((group) => Number(group) === restored || !deleted.has(Number(group))),
    ),
  );

/** Permissions of a user through active groups and the active groups above them. */
function collectPermissions(model: Model, user: number): string[] {
  if (model.deletedUsers.has(user)) return [];
  const reached = new Set<number>();
  const visit = (group: number): void => {
    if (model.deleted.has(group) || reached.has(group)) return;
    reached.add(group);
    for (const parent of listParents(model, group)) visit(parent);
  };
  for (const member of model.members) {
    const [id, group] = member.split(' ').map(Number);
    if (id === user && group !== undefined) visit(group);
  }
  const assigned = [...reached].flatMap((group) => model.roles[group] ?? []);
  return permissions.filter((_, index) => assigned.includes(roles[index] ?? ''));
}

async function createWorld() {
  const groups: string[] = [];
  for (let index = 0; index < groupCount; index++) groups.push(await createGroup());
  const users: string[] = [];
  for (let index = 0; index < userCount; index++) {
    const { native, jitsudo } = await createUserIn(service, 'acme');
    const item = await service.stored.item(keys.user(tenantId.acme, jitsudo));
    await service.stored.put({ ...item, status: 'active' });
    users.push(native);
  }
  const model: Model = {
    roles: groups.map(() => []),
    deleted: new Set(),
    deletedUsers: new Set(),
    edges: new Set(),
    members: new Set(),
  };
  const add = (group: string, memberId: string) =>
    send('POST', toMembers(group), { body: { members: [{ memberId }] } });
  const requests: Readonly<Record<string, (group: string, of: number) => Promise<TestResponse>>> = {
    nest: (group, of) => add(groups[of] ?? '', group),
    unnest: (group, of) => send('DELETE', `${toMembers(groups[of] ?? '')}/${group}`),
    join: (group, of) => add(group, users[of] ?? ''),
    leave: (group, of) => send('DELETE', `${toMembers(group)}/${users[of]}`),
    roles: (group, of) =>
      send('PATCH', `/v1/groups/${group}`, { body: { roleIds: selectRoles(of).map(toRoleId) } }),
    delete: (group) => send('DELETE', `/v1/groups/${group}`),
    restore: (group) => send('POST', `/v1/groups/${group}/restore`),
    deleteUser: (_, of) => send('DELETE', `/v1/users/${users[of]}`),
    restoreUser: (_, of) => send('POST', `/v1/users/${users[of]}/restore`),
  };
  return {
    model,
    perform: ({ act, group, of }: Step) => requests[act]!(groups[group] ?? '', of),
    readPermissions: async (user: number): Promise<string[]> => {
      const token = issuer.mintAccessToken({ sub: users[user] ?? '', tenantId: tenantId.acme });
      const granted: string[] = [];
      for (const [permission, [method, path]] of Object.entries(probes)) {
        const { status } = await service.send(method, path, { token });
        expect(status).toBeOneOf([403, 404]);
        if (status === 404) granted.push(permission);
      }
      return granted;
    },
  };
}

const selectRoles = (mask: number): string[] => roles.filter((_, index) => mask & (1 << index));

/** Applies a step to the model, and returns the possible statuses of the response. */
function expectStep(model: Model, { act, group, of }: Step, succeeds: boolean): readonly number[] {
  const { deleted, deletedUsers, edges, members } = model;
  const isGone = deleted.has(group);
  const done = succeeds ? (change: () => unknown) => void change() : () => {};
  const edge = `${group} ${of}`;
  const member = `${of} ${group}`;
  switch (act) {
    case 'nest': {
      if (deleted.has(of)) return [404];
      if (isGone) return [400];
      // Edges of deleted groups can count.
      const isAccepted = isValid(new Set([...edges, edge]));
      const isRejected = !isValid(new Set([...withoutDeleted(model), edge]));
      done(() => edges.add(edge));
      return [...(isRejected ? [] : [200]), ...(isAccepted ? [] : [409])];
    }
    case 'unnest': {
      if (deleted.has(of) || !edges.has(edge)) return [404];
      done(() => edges.delete(edge));
      return [204];
    }
    case 'join': {
      if (isGone) return [404];
      if (deletedUsers.has(of)) return [400];
      done(() => members.add(member));
      return [200];
    }
    case 'leave': {
      if (isGone || !members.has(member)) return [404];
      done(() => members.delete(member));
      return [204];
    }
    case 'roles': {
      if (isGone) return [404];
      done(() => (model.roles[group] = selectRoles(of)));
      return [200];
    }
    case 'delete': {
      if (isGone) return [404];
      done(() => deleted.add(group));
      return [204];
    }
    case 'restore': {
      if (!isGone) return [404];
      const isPossible = isValid(edges);
      const isImpossible = !isValid(withoutDeleted(model, group));
      done(() => deleted.delete(group));
      return [...(isImpossible ? [] : [200]), ...(isPossible ? [] : [409])];
    }
    case 'deleteUser': {
      if (deletedUsers.has(of)) return [404];
      done(() => deletedUsers.add(of));
      return [204];
    }
    default: {
      if (!deletedUsers.has(of)) return [409];
      done(() => deletedUsers.delete(of));
      return [200];
    }
  }
}

it('gives each user the permissions of the model, without cycles and long chains', async () => {
  const done = new Set<string>();
  const rejected = new Set<string>();
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 15, maxLength: 30 }), async (steps) => {
      const world = await createWorld();
      for (const [index, each] of steps.entries()) {
        const { status } = await world.perform(each);
        expect({ ...each, status }).toEqual({
          ...each,
          status: expect.toBeOneOf([...expectStep(world.model, each, status < 300)]),
        });
        (status < 300 ? done : rejected).add(each.act);
        const user = index % userCount;
        if (index % 3 === 0)
          expect(await world.readPermissions(user)).toEqual(collectPermissions(world.model, user));
      }
      for (let user = 0; user < userCount; user++)
        expect(await world.readPermissions(user)).toEqual(collectPermissions(world.model, user));
      expect(findGroupFaults(await service.stored.all())).toEqual([]);
    }),
    { numRuns: scaleRuns(5), examples: [[everyOutcome]] },
  );
  expect([...done]).toEqual(expect.arrayContaining(everyOutcome.map(({ act }) => act)));
  expect(rejected).toContain('nest');
}, 60_000);
