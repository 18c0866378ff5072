import type { ResourceSchema } from './attribute.ts';

export const groupUrn = 'urn:ietf:params:scim:schemas:core:2.0:Group';

const groupSchema: ResourceSchema = {
  resourceType: 'Group',
  core: {
    id: groupUrn,
    name: 'Group',
    description: 'Group',
    attributes: [
      {
        name: 'displayName',
        type: 'string',
        description: 'Name of the group.',
        required: true,
        maxLength: 255,
        key: 'displayName',
      },
      {
        name: 'members',
        type: 'complex',
        description: 'Direct members. Groups cannot be members.',
        multiValued: true,
        subAttributes: [
          {
            name: 'value',
            type: 'string',
            description: 'ID of the user.',
            caseExact: true,
            mutability: 'immutable',
            key: 'member',
          },
          {
            name: '$ref',
            type: 'reference',
            description: 'URL of the user, whose last part is the ID.',
            caseExact: true,
            mutability: 'immutable',
            referenceTypes: ['User'],
          },
          {
            name: 'display',
            type: 'string',
            description: 'Name of the user, if the user has one.',
            mutability: 'readOnly',
          },
          {
            name: 'type',
            type: 'string',
            description: 'Kind of member.',
            mutability: 'immutable',
            canonicalValues: ['User'],
          },
        ],
      },
    ],
  },
  extensions: [],
};

/** Builds the schema of groups (RFC 7643 §4.2). */
export const buildGroupSchema = (): ResourceSchema => groupSchema;
