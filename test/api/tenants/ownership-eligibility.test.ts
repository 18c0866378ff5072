/** Ownership transfers only to accounts that no other principal can sign in to. */
import { describe, expect, it } from 'vitest';
import { parseUserId } from '../../../lib/domain/kernel/ids.ts';
import { goodPassword } from '../../support/dialects/create-user.ts';
import {
  type Account,
  createCredentialService,
  admin,
  newEmail,
  newIdentity,
  newPassword,
  system,
  tokenFor,
} from '../../support/scenarios/credentials.ts';
import { tenantId } from '../../support/service.ts';
import { expectNoWrites } from '../../support/database/expect-no-writes.ts';

const steps = await createCredentialService();
const {
  service,
  clock,
  create,
  change,
  changeInCredible,
  signIn,
  accept,
  linkFor,
  reset,
  transfer,
} = steps;
const admins = { roleIds: ['cradl:role:admin'] };
const ineligible = (reason: string, more: object = {}) => ({
  status: 409,
  body: { code: 'owner_ineligible', details: { field: 'ownerUserId', reason, ...more } },
});
/** Creates an administrator who accepted a mailed invitation. */
const inviteAdministrator = async (fields: object = {}): Promise<Account> => {
  const user = await create({ ...admins, ...fields }, admin);
  await accept(await linkFor(user.email));
  return user;
};

describe('the ownership of a tenant', () => {
  it('can be transferred to an administrator who accepted a mailed invitation', async () => {
    expect((await transfer(await inviteAdministrator())).status).toBe(200);
  });

  it('cannot be transferred to an account if the caller set its password [SEC-6]', async () => {
    const user = await create({ ...admins, password: goodPassword }, admin);
    expect(await expectNoWrites(service, () => transfer(user))).toMatchObject(
      ineligible('credentials_limited', { credentials: ['password'] }),
    );
    await reset(user.email);
    expect((await transfer(user)).status).toBe(200);
  });

  it('cannot be transferred to an account if another administrator changed its email [SEC-6]', async () => {
    const user = await inviteAdministrator();
    const email = newEmail();
    expect((await change(user, { email }, admin)).status).toBe(200);
    expect(await transfer(user)).toMatchObject(
      ineligible('credentials_limited', { credentials: ['email'] }),
    );
    await reset(email);
    expect(await transfer(user)).toMatchObject(
      ineligible('credentials_limited', { credentials: ['email', 'password'] }),
    );
  });

  it('cannot be transferred to an account if another administrator set its identity [SEC-6]', async () => {
    const user = await inviteAdministrator();
    expect((await change(user, { identity: newIdentity() }, admin)).status).toBe(200);
    expect(await transfer(user)).toMatchObject(
      ineligible('credentials_limited', { credentials: ['identity'] }),
    );
    const invitedWithIdentity = await inviteAdministrator({ identity: newIdentity() });
    expect(await transfer(invitedWithIdentity)).toMatchObject(
      ineligible('credentials_limited', { credentials: ['identity'] }),
    );
  });

  it('cannot be transferred to an account with an unverified email', async () => {
    const user = await create({ ...admins, password: goodPassword }, system);
    expect(await transfer(user)).toMatchObject(ineligible('email_not_verified'));
    await reset(user.email);
    expect((await transfer(user)).status).toBe(200);
  });

  it('cannot be transferred to an account without a credential', async () => {
    const user = await inviteAdministrator();
    const item = { pk: `TENANT#${tenantId.acme}#USER#${parseUserId(user.userId)}`, sk: 'USER' };
    await service.stored.put({ ...(await service.stored.item(item)), authProvider: 'oidc' });
    expect(await transfer(user)).toMatchObject(ineligible('no_credential'));
  });
});

describe('a request that requires the owner', () => {
  it('returns 403 to an owner whose credential is limited [SEC-1] [SEC-6]', async () => {
    const identity = newIdentity();
    const owner = await create({ ...admins, password: goodPassword, identity }, admin);
    const next = await inviteAdministrator();
    await service.updateTenantItem('acme', { ownerUserId: parseUserId(owner.userId) });
    clock.advanceBy(31_000);
    for (const token of [await signIn(owner), tokenFor(identity, ['admin'])]) {
      expect(await expectNoWrites(service, () => transfer(next, token))).toMatchObject({
        status: 403,
        body: { code: 'forbidden' },
      });
      const settings = { token, body: { administratorsSetPasswords: true } };
      const update = () => service.send('PATCH', `/v1/tenants/${tenantId.acme}`, settings);
      expect(await expectNoWrites(service, update)).toMatchObject({
        status: 403,
        body: { code: 'forbidden' },
      });
      const takeOver = () => changeInCredible(owner.email, { email: newEmail() }, token);
      expect(await expectNoWrites(service, takeOver)).toMatchObject({
        status: 403,
        body: { code: 'forbidden' },
      });
    }
    await reset(owner.email);
    expect((await transfer(next, await signIn(owner, newPassword))).status).toBe(200);
  });
});
