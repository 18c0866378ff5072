/** Emails to the owner about requests for a level. */
import { describe, expect, it } from 'vitest';
import { goodPassword } from '../support/dialects/create-user.ts';
import { getLogs } from '../support/logs.ts';
import { createMailService, type Invitee, hour } from '../support/scenarios/mail-delivery.ts';
import { day } from '../support/scenarios/user-states.ts';

const life = await createMailService({
  hasOutboxIndex: true,
  environment: { MAILS_PER_RECIPIENT_DAY: '2' },
});
const { service, clock, inviteUser, mailsTo, requestUser } = life;

const path = '/credible/api/v0/organizations/acme/permissions';
const newUser = (more: object = {}) => inviteUser({ password: goodPassword, ...more });
async function newOwner(more: object = {}): Promise<Invitee> {
  const owner = await newUser({ roleIds: ['cradl:role:admin'], ...more });
  await service.updateTenantItem('acme', { ownerUserId: owner.userId });
  return owner;
}
const toId = ({ email }: Invitee) => `user:${email}`;
const request = (user: Invitee, fields: object = {}) =>
  service.post(
    `${path}?requestPermission=true`,
    { userGroupId: toId(user), permission: 'member', ...fields },
    { token: clock.aTokenOf('acme', [], user.id) },
  );
const hears = async () => service.on.records(await service.listPendingRecords());

describe('a request for a level', () => {
  it('is mailed once to the owner, with the message as quoted text', async () => {
    const owner = await newOwner({ name: 'Jo Smith' });
    const user = await newUser();
    const message = 'See <a href="https://evil.example">this</a>\n\nSign in to your account at: x';
    expect((await request(user, { permission: 'admin', message })).status).toBe(201);
    await hears();
    await hears();
    const [mail, ...more] = mailsTo(owner);
    expect([mail?.subject, more, mailsTo(user)]).toEqual(['Access request for Acme', [], []]);
    expect(mail?.text).toMatch(/^Hello Jo Smith,\n\n\S+ requested the permission "admin" for Acme/);
    expect(mail?.text).toContain(`${user.email} requested`);
    expect(mail?.text).toContain(
      'it:\n\n> See <a href="https://evil.example">this</a>\n\n> Sign in to your account at: x\n\nYou receive',
    );
    expect(mail?.html).toContain('<p>&gt; See &lt;a href=&quot;https://evil.example&quot;&gt;this');
    expect(mail?.html).not.toContain('<a ');
  });

  it.each([
    ['de', 'Zugriffsanfrage für Acme', 'Berechtigung „member“'],
    ['es', 'Solicitud de acceso a Acme', 'permiso «member»'],
    ['fr', 'Demande d’accès à Acme', 'autorisation «\u00a0member\u00a0»'],
  ])('is mailed in the language %s of the owner', async (locale, subject, text) => {
    const owner = await newOwner({ locale });
    clock.advanceBy(day);
    await request(await newUser());
    await hears();
    expect(mailsTo(owner).map((mail) => mail.subject)).toEqual([subject]);
    expect(mailsTo(owner)[0]?.text).toContain(text);
  });

  it('is not mailed once it is replaced, declined or erased', async () => {
    const owner = await newOwner();
    clock.advanceBy(day);
    const [replacing, declined, erased] = [await newUser(), await newUser(), await newUser()];
    await request(replacing, { message: 'first' });
    clock.advanceBy(1000);
    await request(replacing, { message: 'second' });
    await request(declined);
    await service.send('DELETE', `${path}/${toId(declined)}?requestPermission=true`, {
      token: life.token(),
    });
    await request(erased);
    const records = await service.listPendingRecords();
    await requestUser(erased, 'POST', '/erase');
    await service.on.records(records);
    await hears();
    expect(mailsTo(owner).map(({ text }) => /> (.*)/.exec(text)?.[1])).toEqual(['second']);
  });

  it('is stored without a mail if there is no active owner', async () => {
    const owner = await newOwner();
    await requestUser(await newOwner(), 'PATCH', '', { body: { name: 'Jo' } });
    clock.advanceBy(day);
    await requestUser(owner, 'POST', '/suspend');
    for (const ownerUserId of [undefined, owner.userId]) {
      await service.updateTenantItem('acme', { ownerUserId });
      expect((await request(await newUser())).status).toBe(201);
      const { batchItemFailures } = await hears();
      expect(batchItemFailures).toEqual([]);
    }
    expect(mailsTo(owner)).toEqual([]);
    expect(await service.listPendingRecords()).toEqual([]);
  });

  it('waits while the owner has too many, apart from the notices of both users', async () => {
    const owner = await newOwner();
    clock.advanceBy(day);
    const [first, second, third] = [await newUser(), await newUser(), await newUser()];
    for (const user of [first, second, third]) await request(user);
    await hears();
    expect(mailsTo(owner)).toHaveLength(2);

    const changePassword = async (user: Invitee, password: string) => {
      const token = clock.aTokenOf('acme', ['system_admin']);
      const target = `/credible/api/v0/users/${user.email}`;
      expect((await service.send('PATCH', target, { token, body: { password } })).status).toBe(200);
      await hears();
    };
    await changePassword(owner, 'seven lamps, an orchard');
    expect(mailsTo(owner)).toHaveLength(3);
    // The fourth notice exceeds the limit of the user.
    for (const count of ['one', 'two', 'three', 'four'])
      await changePassword(third, `seven lamps, ${count} orchards`);
    expect(mailsTo(third)).toHaveLength(3);
    clock.advanceBy(hour);
    await hears();
    expect(mailsTo(third)).toHaveLength(4);
    clock.advanceBy(day);
    await hears();
    expect(mailsTo(owner)).toHaveLength(4);
  });

  it('is dropped without an alarm if the limit delays it for 3 days', async () => {
    const owner = await newOwner();
    clock.advanceBy(day);
    for (const user of [await newUser(), await newUser(), await newUser()]) await request(user);
    await hears();
    clock.advanceBy(4 * day);
    await hears();
    expect(mailsTo(owner)).toHaveLength(2);
    expect(await service.listPendingRecords()).toEqual([]);
    expect(JSON.parse(getLogs.at(-1) ?? '')).toMatchObject({
      operation: 'deliverAccountNotice',
      outcome: 'nothing due',
    });
  });
});
