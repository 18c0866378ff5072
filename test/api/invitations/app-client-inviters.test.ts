import { expect, it } from 'vitest';
import {
  anInvitingService,
  guestOf,
  minute,
  outcome,
} from '../../support/scenarios/invitations.ts';
import { anAppClient, asksForToken, type Client } from '../../support/tokens/roster-tokens.ts';
import { tenantId } from '../../support/service.ts';
import { withoutEffect } from '../../support/expect-no-writes.ts';

const { service, clock, invited, accepts, reads, tokenFor } = await anInvitingService();
const approver = ['cradl:role:approver'];
const revocation = { at: '2026-01-02T00:00:00.000Z', by: 'admin' };

const requestToken = async (client: Client): Promise<string> =>
  (await asksForToken(service, client)).body.access_token;

it('an invitation by an app client grants its roles while the app client is unchanged [R08]', async () => {
  const client = await anAppClient(service, 'acme');
  const { guest, token } = await invited(
    { roleIds: approver },
    { token: await requestToken(client) },
  );
  expect((await accepts(token)).body).toMatchObject({ status: 'active', refusedRoleIds: [] });
  expect(await reads(guest)).toMatchObject({ roleIds: approver, createdBy: client.subject });
});

it('an invitation by a revoked or expired app client is invalid [R08]', async () => {
  for (const change of [{ revocation }, { expiresAt: '2026-01-02T00:00:00.000Z' }]) {
    const client = await anAppClient(service, 'acme');
    const { token } = await invited({ roleIds: approver }, { token: await requestToken(client) });
    await client.becomes(change);
    await withoutEffect(service, async () =>
      expect(outcome(await accepts(token))).toBe('410 invitation_revoked inviter_gone'),
    );
    await client.becomes();
    expect((await accepts(token)).body).toMatchObject({ status: 'active', refusedRoleIds: [] });
  }
});

it('an invitation by an app client grants only roles that its current roles allow [R08]', async () => {
  const client = await anAppClient(service, 'acme');
  const { guest, token } = await invited(
    { roleIds: approver },
    { token: await requestToken(client) },
  );
  await client.becomes({ roles: ['user'] });
  expect((await accepts(token)).body).toMatchObject({ status: 'active', refusedRoleIds: approver });
  expect((await reads(guest)).roleIds).toEqual([]);
});

it('an invitation by an app client with access to all tenants is valid until it is revoked [R08]', async () => {
  const client = await anAppClient(service, 'globex', { roles: [], systemAdministrator: true });
  const token = await requestToken(client);
  const inviteAdmin = async (email: string) => {
    const answer = await service.posts(
      '/v1/users',
      { email, roleIds: ['cradl:role:admin'] },
      { token, headers: { 'x-tenant-id': tenantId.acme } },
    );
    expect(answer.status).toBe(201);
    return tokenFor(guestOf(answer));
  };
  const first = await inviteAdmin('first@x.example');
  const second = await inviteAdmin('second@x.example');
  expect((await accepts(first)).body).toMatchObject({ status: 'active', refusedRoleIds: [] });
  await client.becomes({ revocation });
  clock.leaps(minute);
  expect(outcome(await accepts(second))).toBe('410 invitation_revoked inviter_gone');
});
