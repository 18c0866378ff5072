import {
  exampleCreatedTime,
  exampleUpdatedTime,
  exampleUserId,
  versionErrors,
} from '../doc-parts.ts';
import type { OperationContent, ResourceDoc } from '../operation-doc.ts';
import { byUserId } from '../users/user-codec.ts';
import type { GroupOperation } from './group-codec.ts';
import type { GroupMemberOperation } from './member-codec.ts';
import { nativeGroup } from './native.ts';
import { nativeGroupMember } from './native-members.ts';
import { userGroupList } from './user-groups.ts';

const groupId = nativeGroup.parameter.example;
const memberId = exampleUserId;
const texts = {
  name: 'billing',
  displayName: 'Billing',
  description: 'Sends invoices.',
  externalId: '4711',
};
const roleIds = ['cradl:role:auditor'];
const group = {
  groupId,
  ...texts,
  roleIds,
  version: 1,
  createdTime: exampleCreatedTime,
  createdBy: 'admin',
  updatedTime: null,
  updatedBy: null,
};
const updated = { version: 2, updatedTime: exampleUpdatedTime, updatedBy: 'admin' };
const membership = {
  memberId,
  type: 'user',
  status: 'member',
  joinedTime: exampleCreatedTime,
  addedBy: 'admin',
};
const member = { ...membership, name: 'Jane Smith', email: 'jsmith@example.com', active: true };
const userGroup = {
  groupId,
  name: texts.name,
  displayName: texts.displayName,
  roleIds,
  status: 'member',
  joinedTime: exampleCreatedTime,
  addedBy: 'admin',
};

const { parameter } = nativeGroup;
const childParameter = nativeGroupMember.parameter;
const groupContent = (content: OperationContent) => (): OperationContent => ({
  parameter,
  hasEtag: true,
  ...content,
});
const memberContent = (content: OperationContent) => (): OperationContent => ({
  parameter,
  ...content,
});
const rights =
  'Requires the permission `groups:write`, or the status `admin` in the group, and all permissions that members have through the group.';

/** OpenAPI texts of groups. */
export const groupDoc: ResourceDoc<
  GroupOperation | GroupMemberOperation | 'listUserGroups' | 'listOwnGroups'
> = {
  name: 'Groups',
  description: 'Users, app clients and other groups that share roles.',
  operations: {
    createGroup: {
      summary: 'Create a group',
      description:
        'Creates a group without members. Requires the permission `groups:write`. You can include only roles whose permissions you hold. A tenant can have 1,000 groups.',
      errors: { group_exists: {}, group_limit_reached: {}, invalid_roles: {} },
      content: groupContent({
        request: { schema: nativeGroup.createInput(), example: { ...texts, roleIds } },
        response: { schema: nativeGroup.response(), example: group },
        responseDescription: 'The created group.',
        location: `/v1/groups/${groupId}`,
      }),
    },
    listGroups: {
      summary: 'List groups',
      description:
        'Returns the groups of the tenant in the order of their names, one page at a time. `nextToken` requests the next page and is valid for 30 days. Requires the permission `groups:read`.',
      content: () => ({
        query: nativeGroup.list.query(),
        response: {
          schema: nativeGroup.list.response(),
          example: nativeGroup.list.toResponse([group], undefined),
        },
        responseDescription: 'A page of groups.',
      }),
    },
    getGroup: {
      summary: 'Get a group',
      description:
        'Returns a group. Requires the permission `groups:read`, or the status `admin` in the group.',
      content: groupContent({
        response: { schema: nativeGroup.response(), example: group },
        responseDescription: 'The group.',
      }),
    },
    updateGroup: {
      summary: 'Update a group',
      description:
        'Changes only the fields in the body. Null or blank text removes a value. `roleIds` replaces all roles, for all members within 30 seconds. Requires the permission `groups:write`, and all permissions that members have and get through the group. For the display name and description, the status `admin` in the group suffices.',
      errors: { ...versionErrors('group'), group_exists: {}, invalid_roles: {} },
      content: groupContent({
        request: { schema: nativeGroup.updateInput(), example: { description: 'Pays bills.' } },
        response: {
          schema: nativeGroup.response(),
          example: { ...group, ...updated, description: 'Pays bills.' },
        },
        responseDescription: 'The updated group.',
        acceptsIfMatch: true,
      }),
    },
    deleteGroup: {
      summary: 'Delete a group',
      description:
        'Deletes a group. Its members lose its roles within 30 seconds, and at once for changes. Its name is free. The group can be restored with its members for 30 days, unless the deployment has another setting. Requires the permission `groups:write` and all permissions that members have through the group.',
      errors: versionErrors('group'),
      content: groupContent({
        responseDescription: 'No content.',
        acceptsIfMatch: true,
        hasEtag: false,
      }),
    },
    restoreGroup: {
      summary: 'Restore a group',
      description:
        'Restores a deleted group with its members. Requires the permission `groups:write` and all permissions that members get through the group.',
      errors: {
        ...versionErrors('group'),
        group_exists: {},
        group_limit_reached: {},
        invalid_nesting: {},
        restore_expired: { text: 'the group can no longer be restored' },
      },
      content: groupContent({
        response: { schema: nativeGroup.response(), example: { ...group, ...updated } },
        responseDescription: 'The restored group.',
        acceptsIfMatch: true,
      }),
    },
    listGroupMembers: {
      summary: 'List the members of a group',
      description:
        'Returns the direct members of a group: app clients, groups, users, one page at a time. Deleted members are left out, so a page can be short. Requires the permission `groups:read`, or the status `admin` in the group.',
      content: memberContent({
        query: nativeGroupMember.list.query(),
        response: {
          schema: nativeGroupMember.list.response(),
          example: nativeGroupMember.list.toResponse([member], undefined),
        },
        responseDescription: 'A page of members.',
      }),
    },
    addGroupMembers: {
      summary: 'Add members to a group',
      description: `Adds up to 20 members, including at most 10 groups, in one transaction. A member that the group has already gets the new status. ${rights} Groups can be nested five deep, without cycles. A group can have 50,000 members.`,
      errors: { group_limit_reached: {}, invalid_nesting: {} },
      content: memberContent({
        request: {
          schema: nativeGroupMember.addInput(),
          example: { members: [{ memberId, status: 'member' }] },
        },
        response: { schema: nativeGroupMember.addResponse(), example: { members: [membership] } },
        responseDescription: 'The memberships.',
      }),
    },
    updateGroupMember: {
      summary: 'Change the status of a member',
      description: `Changes the status of a member. ${rights}`,
      content: memberContent({
        childParameter,
        request: { schema: nativeGroupMember.updateInput(), example: { status: 'admin' } },
        response: {
          schema: nativeGroupMember.addResponse(),
          example: { members: [{ ...membership, status: 'admin' }] },
        },
        responseDescription: 'The membership.',
      }),
    },
    removeGroupMember: {
      summary: 'Remove a member from a group',
      description: `Removes a member. ${rights} A user with more permissions than you have keeps the permissions of the group: 403.`,
      content: memberContent({ childParameter, responseDescription: 'No content.' }),
    },
    removeGroupMembers: {
      summary: 'Remove members from a group',
      description: `Removes up to 20 members, including at most 10 groups, in one transaction. IDs that are no members have no effect. ${rights}`,
      content: memberContent({
        request: {
          schema: nativeGroupMember.removeInput(),
          example: { memberIds: [memberId] },
        },
        responseDescription: 'No content.',
      }),
    },
    listUserGroups: {
      summary: 'List the groups of a user',
      description:
        'Returns the groups that a user is a direct member of, in the order of their IDs, one page at a time. Requires the permission `groups:read`.',
      content: () => ({
        parameter: byUserId.pathParameter,
        query: userGroupList.query(),
        response: {
          schema: userGroupList.response(),
          example: userGroupList.toResponse([userGroup], undefined),
        },
        responseDescription: 'A page of groups.',
      }),
    },
    listOwnGroups: {
      summary: 'List your groups',
      description:
        'Returns the groups that the caller is a direct member of, in the order of their IDs, one page at a time. An app client gets 404.',
      content: () => ({
        query: userGroupList.query(),
        response: {
          schema: userGroupList.response(),
          example: userGroupList.toResponse([userGroup], undefined),
        },
        responseDescription: 'A page of groups.',
      }),
    },
  },
};
