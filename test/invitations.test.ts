import { describe, expect, it } from 'vitest';
import { goodPassword } from './creations.ts';
import { anAdminOf, aService, tenantId } from './steps.ts';

const service = await aService();
const token = anAdminOf('acme');

describe('an invitation', () => {
  it('goes out by mail, and its link makes the account the person’s own', async () => {
    const { body: user } = await service.posts(
      '/v1/users',
      { email: 'ada@x.example', name: 'Ada', roleIds: ['cradl:role:user'] },
      { token },
    );
    const [mail] = (await service.delivers()).filter(({ to }) => to.includes('ada@x.example'));
    expect(mail?.subject).toBe('You are invited to set up your account');
    const link = /https:\S+/.exec(mail?.text ?? '')?.[0] ?? '';
    const secret = new URLSearchParams(new URL(link).hash.slice(1)).get('token');
    const { body: shown } = await service.posts('/v1/invitations/inspect', { token: secret });
    expect(shown).toMatchObject({ status: 'pending', email: 'ada@x.example', tenant: { name: 'Acme' } });
    const accepted = await service.posts('/v1/invitations/accept', { token: secret, password: goodPassword });
    expect(accepted.body).toMatchObject({ status: 'active', userId: user.userId });
    const again = await service.posts('/v1/invitations/accept', { token: secret, password: goodPassword });
    expect([again.status, again.body.code]).toEqual([410, 'invitation_used']);
    const now = await service.gets(`/v1/users/${user.userId}`, { token });
    expect(now.body).toMatchObject({ status: 'active', emailVerified: true, version: 2 });
    const invitation = await service.gets(`/v1/users/${user.userId}/invitation`, { token });
    expect(invitation.body).toMatchObject({ status: 'accepted', delivery: { status: 'sent' } });
    const list = await service.gets('/v1/invitations', { token });
    expect(list.body.invitations).toHaveLength(1);
    console.log(mail?.text, invitation.body, tenantId.acme);
  });
});
