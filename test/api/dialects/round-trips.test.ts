/**
 * Responses can be sent back: requests accept every field that they share with the response,
 * including null.
 */
import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { adapters, createSpeaker, unique } from '../../support/dialects/dialects.ts';
import type { Stage } from '../../support/dialects/stage.ts';
import type { LazySchema } from '../../../lib/api/codec.ts';
import { cradlAppClient } from '../../../lib/api/app-clients/cradl.ts';
import { cradlRole } from '../../../lib/api/roles/cradl.ts';
import { cradlUser } from '../../../lib/api/users/cradl.ts';
import { credibleUser } from '../../../lib/api/users/credible.ts';
import { jitsudoUser } from '../../../lib/api/users/jitsudo.ts';
import { nativeAppClient } from '../../../lib/api/app-clients/native.ts';
import { nativeRole } from '../../../lib/api/roles/native.ts';
import { nativeTenant } from '../../../lib/api/tenants/native.ts';
import { nativeUser } from '../../../lib/api/users/native.ts';
import { adminToken, createTestService, systemToken, tenantId } from '../../support/service.ts';

const service = await createTestService();
const tokens = { admin: adminToken('acme'), system: systemToken('acme') };
const stage: Stage = { ...service, tokens, tenantId: tenantId.acme, tenantHost: undefined };

type Body = Readonly<Record<string, unknown>>;
function listFields(schema: z.ZodType): string[] {
  const {
    $ref = '',
    $defs = {},
    properties,
  } = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' });
  return Object.keys(properties ?? $defs[$ref.split('/').at(-1) ?? '']?.properties ?? {});
}
const pick = (body: Body, schema: LazySchema): Body =>
  Object.fromEntries(
    listFields(schema()).flatMap((name) => (name in body ? [[name, body[name]]] : [])),
  );

const wires = {
  native: nativeUser,
  cradl: cradlUser,
  jitsudo: jitsudoUser,
  credible: credibleUser,
};

describe.each(
  adapters.flatMap((adapter) =>
    (['least', 'most'] as const).map((size) => [adapter.name, size, adapter] as const),
  ),
)('a user in %s (%s fields)', (name, size, adapter) => {
  const { creates, gets, sends } = createSpeaker(adapter, stage);
  const { createInput: draft, updateInput: patch } = wires[name];

  it('accepts its response as an update', async () => {
    const { body } = await creates(adapter[size](unique()));
    const path = `${adapter.users}/${encodeURIComponent(adapter.nameIn(body))}`;
    const changes = pick((await gets(adapter.nameIn(body))).body, patch);
    expect(Object.keys(changes).length).toBeGreaterThan(1);
    const answer = await sends(adapter.changes, path, {
      body: changes,
      headers: { 'if-match': '*' },
    });
    expect([answer.status, answer.text]).toEqual([200, answer.text]);
    expect(pick(answer.body, patch)).toEqual(changes);
  });

  it('can be created again from its response', async () => {
    const { body } = await creates(adapter[size](unique()));
    const response = (await gets(adapter.nameIn(body))).body;
    // Unique and write-only fields get new values.
    const own = Object.fromEntries(
      Object.entries(adapter.most(unique())).filter(([field]) =>
        ['email', 'userName', 'identity', 'externalId', ...adapter.writeOnly].includes(field),
      ),
    );
    const { password, ...names } = own;
    const secret = size === 'most' && name !== 'cradl' ? { password } : {};
    // A create derives this status.
    const { status: _pending, ...fields } = pick(response, draft);
    const copy = {
      ...fields,
      ...names,
      ...(name === 'cradl' ? { appClientId: null } : {}),
      ...secret,
    };
    const answer = await creates(copy);
    expect([answer.status, answer.text]).toEqual([adapter.created, answer.text]);
  });
});

const token = tokens.admin;
const system = tokens.system;
it.each([
  ['/v1/roles', nativeRole, { name: 'R', permissions: ['users:read'] }, 'roleId', token],
  ['/cradl/v1/roles', cradlRole, {}, 'roleId', token],
  ['/v1/app-clients', nativeAppClient, {}, 'appClientId', token],
  [
    '/cradl/v1/appClients',
    cradlAppClient,
    { name: 'A', defaultLoginUrl: 'https://app.example.com' },
    'appClientId',
    token,
  ],
  ['/v1/tenants', nativeTenant, {}, 'tenantId', system],
] as const)(
  'responses of %s can be sent back',
  async (path, { createInput: draft, updateInput: patch }, least, id, caller) => {
    const createBody = (slug: string) =>
      path === '/v1/tenants' ? { slug, name: 'Initech', ownerEmail: `${slug}@example.com` } : least;
    const { body, status } = await service.post(path, createBody(`t-${unique()}`), {
      token: caller,
    });
    expect(status).toBeLessThan(300);
    if (!patch) throw new Error('every one of these can be changed');
    const headers = {
      'if-match': '*',
      'x-tenant-id': path === '/v1/tenants' ? body.tenantId : tenantId.acme,
    };
    const answer = await service.send('PATCH', `${path}/${body[id]}`, {
      token: caller,
      body: pick(body, patch),
      headers,
    });
    expect([answer.status, answer.text]).toEqual([200, answer.text]);
    const next = `t-${unique()}`;
    const names =
      path === '/v1/tenants'
        ? { slug: next, ownerEmail: `${next}@example.com`, origin: `https://${next}.example.com` }
        : {};
    const again = await service.post(
      path,
      {
        ...pick(body, draft),
        ...(path === '/v1/roles' && { roleId: `cradl:role:${next}` }),
        ...names,
      },
      { token: caller },
    );
    expect([again.status, again.text]).toEqual([status, again.text]);
  },
);

it.each([
  ['a username', { userName: `zoë-${unique()}` }, 'userName'],
  ['an address as username', { userName: `zoë.${unique()}@bücher.example` }, 'userName'],
  ['an email alone', {}, 'email'],
] as const)(
  'Credible finds a native user by %s with non-ASCII letters, and accepts its response',
  async (_, names, field) => {
    const { body } = await service.post(
      '/v1/users',
      { email: `Zoë.${unique()}@bücher.example`, ...names },
      { token },
    );
    const path = `/credible/api/v0/users/${encodeURIComponent(body[field])}`;
    const response = await service.get(path, { token: system });
    expect([response.status, response.body.email]).toEqual([200, body.email]);
    const answer = await service.send('PATCH', path, {
      token: system,
      body: { ...response.body, firstName: 'Zoë' },
    });
    expect([answer.status, answer.body]).toEqual([200, { ...response.body, firstName: 'Zoë' }]);
  },
);

it('JITSudo accepts an empty role list only for a user without roles', async () => {
  for (const [roleIds, status] of [
    [[], 200],
    [['cradl:role:user'], 400],
  ] as const) {
    const { body } = await service.post(
      '/v1/users',
      { email: `${unique()}@example.com`, roleIds },
      { token },
    );
    const id = String(body.userId).replace(
      /^.*:(.{8})(.{4})(.{4})(.{4})(.{12})$/,
      '$1-$2-$3-$4-$5',
    );
    const headers = { 'x-tenant-id': tenantId.acme };
    const answer = await service.send('PUT', `/jitsudo/v1/users/${id}`, {
      token,
      headers,
      body: { name: 'Jo', roles: [] },
    });
    expect([answer.status, answer.body.message]).toEqual([
      status,
      status === 400 ? 'roles must have at least 1 item' : undefined,
    ]);
  }
});
