import { Failure } from '../../domain/kernel/failure.ts';
import {
  exampleCreatedTime,
  exampleEmail,
  exampleUpdatedTime,
  exampleUserId,
  versionErrors,
} from '../doc-parts.ts';
import type { OperationContent, ResourceDoc } from '../operation-doc.ts';
import { byUserId } from '../users/user-codec.ts';
import { credibleGroupContents as credible } from './examples.ts';
import type { GroupCodec, GroupOperation } from './group-codec.ts';
import { jitsudoGroup } from './jitsudo.ts';
import { jitsudoGroupMember } from './jitsudo-members.ts';
import type { GroupMemberOperation, ListedGroupMemberCodec } from './member-codec.ts';
import { nativeGroup } from './native.ts';
import { nativeGroupMember } from './native-members.ts';
import { rolePathParameter } from '../roles/role-codec.ts';
import { userGroupList } from './user-groups.ts';

interface Dialect {
  readonly codec: GroupCodec;
  /** Request body of a creation. */
  readonly create: object;
  readonly group: object;
  /** Fields that every update changes. */
  readonly change: object;
  readonly memberCodec: ListedGroupMemberCodec;
  readonly addRequest: object;
  readonly addResponse: object;
  readonly member: object;
}

const groupId = nativeGroup.parameter.example;
const memberId = exampleUserId;
const texts = {
  name: 'billing',
  displayName: 'Billing',
  description: 'Sends invoices.',
  externalId: '4711',
};
const roleIds = ['cradl:role:auditor'];
const membership = {
  memberId,
  type: 'user',
  status: 'member',
  joinedTime: exampleCreatedTime,
  addedBy: 'admin',
};
const person = { name: 'Jane Smith', email: exampleEmail, active: true };
const jitsudoMember = {
  id: jitsudoGroupMember.parameter.example,
  ...person,
  membership_source: 'local',
  joined_at: exampleCreatedTime,
};
const userGroup = {
  groupId,
  name: texts.name,
  displayName: texts.displayName,
  roleIds,
  status: 'member',
  joinedTime: exampleCreatedTime,
  addedBy: 'admin',
};

const dialects: Readonly<Record<'native' | 'jitsudo', Dialect>> = {
  native: {
    codec: nativeGroup,
    create: { ...texts, roleIds },
    group: {
      groupId,
      ...texts,
      managedBy: null,
      roleIds,
      version: 1,
      createdTime: exampleCreatedTime,
      createdBy: 'admin',
      updatedTime: null,
      updatedBy: null,
    },
    change: { version: 2, updatedTime: exampleUpdatedTime, updatedBy: 'admin' },
    memberCodec: nativeGroupMember,
    addRequest: { members: [{ memberId, status: 'member' }] },
    addResponse: { members: [membership] },
    member: { ...membership, ...person },
  },
  jitsudo: {
    codec: jitsudoGroup,
    create: { name: texts.name, description: texts.description, roles: ['auditor'] },
    group: {
      id: jitsudoGroup.parameter.example,
      name: texts.name,
      description: texts.description,
      roles: ['auditor'],
      created_at: exampleCreatedTime,
      updated_at: exampleCreatedTime,
    },
    change: { updated_at: exampleUpdatedTime },
    memberCodec: jitsudoGroupMember,
    addRequest: { user_id: jitsudoMember.id },
    addResponse: jitsudoMember,
    member: jitsudoMember,
  },
};

const describeGroup =
  (content: (dialect: Dialect) => OperationContent) =>
  (name: keyof typeof dialects): OperationContent => ({
    parameter: dialects[name].codec.parameter,
    hasEtag: name === 'native',
    ...content(dialects[name]),
  });
const describeMembers =
  (content: (dialect: Dialect) => OperationContent) =>
  (name: keyof typeof dialects): OperationContent => ({
    parameter: dialects[name].codec.parameter,
    ...content(dialects[name]),
  });
/** Adds the content of Credible's API, whose examples differ from those of the other dialects. */
const withCredible =
  (
    content: (name: keyof typeof dialects) => OperationContent,
    credibleContent: () => OperationContent,
  ) =>
  (name: keyof typeof dialects | 'credible'): OperationContent =>
    name === 'credible' ? credibleContent() : content(name);
const groupNotFound = {
  not_found: {
    text: 'the group does not exist in this tenant, or is deleted',
    example: new Failure('not_found', 'The group does not exist in this tenant'),
  },
};
const roleNotFound = {
  not_found: {
    text: 'the group or the role does not exist in this tenant',
    example: new Failure('not_found', 'The role does not exist in this tenant'),
  },
};
const memberNotFound = {
  not_found: {
    text: 'the group does not exist in this tenant, or does not have this member',
    example: new Failure('not_found', 'The member does not exist in this group'),
  },
};
const rights =
  'Requires the permission `groups:write`, or the status `admin` in the group, and all permissions that members have through the group.';

const protectedMembers =
  'From a group with permissions, you cannot remove a user, app client or group that has permissions that you do not hold: 403.';

/** OpenAPI texts of groups. */
export const groupDoc: ResourceDoc<
  GroupOperation | GroupMemberOperation | 'listAllGroupMembers' | 'listUserGroups' | 'listOwnGroups'
> = {
  name: 'Groups',
  description:
    'A group gives its roles to all of its members: users, app clients and other groups of the tenant.',
  operations: {
    createGroup: {
      summary: 'Create a group',
      description:
        'Creates a group without members. Requires the permission `groups:write`. You can include only roles whose permissions you hold. A tenant can have 1,000 groups.',
      errors: { group_exists: {}, group_limit_reached: {}, invalid_roles: {} },
      dialectNotes: { credible: 'The new group has no roles.' },
      content: withCredible(
        describeGroup(({ codec, create, group }) => ({
          request: { schema: codec.createInput(), example: create },
          response: { schema: codec.response(), example: group },
          responseDescription: 'The created group.',
          ...(codec.getLocation && { location: `/v1/groups/${groupId}` }),
        })),
        credible.createGroup,
      ),
    },
    listGroups: {
      summary: 'List groups',
      description:
        'Returns the groups of the tenant in the order of their names, one page at a time. The cursor of a page requests the next one and is valid for 30 days. Deleted groups are left out. Requires the permission `groups:read`.',
      content: withCredible(
        describeGroup(({ codec: { list }, group }) => ({
          query: list.query(),
          response: { schema: list.response(), example: list.toResponse([group], undefined) },
          responseDescription: 'A page of groups.',
          hasEtag: false,
        })),
        credible.listGroups,
      ),
    },
    getGroup: {
      summary: 'Get a group',
      description:
        'Returns a group. Requires the permission `groups:read`, or the status `admin` in the group.',
      errors: groupNotFound,
      content: withCredible(
        describeGroup(({ codec, group }) => ({
          response: { schema: codec.response(), example: group },
          responseDescription: 'The group.',
        })),
        credible.getGroup,
      ),
    },
    updateGroup: {
      summary: 'Update a group',
      description:
        'Changes only the fields in the body. Null or blank text removes a value. New roles replace all roles of the group. They count at once for changes that members make, and within 30 s for reads. Requires the permission `groups:write`, and all permissions that members have and get through the group. To change only the display name and description, the status `admin` in the group suffices.',
      errors: {
        ...groupNotFound,
        ...versionErrors('group'),
        group_exists: {},
        invalid_roles: {},
        managed_by_connection: {},
      },
      dialectNotes: {
        credible:
          'Only the description can change, also by callers with the role `modeler`. A body without fields changes nothing.',
      },
      content: withCredible(
        describeGroup(({ codec, group, change }) => ({
          request: { schema: codec.updateInput(), example: { description: 'Pays bills.' } },
          response: {
            schema: codec.response(),
            example: { ...group, ...change, description: 'Pays bills.' },
          },
          responseDescription: 'The updated group.',
          acceptsIfMatch: true,
        })),
        credible.updateGroup,
      ),
    },
    assignGroupRole: {
      summary: 'Add a role to a group',
      description:
        'Adds one role and keeps the others. A role that the group has changes nothing. Concurrent requests for different roles all take effect. Requires the permission `groups:write`, all permissions that members have through the group, and those of the role. A group can have 20 roles.',
      errors: { ...roleNotFound, ...versionErrors('group') },
      content: describeGroup(({ codec, group, change }) => ({
        childParameter: rolePathParameter,
        response: {
          schema: codec.response(),
          example: { ...group, ...change, roleIds: [rolePathParameter.example] },
        },
        responseDescription: 'The group with the role.',
        acceptsIfMatch: true,
      })),
    },
    removeGroupRole: {
      summary: 'Remove a role from a group',
      description:
        'Removes one role and keeps the others. A role that the group does not have changes nothing. Requires the permission `groups:write` and all permissions that members have through the group.',
      errors: { ...roleNotFound, ...versionErrors('group') },
      content: describeGroup(({ codec, group, change }) => ({
        childParameter: rolePathParameter,
        response: { schema: codec.response(), example: { ...group, ...change, roleIds: [] } },
        responseDescription: 'The group without the role.',
        acceptsIfMatch: true,
      })),
    },
    deleteGroup: {
      summary: 'Delete a group',
      description:
        'Deletes a group and releases its name and external ID. The members lose its roles, at once for changes that they make, and within 30 s for reads. The native API can restore the group with its members for 30 days, unless the deployment has another setting. Afterwards the memberships are removed. Requires the permission `groups:write` and all permissions that members have through the group.',
      errors: { ...groupNotFound, ...versionErrors('group'), managed_by_connection: {} },
      content: withCredible(
        describeGroup(() => ({
          responseDescription: 'No content.',
          acceptsIfMatch: true,
          hasEtag: false,
        })),
        credible.deleteGroup,
      ),
    },
    restoreGroup: {
      summary: 'Restore a group',
      description:
        'Restores a deleted group with its members, nested groups and the groups above it. Its name and external ID must still be free. Requires the permission `groups:write` and all permissions that members get through the group.',
      errors: {
        ...groupNotFound,
        ...versionErrors('group'),
        group_exists: {},
        group_limit_reached: {},
        invalid_nesting: {},
        restore_expired: { text: 'the group can no longer be restored' },
      },
      content: describeGroup(({ codec, group, change }) => ({
        response: { schema: codec.response(), example: { ...group, ...change } },
        responseDescription: 'The restored group.',
        acceptsIfMatch: true,
      })),
    },
    listGroupMembers: {
      summary: 'List the members of a group',
      description:
        'Returns the direct members of a group, one page at a time: first app clients, then groups, then users, each in the order of their IDs. Deleted members are left out, so a page can be short. Requires the permission `groups:read`, or the status `admin` in the group.',
      dialectNotes: { jitsudo: 'Members are users. App clients and nested groups are left out.' },
      errors: groupNotFound,
      content: describeMembers(({ memberCodec: { list }, member }) => ({
        query: list.query(),
        response: { schema: list.response(), example: list.toResponse([member], undefined) },
        responseDescription: 'A page of members.',
      })),
    },
    listAllGroupMembers: {
      summary: 'List the members of a group',
      description:
        'Returns all users and groups that are direct members of a group, in the order of `userGroupId`. App clients and deleted members are left out. A group with more than 1,000 of them is 422. Requires the permission `groups:read`, or the status `admin` in the group.',
      errors: { too_many_results: {} },
      content: credible.listAllGroupMembers,
    },
    addGroupMembers: {
      summary: 'Add members to a group',
      description: `Adds up to 20 members, including at most 10 groups, in one transaction. A member that the group already has gets the new status. ${rights} Groups can be nested 5 deep, without cycles, and a group can be a member of 10 groups. A group can have 50,000 members.`,
      errors: {
        ...groupNotFound,
        group_limit_reached: {},
        invalid_nesting: {},
        managed_by_connection: {},
      },
      dialectNotes: {
        credible: 'Adds users and groups. An unknown one is 404.',
        jitsudo:
          'Adds one user. A user who is already a member keeps the status that the native API shows.',
      },
      content: withCredible(
        describeMembers(({ codec, memberCodec, addRequest, addResponse }) => ({
          request: { schema: memberCodec.addInput(), example: addRequest },
          response: { schema: memberCodec.addResponse(), example: addResponse },
          responseDescription: codec === nativeGroup ? 'The memberships.' : 'The member.',
        })),
        credible.addGroupMembers,
      ),
    },
    updateGroupMember: {
      summary: 'Change the status of a member',
      description: `Changes the status of a member. ${rights}`,
      dialectNotes: { credible: 'The path names a user by email or a group by name.' },
      errors: { ...memberNotFound, managed_by_connection: {} },
      content: withCredible(
        describeMembers(() => ({
          childParameter: nativeGroupMember.parameter,
          request: { schema: nativeGroupMember.updateInput(), example: { status: 'admin' } },
          response: {
            schema: nativeGroupMember.addResponse(),
            example: { members: [{ ...membership, status: 'admin' }] },
          },
          responseDescription: 'The membership.',
        })),
        credible.updateGroupMember,
      ),
    },
    removeGroupMember: {
      summary: 'Remove a member from a group',
      description: `Removes a direct member. ${rights} ${protectedMembers}`,
      errors: { ...memberNotFound, managed_by_connection: {} },
      content: describeMembers(({ memberCodec }) => ({
        childParameter: memberCodec.parameter,
        responseDescription: 'No content.',
      })),
    },
    removeGroupMembers: {
      summary: 'Remove members from a group',
      description: `Removes up to 20 members, including at most 10 groups, in one transaction. IDs of other users, app clients and groups have no effect. ${rights} ${protectedMembers}`,
      dialectNotes: { credible: 'Unknown users and groups have no effect.' },
      errors: { ...groupNotFound, managed_by_connection: {} },
      content: withCredible(
        describeMembers(() => ({
          request: {
            schema: nativeGroupMember.removeInput(),
            example: { memberIds: [memberId] },
          },
          responseDescription: 'No content.',
        })),
        credible.removeGroupMembers,
      ),
    },
    listUserGroups: {
      summary: 'List the groups of a user',
      description:
        'Returns the groups that a user is a direct member of, in the order of the group IDs, one page at a time. Requires the permission `groups:read`.',
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
        'Returns the groups that the caller is a direct member of, in the order of the group IDs, one page at a time. An app client gets 404, because it has no user.',
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
