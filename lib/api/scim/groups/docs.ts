import * as z from 'zod';
import { Failure } from '../../../domain/kernel/failure.ts';
import type { ResourceDoc } from '../../operation-doc.ts';
import {
  buildListDoc,
  buildResourceDoc,
  listQuery,
  patchDoc,
  projectionQuery,
  searchDoc,
} from '../resource-docs.ts';
import { buildGroupSchema, groupUrn } from '../schema/group.ts';

type GroupOperation =
  | 'scimCreateGroup'
  | 'scimListGroups'
  | 'scimSearchGroups'
  | 'scimGetGroup'
  | 'scimReplaceGroup'
  | 'scimPatchGroup'
  | 'scimDeleteGroup';

const baseUrl = 'https://roster.example.com/scim/v2';
const groupId = '5f0c3d1e-9a7b-4c2d-8e6f-1a2b3c4d5e6f';
const userId = '2f9c5c4e-6a2f-4b6e-9d3c-1f0a5b7c8d9e';
const location = `${baseUrl}/Groups/${groupId}`;

const groupInput = {
  schemas: [groupUrn],
  displayName: 'Sales',
  externalId: '00g1emaKYZTWRYYRRTSK',
  members: [{ value: userId }],
};

const groupExample = {
  ...groupInput,
  id: groupId,
  // Without `$ref`, which viewers of OpenAPI documents resolve.
  members: [{ value: userId, type: 'User', display: 'Jane Smith' }],
  meta: {
    resourceType: 'Group',
    created: '2026-01-31T09:30:00.000Z',
    lastModified: '2026-01-31T09:30:00.000Z',
    location,
    version: 'W/"2"',
  },
};

const listExample = {
  schemas: ['urn:ietf:params:scim:api:messages:2.0:ListResponse'],
  totalResults: 1,
  startIndex: 1,
  itemsPerPage: 1,
  Resources: [groupExample],
};

const group = buildResourceDoc(buildGroupSchema(), 'ScimGroup');
const list = buildListDoc(group, 'ScimGroupList');
const parameter = { name: 'groupId', description: 'ID of the group.', example: groupId };
const responseGroup = {
  response: { schema: group, example: groupExample },
  responseDescription: 'The group.',
  hasEtag: true,
  location,
};
const projection = z.object(projectionQuery);

const conflict = {
  group_exists: {
    text: 'another group of the connection has the display name',
    example: new Failure('group_exists', 'Another group of the connection has this displayName', {
      details: { field: 'displayName' },
    }),
  },
};

export const scimGroupDoc: ResourceDoc<GroupOperation> = {
  name: 'SCIM groups',
  description:
    'Groups of the SCIM connection of the caller (RFC 7644 §3). Other callers read all groups of the tenant.',
  operations: {
    scimCreateGroup: {
      summary: 'Create a group',
      description: 'Creates a group. Unknown members are skipped.',
      errors: conflict,
      content: () => ({
        query: projection,
        request: { schema: group, example: groupInput },
        ...responseGroup,
      }),
    },
    scimListGroups: {
      summary: 'List groups',
      description: 'Lists groups in the order of their names, by index or cursor.',
      content: () => ({
        query: z.object(listQuery),
        response: { schema: list, example: listExample },
        responseDescription: 'The page of groups.',
      }),
    },
    scimSearchGroups: {
      summary: 'Search groups',
      description: 'Lists groups by the parameters in the body.',
      content: () => ({
        request: {
          schema: searchDoc,
          example: {
            schemas: ['urn:ietf:params:scim:api:messages:2.0:SearchRequest'],
            filter: 'displayName sw "s"',
          },
        },
        response: { schema: list, example: listExample },
        responseDescription: 'The page of groups.',
      }),
    },
    scimGetGroup: {
      summary: 'Get a group',
      description:
        'Returns the group with all members. From 1,000 members on, only with their IDs.',
      content: () => ({ parameter, query: projection, ...responseGroup }),
    },
    scimReplaceGroup: {
      summary: 'Replace a group',
      description: 'Replaces the group. Without `members`, they stay.',
      errors: conflict,
      content: () => ({
        parameter,
        query: projection,
        request: { schema: group, example: groupInput },
        acceptsIfMatch: true,
        ...responseGroup,
      }),
    },
    scimPatchGroup: {
      summary: 'Change a group',
      description:
        'Applies all operations. A group with more than 1,000 members is 204 without a body.',
      errors: conflict,
      content: () => ({
        parameter,
        query: projection,
        request: {
          schema: patchDoc,
          example: {
            schemas: ['urn:ietf:params:scim:api:messages:2.0:PatchOp'],
            Operations: [{ op: 'add', path: 'members', value: [{ value: userId }] }],
          },
        },
        acceptsIfMatch: true,
        noContentDescription: 'The group has more than 1,000 members.',
        ...responseGroup,
      }),
    },
    scimDeleteGroup: {
      summary: 'Delete a group',
      description: 'Deletes a group. Administrators can restore it for 30 days.',
      content: () => ({
        parameter,
        acceptsIfMatch: true,
        responseDescription: 'The group is deleted.',
      }),
    },
  },
};
