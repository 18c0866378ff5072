import { randomUUID } from 'node:crypto';
import { beforeEach, describe, expect, it } from 'vitest';
import type { RequestContext } from '../../lib/domain/access/request-context.ts';
import { createPolicy } from '../../lib/domain/access/policy.ts';
import { goodPassword } from '../support/dialects/create-user.ts';
import { listIds, second, parseMailToken } from '../support/scenarios/mail-delivery.ts';
import { unique } from '../support/dialects/dialects.ts';
import {
  createFaultProxy,
  always,
  type Fault,
  faultsInOrder,
  dropRequest,
  dropResponse,
  failWith,
} from '../support/faults/fault-proxy.ts';
import { createTestClock, day } from '../support/scenarios/user-states.ts';
import { getLogs } from '../support/logs.ts';
import { createTestService, aws, tenantId } from '../support/service.ts';
import { keys } from '../../lib/store/keys.ts';
import { fromItem } from '../../lib/store/users/user-items.ts';
import { expectNoWrites } from '../support/database/expect-no-writes.ts';

const crm = { account: '111111111111', source: 'com.example.crm' };
const shop = { account: '111111111111', source: 'com.example.shop' };
const twin = { account: '222222222222', source: 'com.example.crm' };
const south = { account: '333333333333', source: 'south' };
const sources = [
  { ...crm, tenant: tenantId.acme, roles: ['recruiter', 'user'] },
  { ...shop, tenant: tenantId.acme, roles: ['lookout'] },
  { ...twin, tenant: tenantId.acme, roles: ['admin'] },
  { ...south, tenant: tenantId.south, roles: ['admin'] },
];

const clock = createTestClock();
const standIn = await aws();
const bus = await createFaultProxy(standIn.endpoint);
/** Policy decisions since the last request. */
let decisions: { action: string; principal: RequestContext['principal'] }[] = [];
const policy = createPolicy();
const service = await createTestService({
  now: clock.now,
  environment: {
    AWS_ENDPOINT_URL_EVENTBRIDGE: bus.endpoint,
    AWS_MAX_ATTEMPTS: '1',
    INVITE_SOURCES: JSON.stringify(sources),
  },
  policy: {
    authorize(call, action, context) {
      decisions.push({ action, principal: call.principal });
      policy.authorize(call, action, context);
    },
  },
});
await service.putRole('acme', {
  slug: 'recruiter',
  name: 'Recruiter',
  permissions: ['users:create'],
});
await service.putRole('acme', { slug: 'lookout', name: 'Lookout', permissions: ['users:read'] });
beforeEach(() => bus.isWell());

type Sender = { readonly account: string; readonly source: string };
const event = (detail: unknown, sender: Sender = crm) => ({
  version: '0',
  id: randomUUID(),
  ...sender,
  'detail-type': 'User Invite Requested',
  time: '2026-03-01T00:00:00Z',
  region: 'local',
  resources: [],
  detail,
});

/** Sends a request and returns its outcome from the bus. */
async function asks(detail: unknown, sender?: Sender) {
  decisions = [];
  const before = standIn.events.length;
  await service.on.inviteRequest(event(detail, sender));
  const [outcome, ...more] = standIn.events.slice(before);
  expect(more).toEqual([]);
  expect(outcome).toMatchObject({ bus: 'roster', source: 'roster' });
  // E12, and O08 for the log.
  expect(JSON.stringify(outcome)).not.toMatch(/@|token/i);
  expect(getLogs.filter((line) => /@example|#token/i.test(line))).toEqual([]);
  // Each test asserts the shape of its event.
  return { type: outcome!['detail-type'], detail: outcome!.detail as any };
}
const newEmail = () => `${unique()}@example.com`;
const refusal = ({ type, detail }: Awaited<ReturnType<typeof asks>>): string =>
  type === 'User Invite Refused' ? detail.code : type;
const getStoredUser = ({ detail }: Awaited<ReturnType<typeof asks>>) =>
  service.stored.item(keys.user(detail.tenantId, listIds(detail).userId));

describe('an invite request', () => {
  it('creates a user in the tenant and with the roles of its sender, by one decision, and reports the user', async () => {
    const email = newEmail();
    const outcome = await asks({
      id: 'r-1',
      email,
      name: 'Ada',
      roleIds: ['cradl:role:user'],
      locale: 'de',
    });
    expect(outcome).toEqual({
      type: 'User Invited',
      detail: {
        request: { ...crm, id: 'r-1' },
        tenantId: tenantId.acme,
        userId: expect.stringMatching(/^cradl:user:[0-9a-f]{32}$/),
        invitationId: expect.stringMatching(/^cradl:invitation:[0-9a-f]{32}$/),
        replayed: false,
      },
    });
    expect(decisions).toEqual([
      {
        action: 'createUser',
        principal: {
          issuer: 'aws:111111111111',
          subject: 'com.example.crm',
          component: 'invite-requests',
          subjectIsUser: false,
          tenantId: tenantId.acme,
          systemAdministrator: false,
          roles: ['recruiter', 'user'],
          groups: [],
          assigned: { roles: ['recruiter', 'user'], groups: [] },
          permissions: expect.arrayContaining(['users:create']),
        },
      },
    ]);
    const user = await getStoredUser(outcome);
    expect(user).toMatchObject({
      email,
      status: 'invite_pending',
      roles: ['user'],
      createdBy: 'com.example.crm',
      dueAt: expect.any(String),
    });
    expect(user?.['creation']).toMatchObject({
      actor: { type: 'system', id: 'invite-requests' },
      issuer: 'aws:111111111111',
      policies: [expect.any(String)],
    });
    expect(fromItem(user!).invitation?.inviter).toMatchObject({
      issuer: 'aws:111111111111',
      subject: 'com.example.crm',
    });

    const mail = (await service.deliverPendingMail()).find(({ to }) => to.includes(email));
    const accepted = await service.post('/v1/invitations/accept', {
      token: parseMailToken(mail?.text ?? ''),
      password: goodPassword,
    });
    expect(accepted.body).toMatchObject({ status: 'active', refusedRoleIds: [] });
    expect(
      JSON.parse(getLogs.findLast((line) => line.includes('inviteOnRequest')) ?? ''),
    ).toMatchObject({
      outcome: 'invited',
      tenant: tenantId.acme,
      invitesRefused: 0,
    });
  });

  it('accepts null and blank values as absent fields', async () => {
    const blank = {
      name: '',
      locale: ' ',
      authProvider: '',
      password: null,
      passwordHash: '',
      sendInvitation: null,
      roleIds: null,
    };
    const outcome = await asks({ id: `r-${unique()}`, email: newEmail(), ...blank });
    expect(refusal(outcome)).toBe('User Invited');
    expect(await getStoredUser(outcome)).toMatchObject({
      authProvider: 'local',
      status: 'invite_pending',
      roles: [],
    });
  });

  it.each<[string, object, string, Sender?]>([
    ['that names a tenant', { tenantId: tenantId.globex }, 'invalid_input'],
    ['that states permissions of its sender', { permissions: ['users:create'] }, 'invalid_input'],
    [
      'that states the identity of its sender',
      { principal: { systemAdministrator: true } },
      'invalid_input',
    ],
    ['with a password', { password: goodPassword }, 'invalid_input'],
    ['with a verified email', { emailVerified: true }, 'forbidden'],
    ['with a password of spaces', { password: ' ' }, 'invalid_input'],
    ['for a user of an identity provider', { authProvider: 'oidc' }, 'invalid_input'],
    ['with a status', { status: 'active' }, 'invalid_input'],
    ['without an email', { email: undefined }, 'invalid_input'],
    ['to an invalid email', { email: 'nobody' }, 'invalid_input'],
    ['without an ID', { id: undefined }, 'invalid_input'],
    ['with an ID of invalid characters', { id: 'a b' }, 'invalid_input'],
    ['with an ID that is too long', { id: 'a'.repeat(201) }, 'invalid_input'],
    ['with roles beyond those of its sender', { roleIds: ['cradl:role:admin'] }, 'forbidden'],
    ['with an unknown role', { roleIds: ['cradl:role:none'] }, 'invalid_roles'],
    ['of a sender without permission to invite', {}, 'forbidden', shop],
    ['of another account', {}, 'forbidden', { ...crm, account: '999999999999' }],
    ['of another source', {}, 'forbidden', { ...crm, source: 'com.example.crm2' }],
    ['of the service itself', {}, 'forbidden', { ...crm, source: 'roster' }],
  ])('%s is rejected without an effect', async (_what, more, code, sender) => {
    const outcome = await expectNoWrites(service, () =>
      asks({ id: 'r-2', email: newEmail(), ...more }, sender),
    );
    expect(refusal(outcome)).toBe(code);
    if (code === 'invalid_roles')
      expect(outcome.detail.message).toBe('roleIds.0 must be a role of this tenant');
    expect(outcome.detail.request).toEqual({ ...(sender ?? crm), id: 'id' in more ? null : 'r-2' });
    expect(decisions.length).toBeLessThanOrEqual(1);
    expect(JSON.stringify(outcome.detail)).not.toContain(goodPassword);
    expect(JSON.parse(getLogs.at(-1) ?? '')).toMatchObject({
      operation: 'inviteOnRequest',
      outcome: code,
      invitesRefused: 1,
    });
  });

  it.each([
    ['null', null],
    ['a string', 'x'],
    ['a list', [1]],
    ['a number', 7],
  ])('that is %s is rejected', async (_what, detail) => {
    const outcome = await expectNoWrites(service, () => asks(detail));
    expect([refusal(outcome), outcome.detail.request.id]).toEqual(['invalid_input', null]);
  });

  it('for a taken address is rejected without details of its user', async () => {
    const email = newEmail();
    await asks({ id: 'r-3', email });
    const outcome = await expectNoWrites(service, () =>
      asks({ id: 'r-4', email: email.toUpperCase() }),
    );
    expect(outcome.detail).toEqual({
      request: { ...crm, id: 'r-4' },
      code: 'user_exists',
      message: 'A user with this email already exists',
      details: { field: 'email', requestId: expect.any(String) },
    });
  });

  it('is rejected if the tenant is suspended or missing', async () => {
    await service.updateTenantItem('south', { status: 'suspended' });
    const outcome = await expectNoWrites(service, () =>
      asks({ id: 'r-5', email: newEmail() }, south),
    );
    expect(refusal(outcome)).toBe('tenant_suspended');
    await service.updateTenantItem('south', { status: 'active' });
    clock.advanceBy(31 * second);
    expect(refusal(await asks({ id: 'r-5', email: newEmail() }, south))).toBe('User Invited');
  });

  it('is rejected above the mail limit of the tenant, with the time of the next attempt', async () => {
    const availableAt = new Date(clock.now().getTime() + 600 * second).toISOString();
    await service.stored.put({
      ...keys.mailHold(tenantId.south),
      tenantId: tenantId.south,
      availableAt,
    });
    clock.advanceBy(31 * second);
    const outcome = await asks({ id: 'r-6', email: newEmail() }, south);
    expect(outcome.detail).toMatchObject({
      code: 'too_many_requests',
      details: { retryAfter: expect.closeTo(569, -1) },
    });
  });
});

describe('an invitation by another system [R07 R08]', () => {
  /** The same tables with another registration of systems. */
  const isRegisteredNow = (inviteSources: object[]) =>
    createTestService({
      now: clock.now,
      environment: {
        DIRECTORY_TABLE: service.stored.directory,
        SECRETS_TABLE: service.stored.secrets,
        INVITE_SOURCES: JSON.stringify(inviteSources),
      },
    });
  const invited = async () => {
    const email = newEmail();
    expect(
      (
        await asks(
          { id: unique(), email, roleIds: ['cradl:role:lookout', 'cradl:role:user'] },
          twin,
        )
      ).type,
    ).toBe('User Invited');
    return parseMailToken(
      (await service.deliverPendingMail()).find(({ to }) => to.includes(email))?.text ?? '',
    );
  };

  it.each([
    ['is no longer registered', []],
    ['is registered for another tenant', [{ ...twin, tenant: tenantId.south, roles: ['admin'] }]],
    [
      'gave its source to another account',
      [{ ...twin, account: crm.account, tenant: tenantId.acme, roles: ['admin'] }],
    ],
    [
      'gave its account to another source',
      [{ ...twin, source: shop.source, tenant: tenantId.acme, roles: ['admin'] }],
    ],
  ])('cannot be accepted once the system %s', async (_what, registered) => {
    const token = await invited();
    const today = await isRegisteredNow(registered);
    await expectNoWrites(service, async () => {
      for (const path of ['inspect', 'accept']) {
        const body = path === 'accept' ? { token, password: goodPassword } : { token };
        expect(await today.post(`/v1/invitations/${path}`, body)).toMatchObject({
          status: 410,
          body: { code: 'invitation_revoked', details: { reason: 'inviter_gone' } },
        });
      }
    });
  });

  it('grants only the roles that the system could grant today', async () => {
    const token = await invited();
    const today = await isRegisteredNow([{ ...twin, tenant: tenantId.acme, roles: ['recruiter'] }]);
    const { body } = await today.post('/v1/invitations/accept', { token, password: goodPassword });
    expect(body).toMatchObject({ status: 'active', refusedRoleIds: ['cradl:role:lookout'] });
  });
});

describe('a repeated invite request [E03]', () => {
  it('has one effect and the same outcome', async () => {
    const detail = { id: 'again-1', email: newEmail() };
    const { detail: first } = await asks(detail);
    const { detail: second } = await expectNoWrites(service, () => asks(detail));
    expect([first.replayed, second]).toEqual([false, { ...first, replayed: true }]);
    expect(decisions).toHaveLength(1);
  });

  it('has one effect in concurrent deliveries', async () => {
    const detail = { id: 'again-2', email: newEmail() };
    const before = standIn.events.length;
    await Promise.all(Array.from({ length: 6 }, () => service.on.inviteRequest(event(detail))));
    const outcomes = standIn.events
      .slice(before)
      .map(({ detail: each }) => each as { userId: string; replayed: boolean });
    expect(new Set(outcomes.map(({ userId }) => userId)).size).toBe(1);
    expect(outcomes.filter(({ replayed }) => !replayed)).toHaveLength(1);
  });

  it('with another body under the same ID is rejected', async () => {
    const email = newEmail();
    await asks({ id: 'again-3', email });
    const outcome = await expectNoWrites(service, () =>
      asks({ id: 'again-3', email, name: 'Other' }),
    );
    expect(refusal(outcome)).toBe('idempotency_mismatch');
  });

  it.each([
    ['account', twin],
    ['source', { ...shop }],
    ['tenant', south],
  ] as const)('under the same ID from another %s is a separate request', async (_of, sender) => {
    clock.advanceBy(day);
    const email = newEmail();
    await asks({ id: 'again-4', email });
    const outcome = await asks({ id: 'again-4', email: newEmail() }, sender);
    expect(refusal(outcome)).toBe(sender.source === shop.source ? 'forbidden' : 'User Invited');
    if (outcome.type === 'User Invited') expect(outcome.detail.replayed).toBe(false);
  });
});

describe('an unavailable service [E08 O05]', () => {
  const failsEntry: Fault = ({ answer }) =>
    answer({
      status: 200,
      headers: { 'content-type': 'application/x-amz-json-1.1' },
      body: Buffer.from(
        JSON.stringify({
          FailedEntryCount: 1,
          Entries: [{ ErrorCode: 'ThrottlingException', ErrorMessage: 'injected' }],
        }),
      ),
    });

  it.each<[string, Fault]>([
    ['is lost', dropRequest],
    ['loses its response', dropResponse],
    ['is denied', failWith('AccessDeniedException')],
    ['fails with an internal error', failWith('InternalException', { status: 500 })],
    ['is rejected by the bus', failsEntry],
  ])(
    'makes the function fail if the outcome %s, and the retry has the same outcome without a second effect',
    async (_what, fault) => {
      const detail = { id: `bus-${unique()}`, email: newEmail() };
      bus.goesWrong(faultsInOrder('PutEvents', fault, fault));
      await expect(service.on.inviteRequest(event(detail))).rejects.toMatchObject({
        code: 'unavailable',
      });
      await expectNoWrites(service, () =>
        expect(service.on.inviteRequest(event(detail))).rejects.toMatchObject({
          code: 'unavailable',
        }),
      );
      const outcome = await expectNoWrites(service, () => asks(detail));
      expect([outcome.type, outcome.detail.replayed]).toEqual(['User Invited', true]);
      expect(await getStoredUser(outcome)).toMatchObject({ email: detail.email });

      bus.goesWrong(always(fault, 'PutEvents'));
      await expect(service.on.inviteRequest(event({ id: 'bus-no' }))).rejects.toMatchObject({
        code: 'unavailable',
      });
    },
  );

  it('makes the function fail if the directory cannot be read', async () => {
    const way = await createFaultProxy(standIn.endpoint);
    const cutOff = await createTestService({
      now: clock.now,
      databaseEndpoint: 'http://127.0.0.1:1',
      environment: {
        AWS_ENDPOINT_URL_EVENTBRIDGE: way.endpoint,
        AWS_MAX_ATTEMPTS: '1',
        INVITE_SOURCES: JSON.stringify(sources),
      },
    });
    await expect(
      cutOff.on.inviteRequest(event({ id: 'r-7', email: newEmail() })),
    ).rejects.toMatchObject({ code: 'unavailable' });
    expect(way.sent).toEqual([]);
  });
});
