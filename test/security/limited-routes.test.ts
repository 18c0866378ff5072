/**
 * A limited credential has the same access on every route as an unlimited one with the permissions
 * of the limit.
 */
import { expect, it } from 'vitest';
import type { Route } from '../../lib/api/routes.ts';
import type { Permission } from '../../lib/domain/access/permissions.ts';
import {
  requestRoute,
  createUserForRoute,
  authenticatedRoutes,
  type UserRefs,
} from '../support/authenticated-routes.ts';
import { goodPassword } from '../support/dialects/create-user.ts';
import { unique } from '../support/dialects/dialects.ts';
import { requestAccessToken } from '../support/tokens/roster-tokens.ts';
import {
  type TestResponse,
  createTestService,
  systemToken,
  userToken,
  type TestRequest,
} from '../support/service.ts';

const service = await createTestService();
const system = systemToken('acme');
const permissions: readonly Permission[] = [
  'users:create',
  'users:read',
  'appClients:write',
  'appClients:read',
];
await service.putRole('acme', { slug: 'front-desk', name: 'Front desk', permissions });
const setter = userToken('acme', ['front-desk'], 'setter');
const roleIds = { desk: ['cradl:role:front-desk'], all: ['cradl:role:admin'] };

const expectSuccess = ({ status, body }: TestResponse): TestResponse['body'] => {
  expect(status).toBeLessThan(300);
  return body;
};

/**
 * Tokens of a password and a client secret that another principal set. The user and the app client
 * have these roles.
 */
async function createCredentials(
  assigned: readonly string[],
): Promise<Readonly<Record<string, TestRequest>>> {
  const draft = { email: `${unique()}@x.example`, password: goodPassword };
  const { userId } = expectSuccess(await service.post('/v1/users', draft, { token: setter }));
  const client = expectSuccess(
    await service.post('/v1/app-clients', { name: 'Import' }, { token: setter }),
  );
  const change = { token: system, body: { roleIds: assigned }, headers: { 'if-match': '*' } };
  for (const target of [`/v1/users/${userId}`, `/v1/app-clients/${client.appClientId}`]) {
    expectSuccess(await service.send('PATCH', target, change));
  }
  const signedIn = expectSuccess(
    await service.post('/v1/auth/token', { tenant: 'acme', ...draft }),
  );
  const issued = expectSuccess(
    await requestAccessToken(service, { clientId: client.clientId, secret: client.secret }),
  );
  return {
    password: { token: signedIn.accessToken },
    'client token': { token: issued.access_token },
  };
}
/**
 * One route per operation, because dialects share the pipeline. A new password would end the token.
 */
const tried = [
  ...new Map(authenticatedRoutes.toReversed().map((route) => [route.operation, route])).values(),
].filter(({ operation }) => operation !== 'changeOwnPassword');

const [own, limited] = [
  await createCredentials(roleIds.desk),
  await createCredentials(roleIds.all),
];

/** Users by route. A rejected request has no effect, and the next one has the same user. */
const users = new Map<Route, UserRefs>();

async function requestAs(credential: TestRequest | undefined, route: Route): Promise<string> {
  const user = users.get(route) ?? (await createUserForRoute(route, service, 'acme'));
  users.set(route, user);
  const { status, body } = await requestRoute(service, route, { user, ...credential });
  if (status < 400) users.delete(route);
  return `${status} ${body?.code ?? ''}`;
}

it.each(Object.keys(own))(
  'a credential set by a principal with few permissions is limited on every route: %s [SEC-2 SEC-16]',
  async (credential) => {
    const differences: string[] = [];
    let denied = 0;
    for (const route of tried) {
      const expected = await requestAs(own[credential], route);
      const answer = await requestAs(limited[credential], route);
      if (expected.startsWith('403')) denied++;
      if (answer !== expected) differences.push(`${route.route}: ${answer} instead of ${expected}`);
    }
    expect(differences).toEqual([]);
    expect(denied).toBeGreaterThan(15);
  },
);
