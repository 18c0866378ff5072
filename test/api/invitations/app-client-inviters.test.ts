import { expect, it } from 'vitest';
import {
  createInvitationService,
  toInvitedAccount,
  minute,
  outcome,
} from '../../support/scenarios/invitations.ts';
import {
  createTokenAppClient,
  requestAccessToken,
  type Client,
} from '../../support/tokens/roster-tokens.ts';
import { tenantId } from '../../support/service.ts';
import { expectNoWrites } from '../../support/database/expect-no-writes.ts';

const { service, clock, inviteAndReadToken, acceptLink, reads, tokenFor } =
  await createInvitationService();
const approver = ['cradl:role:approver'];
const revocation = { at: '2026-01-02T00:00:00.000Z', by: 'admin' };

const requestToken = async (client: Client): Promise<string> =>
  (await requestAccessToken(service, client)).body.access_token;

it('an invitation by an app client grants its roles while the app client is unchanged [R08]', async () => {
  const client = await createTokenAppClient(service, 'acme');
  const { guest, token } = await inviteAndReadToken(
    { roleIds: approver },
    { token: await requestToken(client) },
  );
  expect((await acceptLink(token)).body).toMatchObject({ status: 'active', refusedRoleIds: [] });
  expect(await reads(guest)).toMatchObject({ roleIds: approver, createdBy: client.subject });
});

it('an invitation by a revoked or expired app client is invalid [R08]', async () => {
  for (const change of [{ revocation }, { expiresAt: '2026-01-02T00:00:00.000Z' }]) {
    const client = await createTokenAppClient(service, 'acme');
    const { token } = await inviteAndReadToken(
      { roleIds: approver },
      { token: await requestToken(client) },
    );
    await client.becomes(change);
    await expectNoWrites(service, async () =>
      expect(outcome(await acceptLink(token))).toBe('410 invitation_revoked inviter_gone'),
    );
    await client.becomes();
    expect((await acceptLink(token)).body).toMatchObject({ status: 'active', refusedRoleIds: [] });
  }
});

it('an invitation by an app client grants only roles that its current roles allow [R08]', async () => {
  const client = await createTokenAppClient(service, 'acme');
  const { guest, token } = await inviteAndReadToken(
    { roleIds: approver },
    { token: await requestToken(client) },
  );
  await client.becomes({ roles: ['user'] });
  expect((await acceptLink(token)).body).toMatchObject({
    status: 'active',
    refusedRoleIds: approver,
  });
  expect((await reads(guest)).roleIds).toEqual([]);
});

it('an invitation by an app client with access to all tenants is valid until it is revoked [R08]', async () => {
  const client = await createTokenAppClient(service, 'globex', {
    roles: [],
    systemAdministrator: true,
  });
  const token = await requestToken(client);
  const inviteAdmin = async (email: string) => {
    const answer = await service.post(
      '/v1/users',
      { email, roleIds: ['cradl:role:admin'] },
      { token, headers: { 'x-tenant-id': tenantId.acme } },
    );
    expect(answer.status).toBe(201);
    return tokenFor(toInvitedAccount(answer));
  };
  const first = await inviteAdmin('first@x.example');
  const second = await inviteAdmin('second@x.example');
  expect((await acceptLink(first)).body).toMatchObject({ status: 'active', refusedRoleIds: [] });
  await client.becomes({ revocation });
  clock.advanceBy(minute);
  expect(outcome(await acceptLink(second))).toBe('410 invitation_revoked inviter_gone');
});
