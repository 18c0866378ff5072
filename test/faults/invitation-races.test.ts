import { describe, expect, inject, it } from 'vitest';
import { keys } from '../../lib/store/keys.ts';
import { auditTables } from '../support/database/table-audit.ts';
import { goodPassword } from '../support/dialects/create-user.ts';
import { createFaultProxy, type Fault, passThrough } from '../support/faults/fault-proxy.ts';
import {
  createInvitationService,
  type InvitedAccount,
  minute,
  outcome,
} from '../support/scenarios/invitations.ts';
import { type TestResponse, tenantId } from '../support/service.ts';

const database = await createFaultProxy(inject('databaseEndpoint'));
const life = await createInvitationService({ databaseEndpoint: database.endpoint });
const {
  service,
  clock,
  inviteAndReadToken,
  requestInvitation,
  acceptLink,
  invitationOf,
  resends,
  revokes,
  tokenFor,
} = life;

const writes = (action: string, { uuid }: InvitedAccount, text: string) =>
  text.includes(`"${action}"`) && text.includes(uuid);

/** Runs an action, and another one between its reads and its writes. */
async function between(
  action: string,
  guest: InvitedAccount,
  first: () => Promise<TestResponse>,
  second: () => Promise<TestResponse>,
) {
  let other: Promise<TestResponse> | undefined;
  const interrupted: Fault = async (exchange) => {
    other = second();
    await other;
    await passThrough(exchange);
  };
  database.goesWrong(({ operation, text }) =>
    operation === 'TransactWriteItems' && other === undefined && writes(action, guest, text)
      ? interrupted
      : undefined,
  );
  const answer = await first();
  database.isWell();
  if (other === undefined) throw new Error(`nothing was written by ${action}`);
  return [outcome(answer), outcome(await other)];
}

/** On a busy machine concurrent requests can reach their deadline and are repeated. */
async function untilTold(asks: () => Promise<TestResponse>): Promise<TestResponse> {
  const answer = await asks();
  return answer.status === 503 ? untilTold(asks) : answer;
}

const hasPassword = async ({ uuid, slug }: InvitedAccount) =>
  (await service.stored.item(keys.userSecret(tenantId[slug], uuid), service.stored.secrets)) !==
  undefined;

/**
 * Asserts that the tables are consistent, and that status, password and records of this user agree.
 */
async function isInOrder(guest: InvitedAccount, accepted: boolean): Promise<void> {
  const { users, missing, stray } = await auditTables(service);
  expect([missing, stray]).toEqual([[], []]);
  const user = users.find(({ userId }) => userId === guest.uuid);
  expect((user?.deletion?.status ?? user?.status) === 'active').toBe(accepted);
  expect(user?.invitation?.acceptedAt !== undefined).toBe(accepted);
  expect(await hasPassword(guest)).toBe(accepted);
}

describe('50 concurrent acceptances of one invitation [I02]', () => {
  it('give one success and 49 responses that it is used', async () => {
    const { guest, token } = await inviteAndReadToken();
    const answers = await Promise.all(
      Array.from({ length: 50 }, (_, index) =>
        untilTold(() => acceptLink(token, `${goodPassword}-${index}`)),
      ),
    );
    const outcomes = answers.map(outcome);
    expect([outcomes.filter((each) => each === '200'), new Set(outcomes)]).toEqual([
      ['200'],
      new Set(['200', '410 invitation_used']),
    ]);
    await isInOrder(guest, true);
    const { body } = await requestInvitation('GET', guest, '/export');
    expect([body.user.version, body.changes.length]).toEqual([2, 1]);
    const theirs = `${goodPassword}-${outcomes.indexOf('200')}`;
    const change = { currentPassword: theirs, newPassword: 'seven-lamps-in-an-orchard' };
    const own = clock.aTokenOf('acme', [], guest.id);
    expect((await service.post('/v1/users/me/password', change, { token: own })).status).toBe(204);
  });
});

describe.each([
  [
    'revoking [I03]',
    revokes,
    'revokeInvitation',
    '410 invitation_revoked revoked',
    '409 invalid_transition',
  ],
  ['resending', resends, 'invite', '410 invitation_revoked superseded', '409 not_invitable'],
  [
    'deleting',
    (guest: InvitedAccount) => requestInvitation('DELETE', guest),
    'delete',
    '404 not_found',
    '204',
  ],
] as const)('acceptance concurrent with %s', (_what, act, action, tooLate, afterwards) => {
  const given = async () => {
    const all = await inviteAndReadToken();
    clock.advanceBy(minute);
    return all;
  };

  it('that comes first fails', async () => {
    const { guest, token } = await given();
    const outcomes = await between(
      'acceptInvitation',
      guest,
      () => acceptLink(token),
      () => act(guest),
    );
    expect(outcomes).toEqual([tooLate, action === 'delete' ? '204' : '200']);
    await isInOrder(guest, false);
    if (action === 'invite') expect(outcome(await acceptLink(await tokenFor(guest)))).toBe('200');
  });

  it('that comes second succeeds', async () => {
    const { guest, token } = await given();
    const outcomes = await between(
      action,
      guest,
      () => act(guest),
      () => acceptLink(token),
    );
    expect(outcomes).toEqual([afterwards, '200']);
    await isInOrder(guest, true);
  });

  it('at the same moment is serialized', async () => {
    const { guest, token } = await given();
    const [accepted, other] = (await Promise.all([acceptLink(token), act(guest)])).map(outcome);
    const isAccepted = accepted === '200';
    expect([accepted, other]).toEqual(
      isAccepted ? ['200', afterwards] : [tooLate, action === 'delete' ? '204' : '200'],
    );
    await isInOrder(guest, isAccepted);
  });
});

describe('acceptance concurrent with a change of the user', () => {
  it('that keeps the link valid succeeds, as does the change', async () => {
    const { guest, token } = await inviteAndReadToken();
    const renames = () => requestInvitation('PATCH', guest, '', { body: { name: 'Jo' } });
    expect(await between('acceptInvitation', guest, () => acceptLink(token), renames)).toEqual([
      '200',
      '200',
    ]);
    expect((await requestInvitation('GET', guest)).body).toMatchObject({
      name: 'Jo',
      status: 'active',
      version: 3,
    });
    await isInOrder(guest, true);
  });

  it('that changes the email fails', async () => {
    const { guest, token } = await inviteAndReadToken();
    const moves = () =>
      requestInvitation('PATCH', guest, '', { body: { email: 'moved@x.example' } });
    expect(await between('acceptInvitation', guest, () => acceptLink(token), moves)).toEqual([
      '404 not_found',
      '200',
    ]);
    await isInOrder(guest, false);
    expect((await invitationOf(guest)).status).toBe('pending');
  });

  it('that sets a password does not replace it', async () => {
    const { guest, token } = await inviteAndReadToken({ userName: 'raced' });
    const body = { password: 'seven-lamps-in-an-orchard' };
    const sets = () =>
      service.send('PATCH', '/credible/api/v0/users/raced', {
        token: clock.aTokenOf('acme', ['system_admin']),
        body,
      });
    expect(await between('acceptInvitation', guest, () => acceptLink(token), sets)).toEqual([
      '410 invitation_revoked revoked',
      '200',
    ]);
    const change = { currentPassword: body.password, newPassword: goodPassword };
    const own = clock.aTokenOf('acme', [], guest.id);
    expect((await service.post('/v1/users/me/password', change, { token: own })).status).toBe(204);
  });
});
