import { describe, expect, it } from 'vitest';
import { createStage } from '../../support/dialects/stage.ts';
import { assertSequence, readSequences } from '../../support/dialects/steps.ts';
import { adminToken, createTestService, tenantId } from '../../support/service.ts';

const stage = await createStage();

describe('groups of JITSudo', () => {
  it.each(readSequences('jitsudo/groups'))('$title', (sequence) =>
    assertSequence(sequence, { values: { tenantId: stage.tenantId }, headers: {} }, stage),
  );

  it('have users as members, whose status is unchanged', async () => {
    const service = await createTestService();
    const sent = { token: adminToken('acme'), headers: { 'x-tenant-id': tenantId.acme } };
    const { body: user } = await service.post('/v1/users', { email: 'jo@x.example' }, sent);
    const { body: appClient } = await service.post('/v1/app-clients', { name: 'Import' }, sent);
    const { body: inner } = await service.post('/v1/groups', { name: 'inner' }, sent);
    const { body: group } = await service.post('/jitsudo/v1/groups', { name: 'outer' }, sent);
    const nativeMembers = `/v1/groups/cradl:group:${group.id.replaceAll('-', '')}/members`;
    const members = [
      { memberId: user.userId, status: 'admin' },
      { memberId: appClient.appClientId },
      { memberId: inner.groupId },
    ];
    expect(await service.post(nativeMembers, { members }, sent)).toMatchObject({ status: 200 });

    const path = `/jitsudo/v1/groups/${group.id}/members`;
    const { data } = (await service.get(path, sent)).body;
    expect(data).toMatchObject([{ email: 'jo@x.example', name: 'jo@x.example', active: false }]);

    const [{ id }] = data;
    expect(await service.post(path, { user_id: id.toUpperCase() }, sent)).toMatchObject({
      status: 201,
      body: { id },
    });
    const memberPath = `${nativeMembers}?type=user`;
    expect((await service.get(memberPath, sent)).body.members).toMatchObject([{ status: 'admin' }]);
  });
});
