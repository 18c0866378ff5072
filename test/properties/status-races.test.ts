import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { auditTables } from '../support/database/table-audit.ts';
import type { UserRefs } from '../support/authenticated-routes.ts';
import { goodPassword } from '../support/dialects/create-user.ts';
import { picture } from '../support/dialects/dialects.ts';
import { requestTransition } from '../support/scenarios/user-states.ts';
import {
  type TestResponse,
  adminToken,
  createTestService,
  type TenantSlug,
} from '../support/service.ts';
import { scaleRuns } from '../support/property-runs.ts';

const service = await createTestService();

type Act = (
  user: { named: UserRefs; slug: TenantSlug },
  email: (name: string) => string,
  key: string,
) => Promise<TestResponse>;

const call =
  (method: string, path = '', body?: object): Act =>
  ({ named, slug }) =>
    requestTransition(service, method, named, path, { body }, slug);
const act = fc.oneof(
  fc.constantFrom<Act>(
    call('DELETE'),
    call('DELETE'),
    call('POST', '/restore'),
    call('POST', '/restore'),
    call('POST', '/suspend'),
    call('POST', '/sign-out'),
    call('POST', '/reactivate'),
    call('POST', '/erase'),
    call('GET', '/export'),
    call('PATCH', '', { name: 'Jo' }),
    call('PATCH', '', { avatar: picture, userName: null }),
  ),
  fc.constantFrom('a', 'b', 'c').chain((name) =>
    fc.constantFrom<Act>(
      ({ named, slug }, email) =>
        requestTransition(service, 'PATCH', named, '', { body: { email: email(name) } }, slug),
      ({ slug }, email, key) =>
        service.post(
          '/v1/users',
          { email: email(name) },
          { token: adminToken(slug), headers: { 'idempotency-key': `${name}-${key}` } },
        ),
    ),
  ),
);
const all = fc.array(fc.tuple(fc.nat(1), act), { minLength: 4, maxLength: 14 });

it('concurrent operations leave each name with one existing owner [K04]', async () => {
  let run = 0;
  const property = fc.asyncProperty(all, fc.boolean(), async (acts, areDeleted) => {
    run++;
    const email = (name: string) => `${name}.${run}@x.example`;
    const users = await Promise.all(
      (['north', 'south'] as const).map(async (slug, index) => {
        const draft = {
          email: email('ab'[index] ?? ''),
          userName: `u${index}-${run}`,
          password: goodPassword,
        };
        const { userId } = (await service.post('/v1/users', draft, { token: adminToken(slug) }))
          .body;
        return { slug, named: { native: userId } as UserRefs };
      }),
    );
    if (areDeleted)
      await Promise.all(
        users.map(({ named, slug }) => requestTransition(service, 'DELETE', named, '', {}, slug)),
      );

    const answers = await Promise.all(
      acts.map(([index, each]) => each(users[index]!, email, String(run))),
    );
    for (const { status, text } of answers)
      expect([200, 201, 204, 404, 409], text).toContain(status);
    const { missing, stray } = await auditTables(service);
    expect([missing, stray]).toEqual([[], []]);
  });
  await fc.assert(property, { numRuns: scaleRuns(15) });
});
