import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { auditTables } from '../support/database/table-audit.ts';
import type { UserRefs } from '../support/authenticated-routes.ts';
import { goodPassword } from '../support/dialects/create-user.ts';
import { requestTransition } from '../support/scenarios/user-states.ts';
import {
  findHolder,
  listModelUsers,
  type Model,
  type ModelUser,
  toModelView,
} from '../support/models/directory-model.ts';
import {
  type TestResponse,
  adminToken,
  createTestService,
  type TenantSlug,
} from '../support/service.ts';
import { scaleRuns } from '../support/property-runs.ts';

const service = await createTestService();

/** Makes the names of one run unique. */
type Real = { readonly run: number };
type Command = fc.AsyncCommand<Model, Real>;
const command = (
  what: string,
  check: (model: Model) => boolean,
  run: (model: Model, real: Real) => Promise<void>,
): Command => ({
  check,
  run,
  toString: () => what,
});

const toEmail = (name: string, { run }: Real): string => `r${run}.${name}@x.example`;
const toUserName = (name: string | null, { run }: Real): string | null => name && `${name}-${run}`;

const refusals = {
  notFound: { status: 404, body: { code: 'not_found' } },
  taken: (field: string) => ({ status: 409, body: { code: 'user_exists', details: { field } } }),
  outdated: (version: number) => ({
    status: 412,
    body: { code: 'precondition_failed', details: { version } },
  }),
  impossible: (status: string) => ({
    status: 409,
    body: { code: 'invalid_transition', details: { status } },
  }),
};

const tenants = fc.constantFrom<TenantSlug>('north', 'south', 'acme');
const emails = fc.constantFrom('a', 'A', 'b', 'c');
const userNames = fc.constantFrom('u', 'U', 'v', null);
const places = fc.nat(50);

const creations = fc
  .tuple(tenants, emails, userNames, fc.boolean())
  .map(([tenant, email, name, hasPassword]) =>
    command(
      `create ${email} ${name} in ${tenant}`,
      () => true,
      async (model, real) => {
        const userName = toUserName(name, real);
        const draft = {
          email: toEmail(email, real),
          ...(userName && { userName }),
          ...(hasPassword && { password: goodPassword }),
        };
        const answer = await service.post('/v1/users', draft, { token: adminToken(tenant) });
        const takenField = findHolder(model, { tenant, email: draft.email, userName });
        if (takenField) return expect(answer).toMatchObject(refusals.taken(takenField));
        const { userId } = answer.body;
        const status = hasPassword ? 'active' : 'invite_pending';
        const user: ModelUser = {
          tenant,
          userId,
          email: draft.email,
          userName,
          name: null,
          roleIds: [],
          status,
          version: 1,
        };
        expect(answer).toMatchObject({ status: 201, body: toModelView(user) });
        model.users.push(user);
      },
    ),
  );

/** Operation on one existing or former user. */
const toOne = (
  what: string,
  place: number,
  run: (
    user: ModelUser,
    model: Model,
    sends: (method: string, path?: string, sent?: object) => Promise<TestResponse>,
    real: Real,
  ) => Promise<ModelUser | undefined>,
): Command =>
  command(
    `${what} #${place}`,
    ({ users }) => users.length > 0,
    async (model, real) => {
      const index = place % model.users.length;
      const user = model.users[index];
      const { tenant, userId } = user ?? model.erased.get(index)!;
      const send = (method: string, path = '', sent = {}) =>
        requestTransition(service, method, { native: userId } as UserRefs, path, sent, tenant);
      if (!user) {
        for (const [method, path] of [
          ['GET', ''],
          ['GET', '/export'],
          ['POST', '/restore'],
          ['DELETE', ''],
        ] as const)
          expect(await send(method, path)).toMatchObject(refusals.notFound);
        return;
      }
      model.users[index] = await run(user, model, send, real);
      if (!model.users[index]) model.erased.set(index, { tenant, userId });
    },
  );

type Change = Partial<Pick<ModelUser, 'email' | 'userName' | 'name' | 'roleIds'>>;

/** A PATCH, with an If-Match that differs by `off` versions if given. */
const toUpdate = (
  what: string,
  getChange: (real: Real) => Change,
  place: number,
  off?: number,
): Command =>
  toOne(`${what} of`, place, async (user, model, sends, real) => {
    const body = getChange(real);
    const headers = off === undefined ? {} : { 'if-match': `"${user.version + off}"` };
    const answer = await sends('PATCH', '', { body, headers });
    const changed = { ...user, ...body };
    const refuse = (refusal: object) => {
      expect(answer).toMatchObject(refusal);
      return user;
    };
    if (user.status === 'deleted') return refuse(refusals.notFound);
    if (off) return refuse(refusals.outdated(user.version));
    const takenField = findHolder(model, changed);
    if (takenField) return refuse(refusals.taken(takenField));
    const isDifferent = JSON.stringify(changed) !== JSON.stringify(user);
    const after = { ...changed, version: user.version + (isDifferent ? 1 : 0) };
    expect(answer).toMatchObject({
      status: 200,
      body: toModelView(after),
      headers: { etag: `"${after.version}"` },
    });
    return after;
  });

const toTransition =
  (
    what: string,
    path: string,
    from: readonly ModelUser['status'][],
    toFields: (user: ModelUser) => Pick<ModelUser, 'status' | 'suspendedFrom'>,
  ) =>
  (place: number) =>
    toOne(what, place, async (user, _model, sends) => {
      const answer = await sends('POST', path);
      if (!from.includes(user.status)) {
        expect(answer).toMatchObject(
          user.status === 'deleted' ? refusals.notFound : refusals.impossible(user.status),
        );
        return user;
      }
      const after = { ...user, ...toFields(user), version: user.version + 1 };
      expect(answer).toMatchObject({ status: 200, body: toModelView(after) });
      return after;
    });

const toDelete = (place: number) =>
  toOne('delete', place, async (user, _model, sends) => {
    const answer = await sends('DELETE');
    if (user.status !== 'deleted') {
      expect(answer.status).toBe(204);
      return { ...user, status: 'deleted', was: user.status, version: user.version + 1 };
    }
    expect(answer).toMatchObject(refusals.notFound);
    return user;
  });

const toRestore = (place: number) =>
  toOne('restore', place, async ({ was, ...user }, model, sends) => {
    const answer = await sends('POST', '/restore');
    const takenField = user.status === 'deleted' ? findHolder(model, user) : undefined;
    if (user.status !== 'deleted' || takenField) {
      expect(answer).toMatchObject(
        takenField ? refusals.taken(takenField) : refusals.impossible(user.status),
      );
      return { ...user, ...(was && { was }) };
    }
    const after = { ...user, status: was ?? 'active', version: user.version + 1 };
    expect(answer).toMatchObject({ status: 200, body: toModelView(after) });
    return after;
  });

const toErase = (place: number) =>
  toOne('erase', place, async (_user, _model, sends) => {
    expect((await sends('POST', '/erase')).status).toBe(204);
    return undefined;
  });

const toRead = (place: number) =>
  toOne('read', place, async (user, _model, sends) => {
    const [answer, history] = [await sends('GET'), await sends('GET', '/export')];
    expect(answer).toMatchObject(
      user.status === 'deleted' ? refusals.notFound : { status: 200, body: toModelView(user) },
    );
    const versions = history.body.changes.map(({ version }: { version: number }) => version);
    expect(versions).toEqual(Array.from({ length: user.version - 1 }, (_, index) => index + 2));
    expect(history.body.user).toMatchObject(toModelView(user));
    return user;
  });

const listFilters: readonly [string, (user: ModelUser) => boolean][] = [
  ['', () => true],
  ['&status=inactive', ({ status }) => status === 'inactive'],
  ['&roleId=cradl:role:approver', ({ roleIds: ids }) => ids.includes('cradl:role:approver')],
];

const expectList = async (model: Model, { run }: Real, tenant: TenantSlug): Promise<void> => {
  const users = listModelUsers(model, tenant);
  for (const [filter, isListed] of listFilters) {
    const path = `/v1/users?emailPrefix=r${run}.&maxResults=100${filter}`;
    const { body } = await service.get(path, { token: adminToken(tenant) });
    expect(body.users).toMatchObject(users.filter(isListed).map(toModelView));
  }
};

const roleIds = fc.constantFrom(
  [],
  ['cradl:role:user'],
  ['cradl:role:approver', 'cradl:role:user'],
);
const commands = fc.commands(
  [
    creations,
    creations,
    fc
      .tuple(places, emails)
      .map(([place, email]) =>
        toUpdate(`email ${email}`, (real) => ({ email: toEmail(email, real) }), place),
      ),
    fc
      .tuple(places, userNames)
      .map(([place, name]) =>
        toUpdate(`username ${name}`, (real) => ({ userName: toUserName(name, real) }), place),
      ),
    fc
      .tuple(places, fc.constantFrom('Jo', 'Joan', null))
      .map(([place, name]) => toUpdate(`name ${name}`, () => ({ name }), place)),
    fc
      .tuple(places, roleIds, fc.constantFrom(0, 0, -1))
      .map(([place, ids, off]) => toUpdate('roles', () => ({ roleIds: ids }), place, off)),
    places.map(
      toTransition('suspend', '/suspend', ['invite_pending', 'active'], ({ status }) => ({
        status: 'inactive',
        suspendedFrom: status,
      })),
    ),
    places.map(
      toTransition('reactivate', '/reactivate', ['inactive'], ({ suspendedFrom }) => ({
        status: suspendedFrom ?? 'active',
      })),
    ),
    places.map(toDelete),
    places.map(toRestore),
    places.map(toErase),
    places.map(toRead),
    tenants.map((tenant) =>
      command(
        `list ${tenant}`,
        () => true,
        (model, real) => expectList(model, real, tenant),
      ),
    ),
  ],
  { maxCommands: 60, size: 'max' },
);

it('users, their names and statuses match a plain model after any operations', async () => {
  let run = 0;
  const property = fc.asyncProperty(commands, async (all) => {
    const [model, real]: [Model, Real] = [{ users: [], erased: new Map() }, { run: ++run }];
    await fc.asyncModelRun(() => ({ model, real }), all);
    for (const tenant of ['north', 'south', 'acme'] as const) await expectList(model, real, tenant);
  });
  await fc.assert(property, { numRuns: scaleRuns(14) });
  const { users, missing, stray } = await auditTables(service);
  expect([users.length > 0, missing, stray]).toEqual([true, [], []]);
});
