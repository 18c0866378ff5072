import { describe, expect, inject, it } from 'vitest';
import { keys } from '../../lib/store/keys.ts';
import { auditOf } from '../support/table-audit.ts';
import { goodPassword } from '../support/dialects/create-user.ts';
import { aFaultyWayTo, type Fault, passes } from '../support/faults/fault-proxy.ts';
import {
  anInvitingService,
  type Guest,
  minute,
  outcome,
} from '../support/scenarios/invitations.ts';
import { type Answer, tenantId } from '../support/service.ts';

const database = await aFaultyWayTo(inject('databaseEndpoint'));
const life = await anInvitingService({ databaseEndpoint: database.endpoint });
const { service, clock, invited, about, accepts, invitationOf, resends, revokes, tokenFor } = life;

const writes = (action: string, { uuid }: Guest, text: string) =>
  text.includes(`"${action}"`) && text.includes(uuid);

/** Runs an action, and another one between its reads and its writes. */
async function between(
  action: string,
  guest: Guest,
  first: () => Promise<Answer>,
  second: () => Promise<Answer>,
) {
  let other: Promise<Answer> | undefined;
  const interrupted: Fault = async (exchange) => {
    other = second();
    await other;
    await passes(exchange);
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
async function untilTold(asks: () => Promise<Answer>): Promise<Answer> {
  const answer = await asks();
  return answer.status === 503 ? untilTold(asks) : answer;
}

const hasPassword = async ({ uuid, slug }: Guest) =>
  (await service.stored.item(keys.userSecret(tenantId[slug], uuid), service.stored.secrets)) !==
  undefined;

/**
 * Asserts that the tables are consistent, and that status, password and records of this user agree.
 */
async function isInOrder(guest: Guest, accepted: boolean): Promise<void> {
  const { users, missing, stray } = await auditOf(service);
  expect([missing, stray]).toEqual([[], []]);
  const user = users.find(({ userId }) => userId === guest.uuid);
  expect((user?.deletion?.status ?? user?.status) === 'active').toBe(accepted);
  expect(user?.invitation?.acceptedAt !== undefined).toBe(accepted);
  expect(await hasPassword(guest)).toBe(accepted);
}

describe('50 concurrent acceptances of one invitation [I02]', () => {
  it('give one success and 49 responses that it is used', async () => {
    const { guest, token } = await invited();
    const answers = await Promise.all(
      Array.from({ length: 50 }, (_, index) =>
        untilTold(() => accepts(token, `${goodPassword}-${index}`)),
      ),
    );
    const outcomes = answers.map(outcome);
    expect([outcomes.filter((each) => each === '200'), new Set(outcomes)]).toEqual([
      ['200'],
      new Set(['200', '410 invitation_used']),
    ]);
    await isInOrder(guest, true);
    const { body } = await about('GET', guest, '/export');
    expect([body.user.version, body.changes.length]).toEqual([2, 1]);
    const theirs = `${goodPassword}-${outcomes.indexOf('200')}`;
    const change = { currentPassword: theirs, newPassword: 'seven-lamps-in-an-orchard' };
    const own = clock.aTokenOf('acme', [], guest.id);
    expect((await service.posts('/v1/users/me/password', change, { token: own })).status).toBe(204);
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
  ['deleting', (guest: Guest) => about('DELETE', guest), 'delete', '404 not_found', '204'],
] as const)('acceptance concurrent with %s', (_what, act, action, tooLate, afterwards) => {
  const given = async () => {
    const all = await invited();
    clock.leaps(minute);
    return all;
  };

  it('that comes first fails', async () => {
    const { guest, token } = await given();
    const outcomes = await between(
      'acceptInvitation',
      guest,
      () => accepts(token),
      () => act(guest),
    );
    expect(outcomes).toEqual([tooLate, action === 'delete' ? '204' : '200']);
    await isInOrder(guest, false);
    if (action === 'invite') expect(outcome(await accepts(await tokenFor(guest)))).toBe('200');
  });

  it('that comes second succeeds', async () => {
    const { guest, token } = await given();
    const outcomes = await between(
      action,
      guest,
      () => act(guest),
      () => accepts(token),
    );
    expect(outcomes).toEqual([afterwards, '200']);
    await isInOrder(guest, true);
  });

  it('at the same moment is serialized', async () => {
    const { guest, token } = await given();
    const [accepted, other] = (await Promise.all([accepts(token), act(guest)])).map(outcome);
    const isAccepted = accepted === '200';
    expect([accepted, other]).toEqual(
      isAccepted ? ['200', afterwards] : [tooLate, action === 'delete' ? '204' : '200'],
    );
    await isInOrder(guest, isAccepted);
  });
});

describe('acceptance concurrent with a change of the user', () => {
  it('that keeps the link valid succeeds, as does the change', async () => {
    const { guest, token } = await invited();
    const renames = () => about('PATCH', guest, '', { body: { name: 'Jo' } });
    expect(await between('acceptInvitation', guest, () => accepts(token), renames)).toEqual([
      '200',
      '200',
    ]);
    expect((await about('GET', guest)).body).toMatchObject({
      name: 'Jo',
      status: 'active',
      version: 3,
    });
    await isInOrder(guest, true);
  });

  it('that changes the email fails', async () => {
    const { guest, token } = await invited();
    const moves = () => about('PATCH', guest, '', { body: { email: 'moved@x.example' } });
    expect(await between('acceptInvitation', guest, () => accepts(token), moves)).toEqual([
      '404 not_found',
      '200',
    ]);
    await isInOrder(guest, false);
    expect((await invitationOf(guest)).status).toBe('pending');
  });

  it('that sets a password does not replace it', async () => {
    const { guest, token } = await invited({ userName: 'raced' });
    const body = { password: 'seven-lamps-in-an-orchard' };
    const sets = () =>
      service.send('PATCH', '/credible/api/v0/users/raced', {
        token: clock.aTokenOf('acme', ['system_admin']),
        body,
      });
    expect(await between('acceptInvitation', guest, () => accepts(token), sets)).toEqual([
      '410 invitation_revoked revoked',
      '200',
    ]);
    const change = { currentPassword: body.password, newPassword: goodPassword };
    const own = clock.aTokenOf('acme', [], guest.id);
    expect((await service.posts('/v1/users/me/password', change, { token: own })).status).toBe(204);
  });
});
