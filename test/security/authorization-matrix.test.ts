import { randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { createIssuer } from '../../infra/local/fakes/issuer.ts';
import type { CodecDialect, Operation, Route } from '../../lib/api/routes.ts';
import { keys } from '../../lib/store/keys.ts';
import {
  getAction,
  createAppClientIn,
  createRoleIn,
  requestRoute,
  createUserForRoute,
  createUserIn,
  authenticatedRoutes,
  type UserRefs,
} from '../support/authenticated-routes.ts';
import { createTokenAppClient, requestAccessToken } from '../support/tokens/roster-tokens.ts';
import {
  type TestResponse,
  createTestService,
  systemToken,
  userToken,
  adminToken,
  issuer,
  type TestRequest,
  tenantId,
} from '../support/service.ts';

/**
 * Status of each action by caller. `done` is the success status of the dialect. All requests
 * address `acme`, except that an administrator of `globex` names no tenant and so addresses
 * `globex`. Custom roles of acme: `recruiter` creates users without reading them, `lookout` reads
 * users, `messenger` copies links but cannot invite, `marshal` creates and assigns roles, `keeper`
 * creates app clients. Credible has no roles to grant, and JITSudo always grants some.
 */
const matrix = `
  actor                          | create | +user | +approver | +admin | +recruiter | +lookout | +globex's | +unknown | read own | read globex's | read unknown
  without a role                 | 403    | 403   | 403       | 403    | 403        | 403      | 403       | 403      | 403      | 403           | 403
  with an unknown role           | 403    | 403   | 403       | 403    | 403        | 403      | 403       | 403      | 403      | 403           | 403
  user                           | 403    | 403   | 403       | 403    | 403        | 403      | 403       | 403      | 403      | 403           | 403
  approver                       | 403    | 403   | 403       | 403    | 403        | 403      | 403       | 403      | done     | 404           | 404
  lookout                        | 403    | 403   | 403       | 403    | 403        | 403      | 403       | 403      | done     | 404           | 404
  recruiter                      | done   | done  | 403       | 403    | done       | 403      | unknown   | unknown  | 403      | 403           | 403
  recruiter and lookout          | done   | done  | done      | 403    | done       | done     | unknown   | unknown  | done     | 404           | 404
  recruiter and approver         | done   | done  | done      | 403    | done       | done     | unknown   | unknown  | done     | 404           | 404
  admin                          | done   | done  | done      | done   | done       | done     | unknown   | unknown  | done     | 404           | 404
  admin, elsewhere a system_admin| done   | done  | done      | done   | done       | done     | unknown   | unknown  | done     | 404           | 404
  system_admin, elsewhere        | 403    | 403   | 403       | 403    | 403        | 403      | 403       | 403      | 403      | 403           | 403
  globex's admin, in globex      | done   | done  | done      | done   | unknown    | unknown  | done      | unknown  | 404      | done          | 404
  globex's admin, naming acme    | 403    | 403   | 403       | 403    | 403        | 403      | 403       | 403      | 403      | 403           | 403
  system administrator           | done   | done  | done      | done   | done       | done     | unknown   | unknown  | done     | 404           | 404
  system administrator of globex | done   | done  | done      | done   | done       | done     | unknown   | unknown  | done     | 404           | 404
  messenger                      | 403    | 403   | 403       | 403    | 403        | 403      | 403       | 403      | 403      | 403           | 403
  recruiter and messenger        | done   | done  | 403       | 403    | done       | 403      | unknown   | unknown  | 403      | 403           | 403
  marshal                        | 403    | 403   | 403       | 403    | 403        | 403      | 403       | 403      | 403      | 403           | 403
  recruiter and marshal          | done   | done  | 403       | 403    | done       | 403      | unknown   | unknown  | 403      | 403           | 403
  keeper                         | 403    | 403   | 403       | 403    | 403        | 403      | 403       | 403      | 403      | 403           | 403
`;

/**
 * The same for actions of the native API on invited users. No built-in role can copy a link or
 * grant that right.
 */
const matrixOfInvitations = `
  actor                          | +messenger | list | get  | resend | revoke | copy
  without a role                 | 403        | 403  | 403  | 403    | 403    | 403
  with an unknown role           | 403        | 403  | 403  | 403    | 403    | 403
  user                           | 403        | 403  | 403  | 403    | 403    | 403
  approver                       | 403        | done | done | 403    | 403    | 403
  lookout                        | 403        | done | done | 403    | 403    | 403
  recruiter                      | 403        | 403  | 403  | done   | done   | 403
  recruiter and lookout          | 403        | done | done | done   | done   | 403
  recruiter and approver         | 403        | done | done | done   | done   | 403
  admin                          | 403        | done | done | done   | done   | 403
  admin, elsewhere a system_admin| 403        | done | done | done   | done   | 403
  system_admin, elsewhere        | 403        | 403  | 403  | 403    | 403    | 403
  globex's admin, in globex      | unknown    | done | 404  | 404    | 404    | 403
  globex's admin, naming acme    | 403        | 403  | 403  | 403    | 403    | 403
  system administrator           | done       | done | done | done   | done   | done
  system administrator of globex | done       | done | done | done   | done   | done
  messenger                      | 403        | 403  | 403  | 403    | 403    | 403
  recruiter and messenger        | done       | 403  | 403  | done   | done   | done
  marshal                        | 403        | 403  | 403  | 403    | 403    | 403
  recruiter and marshal          | 403        | 403  | 403  | done   | done   | 403
  keeper                         | 403        | 403  | 403  | 403    | 403    | 403
`;

/**
 * The same for roles, in the native and the Cradl API: a role without permissions, and one that
 * reads users (`lookout`).
 */
const matrixOfRoles = `
  actor                          | list | get  | create | create lookout | change | change lookout | delete | delete lookout
  without a role                 | 403  | 403  | 403    | 403            | 403    | 403            | 403    | 403
  with an unknown role           | 403  | 403  | 403    | 403            | 403    | 403            | 403    | 403
  user                           | 403  | 403  | 403    | 403            | 403    | 403            | 403    | 403
  approver                       | 403  | 403  | 403    | 403            | 403    | 403            | 403    | 403
  lookout                        | 403  | 403  | 403    | 403            | 403    | 403            | 403    | 403
  recruiter                      | 403  | 403  | 403    | 403            | 403    | 403            | 403    | 403
  recruiter and lookout          | 403  | 403  | 403    | 403            | 403    | 403            | 403    | 403
  recruiter and approver         | 403  | 403  | 403    | 403            | 403    | 403            | 403    | 403
  admin                          | done | done | done   | done           | done   | done           | done   | done
  admin, elsewhere a system_admin| done | done | done   | done           | done   | done           | done   | done
  system_admin, elsewhere        | 403  | 403  | 403    | 403            | 403    | 403            | 403    | 403
  globex's admin, in globex      | done | 404  | done   | done           | 404    | 404            | 404    | 404
  globex's admin, naming acme    | 403  | 403  | 403    | 403            | 403    | 403            | 403    | 403
  system administrator           | done | done | done   | done           | done   | done           | done   | done
  system administrator of globex | done | done | done   | done           | done   | done           | done   | done
  messenger                      | 403  | 403  | 403    | 403            | 403    | 403            | 403    | 403
  recruiter and messenger        | 403  | 403  | 403    | 403            | 403    | 403            | 403    | 403
  marshal                        | done | done | done   | 403            | done   | 403            | done   | 403
  recruiter and marshal          | done | done | done   | 403            | done   | 403            | done   | 403
  keeper                         | 403  | 403  | 403    | 403            | 403    | 403            | 403    | 403
`;

/**
 * The same for app clients, in each API: `read` and `write` are all operations on an app client
 * without roles, with `lookout`, or with system access.
 */
const matrixOfAppClients = `
  actor                          | list | create | read | write | write lookout | write system
  without a role                 | 403  | 403    | 403  | 403   | 403           | 403
  with an unknown role           | 403  | 403    | 403  | 403   | 403           | 403
  user                           | 403  | 403    | 403  | 403   | 403           | 403
  approver                       | 403  | 403    | 403  | 403   | 403           | 403
  lookout                        | 403  | 403    | 403  | 403   | 403           | 403
  recruiter                      | 403  | 403    | 403  | 403   | 403           | 403
  recruiter and lookout          | 403  | 403    | 403  | 403   | 403           | 403
  recruiter and approver         | 403  | 403    | 403  | 403   | 403           | 403
  admin                          | done | done   | done | done  | done          | 403
  admin, elsewhere a system_admin| done | done   | done | done  | done          | 403
  system_admin, elsewhere        | 403  | 403    | 403  | 403   | 403           | 403
  globex's admin, in globex      | done | done   | 404  | 404   | 404           | 404
  globex's admin, naming acme    | 403  | 403    | 403  | 403   | 403           | 403
  system administrator           | done | done   | done | done  | done          | done
  system administrator of globex | done | done   | done | done  | done          | done
  messenger                      | 403  | 403    | 403  | 403   | 403           | 403
  recruiter and messenger        | 403  | 403    | 403  | 403   | 403           | 403
  marshal                        | 403  | 403    | 403  | 403   | 403           | 403
  recruiter and marshal          | 403  | 403    | 403  | 403   | 403           | 403
  keeper                         | done | done   | done | done  | 403           | 403
`;

/** Difference of Credible: only system administrators create users. */
const credibleCreates = new Set(['system administrator', 'system administrator of globex']);

/** Difference of Cradl: granting roles requires `roles:delegate`. */
const cradlDelegates = new Set([
  'admin',
  'admin, elsewhere a system_admin',
  "globex's admin, in globex",
  'system administrator',
  'system administrator of globex',
  'recruiter and marshal',
]);

/** Token claims. */
const decodeClaims = ({ token = '' }: TestRequest): { tenant_id?: string; roles: string[] } =>
  JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString());

/** Issuer for every tenant, without system administrators. */
const elsewhere = createIssuer({ issuer: 'https://elsewhere.example.com' });
const atElsewhere = (roles: string[]) =>
  elsewhere.mintAccessToken({ sub: 'somebody', tenantId: tenantId.acme, roles });

const naming = (slug: 'acme' | 'globex') => ({ 'x-tenant-id': tenantId[slug] });
const actors: Readonly<Record<string, TestRequest>> = {
  'without a role': { token: userToken('acme', []), headers: naming('acme') },
  'with an unknown role': {
    token: userToken('acme', ['owner', 'cradl:role:root', 'auditor']),
    headers: naming('acme'),
  },
  user: { token: userToken('acme', ['user']), headers: naming('acme') },
  approver: { token: userToken('acme', ['approver']), headers: naming('acme') },
  lookout: { token: userToken('acme', ['lookout']), headers: naming('acme') },
  recruiter: { token: userToken('acme', ['recruiter']), headers: naming('acme') },
  'recruiter and lookout': {
    token: userToken('acme', ['recruiter', 'lookout']),
    headers: naming('acme'),
  },
  'recruiter and approver': {
    token: userToken('acme', ['recruiter', 'cradl:role:approver']),
    headers: naming('acme'),
  },
  admin: { token: adminToken('acme'), headers: naming('acme') },
  'admin, elsewhere a system_admin': {
    token: atElsewhere(['admin', 'system_admin']),
    headers: naming('acme'),
  },
  'system_admin, elsewhere': {
    token: atElsewhere(['system_admin', 'cradl:role:system_admin']),
    headers: naming('acme'),
  },
  "globex's admin, in globex": { token: adminToken('globex'), headers: naming('globex') },
  "globex's admin, naming acme": { token: adminToken('globex'), headers: naming('acme') },
  'system administrator': { token: systemToken(), headers: naming('acme') },
  'system administrator of globex': {
    token: systemToken('globex'),
    headers: naming('acme'),
  },
  messenger: { token: userToken('acme', ['messenger']), headers: naming('acme') },
  'recruiter and messenger': {
    token: userToken('acme', ['recruiter', 'messenger']),
    headers: naming('acme'),
  },
  marshal: { token: userToken('acme', ['marshal']), headers: naming('acme') },
  'recruiter and marshal': {
    token: userToken('acme', ['recruiter', 'marshal']),
    headers: naming('acme'),
  },
  keeper: { token: userToken('acme', ['keeper']), headers: naming('acme') },
};

const service = await createTestService({
  environment: {
    ISSUERS: JSON.stringify([issuer.settings, { ...elsewhere.settings, system: false }]),
  },
});
await service.putRole('acme', {
  slug: 'recruiter',
  name: 'Recruiter',
  permissions: ['users:create'],
});
await service.putRole('acme', { slug: 'lookout', name: 'Lookout', permissions: ['users:read'] });
await service.putRole('acme', {
  slug: 'messenger',
  name: 'Messenger',
  permissions: ['invitations:copy'],
});
await service.putRole('acme', {
  slug: 'marshal',
  name: 'Marshal',
  permissions: ['roles:read', 'roles:write', 'roles:delegate'],
});
await service.putRole('acme', {
  slug: 'keeper',
  name: 'Keeper',
  permissions: ['appClients:read', 'appClients:write'],
});
await service.putRole('globex', { slug: 'auditor', name: 'Auditor', permissions: ['users:read'] });
const users = {
  own: await createUserIn(service, 'acme'),
  "globex's": await createUserIn(service, 'globex'),
};
const unknownUser = {
  native: 'cradl:user:nobody',
  cradl: 'las:user:nobody',
  jitsudo: '00000000-0000-4000-8000-000000000000',
  credible: 'unknown',
};

interface Dialect {
  readonly path: string;
  readonly created: number;
  /** Status of an unknown role. */
  readonly unknownRole?: number;
  /** Create with these roles. Undefined if the dialect has no roles. */
  readonly body: (email: string, roles: readonly string[]) => object | undefined;
}

const asIds = (email: string, roles: readonly string[]) => ({
  email,
  roleIds: roles.map((role) => `cradl:role:${role}`),
});
const dialects: Readonly<Record<CodecDialect, Dialect>> = {
  native: { path: '/v1/users', created: 201, unknownRole: 422, body: asIds },
  cradl: { path: '/cradl/v1/users', created: 200, unknownRole: 404, body: asIds },
  jitsudo: {
    path: '/jitsudo/v1/users',
    created: 201,
    unknownRole: 422,
    body: (email, roles) =>
      roles.length > 0 ? { email, name: 'Jo', roles, auth_provider: 'oidc' } : undefined,
  },
  credible: {
    path: '/credible/api/v0/users',
    created: 201,
    body: (email, roles) =>
      roles.length === 0 ? { email, userName: email.split('@')[0] } : undefined,
  },
};

const parseTable = (text: string) => {
  const lines = text.trim().split('\n');
  const [[, ...actions] = [], ...cells] = lines.map((line) =>
    line.split('|').map((cell) => cell.trim()),
  );
  return { actions, cells };
};
const { actions, cells } = parseTable(matrix);
const ofInvitations = parseTable(matrixOfInvitations);
const ofRoles = parseTable(matrixOfRoles);
const ofAppClients = parseTable(matrixOfAppClients);

/** Sends the action in this dialect. Undefined if the dialect does not have it. */
function acts(
  name: CodecDialect,
  action: string,
  actor: TestRequest,
): Promise<TestResponse> | undefined {
  const { path, body } = dialects[name];
  const [verb, userName = ''] = action.split(' ');
  if (verb === 'read') {
    const user = userName === 'unknown' ? unknownUser : users[userName as keyof typeof users];
    return service.get(`${path}/${user[name]}`, actor);
  }
  const role =
    action === 'create'
      ? undefined
      : action.slice(1).replace("globex's", 'auditor').replace('unknown', 'no-such-role');
  const sent = body(`${randomUUID()}@example.com`, role === undefined ? [] : [role]);
  return sent && service.post(path, sent, actor);
}

/** Status of a cell. */
function expected(name: CodecDialect, actor: string, action: string, cell: string): number {
  const { created, unknownRole } = dialects[name];
  const reads = action.startsWith('read');
  if (name === 'credible' && !reads && !credibleCreates.has(actor)) return 403;
  if (name === 'cradl' && action.startsWith('+') && !cradlDelegates.has(actor)) return 403;
  if (cell === 'done') return reads ? 200 : created;
  return cell === 'unknown' ? unknownRole! : Number(cell);
}

/** Users to read, and users that the rows created. */
let created = Object.keys(users).length;

it.each([parseTable(matrix), ofInvitations, ofRoles, ofAppClients])(
  'the table has every caller and every action',
  (table) => {
    expect(table.cells.map(([actor]) => actor)).toEqual(Object.keys(actors));
    for (const row of table.cells) expect(row).toHaveLength(table.actions.length + 1);
  },
);

/** Sends every action of a row and compares the statuses. */
async function tries(
  name: CodecDialect,
  actor: string,
  row: readonly string[],
  sent: TestRequest,
): Promise<void> {
  const actualStatuses: Record<string, number> = {};
  const expectedStatuses: Record<string, number> = {};
  for (const [index, action] of actions.entries()) {
    const answer = await acts(name, action, sent);
    if (!answer) continue;
    actualStatuses[action] = answer.status;
    expectedStatuses[action] = expected(name, actor, action, row[index] ?? '');
  }
  expect(actualStatuses).toEqual(expectedStatuses);
  created += Object.entries(expectedStatuses).filter(
    ([action, status]) => !action.startsWith('read') && status < 300,
  ).length;
}

describe.each(Object.keys(dialects) as CodecDialect[])('%s', (name) => {
  it.each(cells.map(([actor = '', ...row]) => [actor, row] as const))('%s', (actor, row) =>
    tries(name, actor, row, actors[actor]!),
  );
});

describe('an app client with the same roles', () => {
  /** Issuer and tenant of the app client. */
  const alike = cells.filter(
    ([actor = '']) =>
      !actor.includes('elsewhere') && decodeClaims(actors[actor]!).tenant_id !== undefined,
  );

  it.each(alike.map(([actor = '', ...row]) => [actor, row] as const))('%s', async (actor, row) => {
    const { tenant_id: home, roles } = decodeClaims(actors[actor]!);
    const client = await createTokenAppClient(service, home === tenantId.acme ? 'acme' : 'globex', {
      roles: roles
        .filter((role) => role !== 'system_admin')
        .map((role) => role.replace('cradl:role:', '')),
      systemAdministrator: roles.includes('system_admin'),
    });
    const { headers = {} } = actors[actor]!;
    const { body } = await requestAccessToken(service, client);
    await tries('native', actor, row, { token: body.access_token, headers });
    await tries('jitsudo', actor, row, { headers: { ...client.key, ...headers } });
  });
});

describe('invitations', () => {
  const findRoute = (action: string) =>
    authenticatedRoutes.find(
      ({ operation }) => operation.startsWith(action) && /Invitation/.test(operation),
    )!;

  /** Users by route. A denied action has no effect, and the next one has the same user. */
  const invitedUsers = new Map<Route, UserRefs>();
  const getInvitedUser = async (route: Route): Promise<UserRefs> => {
    const invitedUser = invitedUsers.get(route);
    if (invitedUser) return invitedUser;
    created++;
    const user = await createUserForRoute(route, service, 'acme');
    invitedUsers.set(route, user);
    return user;
  };

  it.each(ofInvitations.cells.map(([actor = '', ...row]) => [actor, row] as const))(
    '%s',
    async (actor, row) => {
      const actualStatuses: Record<string, number> = {};
      const expectedStatuses: Record<string, number> = {};
      for (const [index, action] of ofInvitations.actions.entries()) {
        const cell = row[index] ?? '';
        if (action.startsWith('+')) {
          actualStatuses[action] = (await acts('native', action, actors[actor]!))?.status ?? 0;
          expectedStatuses[action] = expected('native', actor, action, cell);
          if (cell === 'done') created++;
          continue;
        }
        const route = findRoute(action);
        const user = await getInvitedUser(route);
        const { status } = await requestRoute(service, route, { user, ...actors[actor] });
        if (status < 300) invitedUsers.delete(route);
        actualStatuses[action] = status;
        expectedStatuses[action] = cell === 'done' ? route.status : Number(cell);
      }
      expect(actualStatuses).toEqual(expectedStatuses);
    },
  );
});

describe('app clients', () => {
  const appClientRoutes = authenticatedRoutes.filter(({ operation }) =>
    /AppClient/.test(operation),
  );
  const routesByAction: Readonly<Record<string, readonly Route[]>> = {
    list: appClientRoutes.filter(({ operation }) => operation === 'listAppClients'),
    create: appClientRoutes.filter(({ operation }) => operation === 'createAppClient'),
    read: appClientRoutes.filter(({ operation }) => operation === 'getAppClient'),
    write: appClientRoutes.filter(
      (route) =>
        getAction[route.operation] === 'writeAppClient' && route.operation !== 'createAppClient',
    ),
  };
  const newTarget = async (kind: string | undefined): Promise<UserRefs> => {
    const target = await createAppClientIn(
      service,
      'acme',
      kind === 'lookout' ? { roleIds: ['cradl:role:lookout'] } : {},
    );
    const key = keys.appClient(tenantId.acme, target.native.split(':')[2] ?? '');
    if (kind === 'system')
      await service.stored.put({ ...(await service.stored.item(key)), systemAdministrator: true });
    return target;
  };
  /** Operations after which each operation still succeeds on the same app client. */
  const repeatable: readonly Operation[] = [
    'listAppClients',
    'createAppClient',
    'getAppClient',
    'updateAppClient',
  ];
  /** App clients by kind. A denied action has no effect, and the next one has the same target. */
  const targets = new Map<string | undefined, UserRefs>();

  it('have every operation in the table', () => {
    expect(new Set(Object.values(routesByAction).flat())).toEqual(new Set(appClientRoutes));
  });

  it.each(ofAppClients.cells.map(([actor = '', ...row]) => [actor, row] as const))(
    '%s',
    async (actor, row) => {
      const actualStatuses: Record<string, number> = {};
      const expectedStatuses: Record<string, number> = {};
      for (const [index, action] of ofAppClients.actions.entries()) {
        const [verb = '', kind] = action.split(' ');
        for (const route of routesByAction[verb] ?? []) {
          const user = targets.get(kind) ?? (await newTarget(kind));
          targets.set(kind, user);
          const { status } = await requestRoute(service, route, { user, ...actors[actor] });
          actualStatuses[`${action}: ${route.route}`] = status;
          expectedStatuses[`${action}: ${route.route}`] =
            row[index] === 'done' ? route.status : Number(row[index]);
          if (status < 300 && !repeatable.includes(route.operation)) targets.delete(kind);
        }
      }
      expect(actualStatuses).toEqual(expectedStatuses);
    },
  );
});

// Last, because each decision reads every role of the tenant.
describe.each(['native', 'cradl'] as const)('roles in %s', (dialect) => {
  const permissionsByCaller = {
    native: ['users:read'],
    cradl: [{ resourceId: 'cradl:user:*', effect: 'allow', action: 'read' }],
  }[dialect];
  const path = dialect === 'native' ? '/v1/roles' : '/cradl/v1/roles';
  const status = (verb: string) =>
    authenticatedRoutes.find((row) => row.dialect === dialect && row.operation === `${verb}Role`)!
      .status;

  const createRole = (what: string | undefined) =>
    createRoleIn(service, 'acme', { permissions: what === 'lookout' ? ['users:read'] : [] });
  const shared: Record<string, Promise<UserRefs>> = {};

  it.each(ofRoles.cells.map(([actor = '', ...row]) => [actor, row] as const))(
    '%s',
    async (actor, row) => {
      const actualStatuses: Record<string, number> = {};
      const expectedStatuses: Record<string, number> = {};
      for (const [index, action] of ofRoles.actions.entries()) {
        const [verb = '', what] = action.split(' ');
        const permissions = what === 'lookout' ? permissionsByCaller : [];
        const isAboutOne = verb !== 'create' && verb !== 'list';
        // Only a deletion needs its own role.
        const target = isAboutOne
          ? await (row[index] === 'done' && verb === 'delete'
              ? createRole(what)
              : (shared[what ?? ''] ??= createRole(what)))
          : undefined;
        const targetPath = `${path}/${target?.[dialect]}`;
        const body = { name: 'Jo', permissions };
        const act: Record<string, () => Promise<TestResponse>> = {
          list: () => service.get(path, actors[actor]),
          get: () => service.get(targetPath, actors[actor]),
          create: () => service.post(path, body, actors[actor]),
          change: () =>
            service.send('PATCH', targetPath, {
              body: { name: `Role of ${actor}` },
              ...actors[actor],
            }),
          delete: () => service.send('DELETE', targetPath, actors[actor]),
        };
        actualStatuses[action] = (await act[verb]!()).status;
        const done = {
          list: 200,
          get: 200,
          change: 200,
          create: status('create'),
          delete: status('delete'),
        }[verb];
        expectedStatuses[action] = row[index] === 'done' ? done! : Number(row[index]);
      }
      expect(actualStatuses).toEqual(expectedStatuses);
    },
  );
});

it('denied actions create no users', async () => {
  expect((await service.stored.all()).filter(({ sk }) => sk === 'USER')).toHaveLength(created);
});
