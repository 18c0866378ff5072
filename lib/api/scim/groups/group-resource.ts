import type { Group } from '../../../domain/groups/group.ts';
import type { MembersVersion } from '../../../domain/groups/members-version.ts';
import { invalidInput } from '../../../domain/kernel/failure.ts';
import type { Uuid } from '../../../domain/kernel/ids.ts';
import {
  addVersions,
  type ProvisionedGroup,
} from '../../../domain/provisioning/provision-group.ts';
import { formatDisplayName, type User } from '../../../domain/users/user.ts';
import { findLineFault } from '../../characters.ts';
import type { ScimResource } from '../schema/attribute.ts';
import { groupUrn } from '../schema/group.ts';

interface GroupView {
  readonly group: Group;
  readonly version: MembersVersion;
  /** Undefined for a response without members. Users are missing in a large group. */
  readonly members?: readonly { readonly id: Uuid; readonly user?: User | undefined }[] | undefined;
}

/** Converts a group to a resource. */
export function toScimGroup({ group, version, members }: GroupView, baseUrl: string): ScimResource {
  const { groupId, createdAt, updatedAt = createdAt, managedBy } = group;
  const { changedAt = updatedAt } = version;
  return {
    schemas: [groupUrn],
    id: groupId,
    ...(managedBy?.externalId !== undefined && { externalId: managedBy.externalId }),
    displayName: group.displayName ?? group.name,
    ...(members && members.length > 0 && { members: members.map(toMember) }),
    meta: {
      resourceType: 'Group',
      created: createdAt,
      lastModified: changedAt > updatedAt ? changedAt : updatedAt,
      location: `${baseUrl}/Groups/${groupId}`,
      version: `W/"${addVersions(group, version)}"`,
    },
  };

  function toMember({ id, user }: { readonly id: Uuid; readonly user?: User | undefined }) {
    if (!user) return { value: id, type: 'User' };
    const display = user.name ?? formatDisplayName(user);
    const $ref = `${baseUrl}/Users/${id}`;
    return { value: id, $ref, type: 'User', ...(display !== null && { display }) };
  }
}

/** Reads the attributes of a group, apart from the members. Throws `invalid_input`. */
export function toProvisionedGroup(resource: ScimResource): ProvisionedGroup {
  const { externalId } = resource;
  const displayName = String(resource['displayName']);
  const message = findLineFault(displayName);
  if (message !== undefined) throw invalidInput({ path: 'displayName', message });
  return { displayName, ...(typeof externalId === 'string' && { externalId }) };
}
