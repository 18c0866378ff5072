/** A verification link is used while the user or the directory changes. */
import { afterEach, expect, it, vi } from 'vitest';
import { auditTables } from '../../support/database/table-audit.ts';
import { goodPassword } from '../../support/dialects/create-user.ts';
import {
  dropResponse,
  type Fault,
  faultsInOrder,
  hangRequest,
  passThrough,
} from '../../support/faults/fault-proxy.ts';
import { createMailService, type Invitee } from '../../support/scenarios/mail-delivery.ts';

// Attempts follow without a pause.
vi.spyOn(Math, 'random').mockReturnValue(0);
const { service, clock, database, isWell, calls, inviteUser, linksTo } = await createMailService();
afterEach(isWell);

/** User with a link to a new email. */
async function createMovingUser() {
  const user = await inviteUser({ password: goodPassword });
  const email = `moved-${user.email}`;
  const token = clock.aTokenOf('acme', [], user.id);
  expect((await service.post('/v1/users/me/email', { email }, { token })).status).toBe(204);
  await service.deliverPendingMail();
  return { user, email, link: linksTo({ email }).at(-1) ?? '' };
}
const complete = (token: string) => service.post('/v1/auth/email-verification/complete', { token });
const read = async ({ id }: Invitee) => (await calls('GET', `/v1/users/${id}`)).body;
const used = { status: 410, body: { code: 'email_verification_used' } };
/** Runs `act` between the read and the write of the next transaction. */
const interrupt = (act: () => Promise<unknown>) => {
  const fault: Fault = async (exchange) => {
    await act();
    await passThrough(exchange);
  };
  database.goesWrong(faultsInOrder('TransactWriteItems', fault));
};

it('has an effect once when it is used several times at once', async () => {
  const { user, email, link } = await createMovingUser();
  const answers = await Promise.all(Array.from({ length: 5 }, () => complete(link)));
  expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
  expect(answers.filter(({ body }) => body.code === used.body.code)).toHaveLength(4);
  expect(await read(user)).toMatchObject({ email, emailVerified: true, version: 3 });
  expect(await auditTables(service)).toMatchObject({ missing: [], stray: [] });
});

it('has no effect after an administrator changed the email meanwhile', async () => {
  const { user, link } = await createMovingUser();
  const email = `other-${user.email}`;
  interrupt(() => calls('PATCH', `/v1/users/${user.id}`, { body: { email } }));
  expect(await complete(link)).toMatchObject({ status: 404, body: { code: 'not_found' } });
  expect(await read(user)).toMatchObject({ email, emailVerified: false, pendingEmail: null });
});

it('has no effect after the user requested a newer link meanwhile', async () => {
  const { user, link } = await createMovingUser();
  clock.advanceBy(60_000);
  const token = clock.aTokenOf('acme', [], user.id);
  const email = `newer-${user.email}`;
  interrupt(() => service.post('/v1/users/me/email', { email }, { token }));
  expect(await complete(link)).toMatchObject({ status: 404, body: { code: 'not_found' } });
  expect(await read(user)).toMatchObject({ email: user.email, pendingEmail: email });
});

it('has no effect after another user took the email meanwhile, and works once it is free', async () => {
  const { user, email, link } = await createMovingUser();
  const other = await inviteUser();
  const rename = (body: object) => calls('PATCH', `/v1/users/${other.id}`, { body });
  interrupt(() => rename({ email }));
  expect(await complete(link)).toMatchObject({ status: 409, body: { code: 'user_exists' } });
  expect(await read(user)).toMatchObject({ email: user.email, pendingEmail: email });
  expect((await rename({ email: other.email })).status).toBe(200);
  expect((await complete(link)).status).toBe(200);
  expect(await auditTables(service)).toMatchObject({ missing: [], stray: [] });
});

it('has an effect once when the response of the database is lost', async () => {
  const { user, email, link } = await createMovingUser();
  database.goesWrong(faultsInOrder('TransactWriteItems', dropResponse));
  expect((await complete(link)).status).toBe(200);
  expect(await complete(link)).toMatchObject(used);
  expect(await read(user)).toMatchObject({ email, version: 3 });
  expect(await auditTables(service)).toMatchObject({ missing: [], stray: [] });
});

it('still works after a failure of the database', async () => {
  const { user, email, link } = await createMovingUser();
  database.goesWrong(({ operation }) => {
    if (operation !== 'TransactWriteItems') return undefined;
    clock.advanceBy(60_000);
    return hangRequest;
  });
  expect((await complete(link)).status).toBe(503);
  isWell();
  expect(await read(user)).toMatchObject({ email: user.email, version: 2 });
  expect((await complete(link)).body).toMatchObject({ email });
});
