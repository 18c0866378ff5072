/** Groups and their members, as an administrator of acme unless stated otherwise. */
import { expect } from 'vitest';
import { adminToken, type Service, type TestRequest, type TestResponse } from '../service.ts';
import { toRoleId } from './roles.ts';

export function createGroupRequests(service: Service, token = adminToken('acme')) {
  let names = 0;
  const send = (method: string, path: string, sent: TestRequest = {}): Promise<TestResponse> =>
    service.send(method, path, { token, ...sent });
  const succeed = async (sent: Promise<TestResponse>): Promise<any> => {
    const { status, body, text } = await sent;
    expect(status < 300 ? 'success' : text).toBe('success');
    return body;
  };
  const toMembers = (groupId: string): string => `/v1/groups/${groupId}/members`;

  return {
    send,
    toMembers,
    /** Creates a group with these roles and returns its ID. */
    createGroup: async (roles: readonly string[] = [], more: object = {}): Promise<string> => {
      const body = { name: `Group ${++names}`, roleIds: roles.map(toRoleId), ...more };
      return (await succeed(send('POST', '/v1/groups', { body }))).groupId;
    },
    setRoles: (groupId: string, roles: readonly string[]): Promise<unknown> =>
      succeed(send('PATCH', `/v1/groups/${groupId}`, { body: { roleIds: roles.map(toRoleId) } })),
    addMember: (
      groupId: string,
      memberId: string,
      status: 'member' | 'admin' = 'member',
    ): Promise<unknown> =>
      succeed(send('POST', toMembers(groupId), { body: { members: [{ memberId, status }] } })),
    removeMember: (groupId: string, memberId: string): Promise<unknown> =>
      succeed(send('DELETE', `${toMembers(groupId)}/${memberId}`)),
    deleteGroup: (groupId: string): Promise<unknown> =>
      succeed(send('DELETE', `/v1/groups/${groupId}`)),
    restoreGroup: (groupId: string): Promise<unknown> =>
      succeed(send('POST', `/v1/groups/${groupId}/restore`)),
  };
}
