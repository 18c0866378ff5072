/** Roles that updates can grant, and users that they can change [R04 R06 R13]. */
import * as fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import type { CodecDialect } from '../../lib/api/routes.ts';
import type { Permission } from '../../lib/domain/access/permissions.ts';
import { createUserIn } from '../support/authenticated-routes.ts';
import { updateUser, dialects, readNativeUser } from '../support/dialects/update-user.ts';
import { createTestService, systemToken, userToken, issuer, tenantId } from '../support/service.ts';
import { expectNoWrites } from '../support/database/expect-no-writes.ts';
import { scaleRuns } from '../support/property-runs.ts';

const service = await createTestService();
const anyVersion = { 'if-match': '*' };
const versions: readonly Record<string, string>[] = [
  {},
  { 'if-match': '"1"' },
  { 'if-match': '"7"' },
];
const roleIds = (slugs: readonly string[]) => slugs.map((slug) => `cradl:role:${slug}`);

/** Update of roles in every dialect with roles. */
const granting = {
  native: (slugs: readonly string[]) => ({ roleIds: roleIds(slugs) }),
  cradl: (slugs: readonly string[]) => ({ roleIds: roleIds(slugs) }),
  jitsudo: (slugs: readonly string[]) => ({ roles: slugs }),
} as const;
const granters = Object.keys(granting) as (keyof typeof granting)[];

/** Harmless update in each dialect. */
const harmless: Readonly<Record<CodecDialect, object>> = {
  native: { name: 'Jo' },
  cradl: { name: 'Jo' },
  jitsudo: { name: 'Jo' },
  credible: { firstName: 'Jo' },
};

const carried = {
  none: [],
  creating: ['users:create'],
  reading: ['users:read'],
  editing: ['users:update'],
  removing: ['users:delete'],
  // Additional permission that Cradl requires.
  delegating: ['roles:delegate'],
} as const satisfies Record<string, readonly Permission[]>;
beforeAll(async () => {
  for (const [slug, permissions] of Object.entries(carried))
    await service.putRole('acme', { slug, name: slug, permissions });
});
const collectPermissions = (slugs: readonly string[]) =>
  new Set(slugs.flatMap((slug): readonly string[] => carried[slug as keyof typeof carried]));

describe.each(granters)('roles through %s', (dialect) => {
  it('can be granted by callers with all their permissions, to users with no more', async () => {
    const some = fc.subarray(Object.keys(carried));
    const atLeastOne = fc.subarray(Object.keys(carried), { minLength: 1 });
    await fc.assert(
      fc.asyncProperty(some, some, atLeastOne, async (held, has, granted) => {
        const user = await createUserIn(service, 'acme', { roleIds: roleIds(has) });
        const holds = collectPermissions(held);
        const mayDelegate = dialect !== 'cradl' || holds.has('roles:delegate');
        const may =
          mayDelegate &&
          holds.has('users:update') &&
          collectPermissions(granted).isSubsetOf(holds) &&
          collectPermissions(has).isSubsetOf(holds);
        const answer = await updateUser(service, dialect, user, granting[dialect](granted), {
          token: userToken('acme', held),
          headers: anyVersion,
        });
        expect([answer.status, answer.text]).toEqual([may ? 200 : 403, answer.text]);
        expect(new Set((await readNativeUser(service, user)).roleIds)).toEqual(
          new Set(roleIds(may ? granted : has)),
        );
      }),
      { numRuns: scaleRuns(12) },
    );
  });

  it('cannot be granted by callers without their permissions, also not to themselves', async () => {
    const me = await createUserIn(service, 'acme', { roleIds: roleIds(['editing', 'delegating']) });
    const token = issuer.mintAccessToken({
      sub: me.native,
      tenantId: tenantId.acme,
      roles: ['editing', 'delegating'],
    });
    for (const user of [me, await createUserIn(service, 'acme')]) {
      for (const role of ['admin', 'reading', 'removing']) {
        const grants = () =>
          updateUser(service, dialect, user, granting[dialect]([role, 'editing']), {
            token,
            headers: anyVersion,
          });
        expect(await expectNoWrites(service, grants)).toMatchObject({
          status: 403,
          body: {
            code: 'forbidden',
            notices: ['You can grant only permissions that you hold.'],
          },
        });
      }
    }
  });

  it('with permissions of a newer version cannot be granted', async () => {
    await service.putRole('globex', {
      slug: 'steward',
      name: 'Steward',
      permissions: ['users:update', 'roles:delegate', 'tenant:delete'] as unknown as Permission[],
    });
    const user = await createUserIn(service, 'globex');
    const by = { slug: 'globex', headers: anyVersion } as const;
    expect(
      (await updateUser(service, dialect, user, granting[dialect](['steward']), by)).status,
    ).toBe(403);
    const steward = userToken('globex', ['steward']);
    expect(
      (
        await updateUser(service, dialect, user, granting[dialect](['steward']), {
          ...by,
          token: steward,
        })
      ).status,
    ).toBe(200);
    // An administrator has fewer permissions and cannot change the user.
    expect((await updateUser(service, dialect, user, harmless[dialect], by)).status).toBe(403);
    const system = { ...by, token: systemToken() };
    expect(
      (await updateUser(service, dialect, user, granting[dialect](['user']), system)).status,
    ).toBe(200);
  });
});

describe.each(dialects)('through %s', (dialect) => {
  it('a caller cannot change a user with more permissions', async () => {
    const user = await createUserIn(service, 'acme', { roleIds: roleIds(['editing', 'removing']) });
    const userRefs =
      dialect === 'credible'
        ? [user, { ...user, credible: `${user.credible}@example.com` }]
        : [user];
    for (const each of userRefs) {
      for (const roles of [['editing'], ['editing', 'reading', 'creating']]) {
        const token = userToken('acme', roles);
        // The response reveals neither the version nor whether the update would change anything.
        for (const headers of versions) {
          const answer = await expectNoWrites(service, () =>
            updateUser(service, dialect, each, harmless[dialect], { token, headers }),
          );
          expect(answer).toMatchObject({
            status: 403,
            body: {
              code: 'forbidden',
              notices: ['You can change only users whose permissions you hold.'],
            },
          });
          expect(answer.body.details).toEqual({ requestId: expect.any(String) });
        }
      }
    }
    expect(
      (
        await updateUser(service, dialect, user, harmless[dialect], {
          token: userToken('acme', ['editing', 'removing']),
        })
      ).status,
    ).toBe(200);
  });

  it('a caller can change a user with equal permissions', async () => {
    const user = await createUserIn(service, 'acme', { roleIds: roleIds(['admin']) });
    expect((await updateUser(service, dialect, user, harmless[dialect])).status).toBe(200);
  });

  it('the current roles of the user count', async () => {
    const user = await createUserIn(service, 'acme');
    const token = userToken('acme', ['editing']);
    expect((await updateUser(service, dialect, user, harmless[dialect], { token })).status).toBe(
      200,
    );
    await updateUser(service, 'cradl', user, granting.cradl(['admin']));
    expect((await updateUser(service, dialect, user, harmless[dialect], { token })).status).toBe(
      403,
    );
    await updateUser(service, 'cradl', user, granting.cradl([]));
    expect((await updateUser(service, dialect, user, harmless[dialect], { token })).status).toBe(
      200,
    );
  });
});

describe('the owner of a tenant', async () => {
  let clock = Date.now();
  const owned = await createTestService({ now: () => new Date(clock) });

  it.each(granters)('keeps their permissions through %s, for every caller', async (dialect) => {
    await owned.putRole('acme', {
      slug: 'editing',
      name: 'Editing',
      permissions: ['users:update'],
    });
    const owner = await createUserIn(owned, 'acme', { roleIds: roleIds(['admin']) });
    const owns = async (ownerUserId: string | undefined) => {
      await owned.updateTenantItem('acme', { ownerUserId });
      // Tenants are cached for 30 s.
      clock += 31_000;
    };
    await owns(owner.jitsudo);
    for (const token of [userToken('acme', ['admin']), systemToken('acme')]) {
      const by = { token, headers: anyVersion };
      for (const roles of [
        ['user'],
        ['approver'],
        ['editing', 'approver'],
        ...(dialect === 'jitsudo' ? [] : [[]]),
      ]) {
        const strips = () => updateUser(owned, dialect, owner, granting[dialect](roles), by);
        expect(await expectNoWrites(owned, strips)).toMatchObject({
          status: 409,
          body: {
            code: 'owner_protected',
            details: { field: dialect === 'jitsudo' ? 'roles' : 'roleIds' },
          },
        });
      }
      expect((await updateUser(owned, dialect, owner, harmless[dialect], by)).status).toBe(200);
      expect(
        (await updateUser(owned, dialect, owner, granting[dialect](['user', 'admin']), by)).status,
      ).toBe(200);
      expect(
        (await updateUser(owned, dialect, owner, granting[dialect](['admin']), by)).status,
      ).toBe(200);
    }
    await owns(undefined);
    expect(
      (
        await updateUser(owned, dialect, owner, granting[dialect](['user']), {
          headers: anyVersion,
        })
      ).status,
    ).toBe(200);
  });
});
