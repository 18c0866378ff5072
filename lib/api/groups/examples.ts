import { exampleCreatedTime, exampleUpdatedTime } from '../doc-parts.ts';
import type { OperationContent } from '../operation-doc.ts';
import { credibleGroup } from './credible.ts';
import { credibleGroupMember, credibleMemberList } from './credible-members.ts';
import type { GroupOperation } from './group-codec.ts';
import type { GroupMemberOperation } from './member-codec.ts';

const create = { groupName: 'billing', description: 'Sends invoices.' };
const group = {
  organizationName: 'acme',
  ...create,
  createdAt: exampleCreatedTime,
  updatedAt: exampleCreatedTime,
};
const member = { userGroupId: 'user:jsmith@example.com', status: 'member' };
const { parameter, response, list } = credibleGroup;
const { parameter: childParameter, addResponse } = credibleGroupMember;

/** Contents of the operations on groups and members in Credible's API. */
export const credibleGroupContents = {
  createGroup: () => ({
    request: { schema: credibleGroup.createInput(), example: create },
    response: { schema: response(), example: group },
    responseDescription: 'The created group.',
    ...(credibleGroup.mapCreateError && { mapError: credibleGroup.mapCreateError }),
  }),
  listGroups: () => ({
    query: list.query(),
    response: { schema: list.response(), example: list.toResponse([group], undefined) },
    responseDescription: 'A page of groups.',
  }),
  getGroup: () => ({
    parameter,
    response: { schema: response(), example: group },
    responseDescription: 'The group.',
  }),
  updateGroup: () => ({
    parameter,
    request: { schema: credibleGroup.updateInput(), example: { description: 'Pays bills.' } },
    response: {
      schema: response(),
      example: { ...group, description: 'Pays bills.', updatedAt: exampleUpdatedTime },
    },
    responseDescription: 'The updated group.',
    acceptsIfMatch: true,
  }),
  deleteGroup: () => ({ parameter, responseDescription: 'No content.', acceptsIfMatch: true }),
  listAllGroupMembers: () => ({
    parameter,
    response: { schema: credibleMemberList.response(), example: { members: [member] } },
    responseDescription: 'All members.',
  }),
  addGroupMembers: () => ({
    parameter,
    request: { schema: credibleGroupMember.addInput(), example: { members: [member] } },
    response: { schema: addResponse(), example: { code: 'ok', message: 'Members added' } },
    responseDescription: 'Confirmation.',
  }),
  updateGroupMember: () => ({
    parameter,
    childParameter,
    request: { schema: credibleGroupMember.updateInput(), example: { status: 'admin' } },
    response: { schema: addResponse(), example: { code: 'ok', message: 'Member updated' } },
    responseDescription: 'Confirmation.',
  }),
  removeGroupMembers: () => ({
    parameter,
    request: {
      schema: credibleGroupMember.removeInput(),
      example: { members: [{ userGroupId: member.userGroupId }] },
    },
    response: { schema: addResponse(), example: { code: 'ok', message: 'Members removed' } },
    responseDescription: 'Confirmation.',
  }),
} satisfies Partial<
  Record<GroupOperation | GroupMemberOperation | 'listAllGroupMembers', () => OperationContent>
>;
