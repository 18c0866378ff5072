import type { Attribute } from './attribute.ts';

/** Attributes of every resource (RFC 7643 §3, §3.1), which `/Schemas` does not list. */
export const commonAttributes: readonly Attribute[] = [
  {
    name: 'schemas',
    type: 'reference',
    description: 'URNs of the schemas of the resource.',
    multiValued: true,
    caseExact: true,
    mutability: 'readOnly',
    returned: 'always',
    referenceTypes: ['uri'],
  },
  {
    name: 'id',
    type: 'string',
    description: 'ID of the resource.',
    caseExact: true,
    mutability: 'readOnly',
    returned: 'always',
    uniqueness: 'server',
    key: 'id',
  },
  {
    name: 'externalId',
    type: 'string',
    description: 'ID in the identity provider.',
    caseExact: true,
    maxLength: 1024,
    key: 'externalId',
  },
  {
    name: 'meta',
    type: 'complex',
    description: 'Metadata of the resource.',
    mutability: 'readOnly',
    subAttributes: [
      {
        name: 'resourceType',
        type: 'string',
        description: 'Name of the resource type.',
        caseExact: true,
        mutability: 'readOnly',
      },
      {
        name: 'created',
        type: 'dateTime',
        description: 'Time of the creation.',
        mutability: 'readOnly',
      },
      {
        name: 'lastModified',
        type: 'dateTime',
        description: 'Time of the last change.',
        mutability: 'readOnly',
      },
      {
        name: 'location',
        type: 'reference',
        description: 'URL of the resource.',
        caseExact: true,
        mutability: 'readOnly',
        referenceTypes: ['uri'],
      },
      {
        name: 'version',
        type: 'string',
        description: 'Version of the resource, which the `ETag` header repeats.',
        caseExact: true,
        mutability: 'readOnly',
      },
    ],
  },
];
