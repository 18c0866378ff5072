import * as z from 'zod';
import type { ResourceDoc } from '../../operation-doc.ts';
import { Failure } from '../../../domain/kernel/failure.ts';
import { buildGroupSchema, groupUrn } from '../schema/group.ts';
import { buildUserSchema } from '../schema/user.ts';
import { buildResourceTypes, buildSchemas } from './schema-documents.ts';
import { buildServiceProviderConfig } from './service-provider-config.ts';

type DiscoveryOperation =
  | 'scimGetServiceProviderConfig'
  | 'scimListResourceTypes'
  | 'scimGetResourceType'
  | 'scimListSchemas'
  | 'scimGetSchema';

const feature = (description: string) =>
  z
    .looseObject({ supported: z.boolean().meta({ description: 'True if supported.' }) })
    .meta({ description });

const serviceProviderConfig = z
  .strictObject({
    schemas: z.array(z.string()).meta({ description: 'URN of the schema.' }),
    documentationUri: z.url().meta({ description: 'URL of the API reference.' }),
    patch: feature('Changes with PATCH.'),
    bulk: feature('Bulk requests, with their largest number of operations and of bytes.'),
    filter: feature('Filters, with the largest page.'),
    changePassword: feature('Passwords. Depends on the connection.'),
    sort: feature('Sorted lists.'),
    etag: feature('Versions in `ETag`, `If-Match` and `If-None-Match`.'),
    pagination: z
      .looseObject({})
      .meta({ description: 'Pages by index (RFC 7644) and by cursor (RFC 9865).' }),
    authenticationSchemes: z
      .array(z.looseObject({ type: z.string().meta({ description: 'Type of the scheme.' }) }))
      .meta({ description: 'Ways to authenticate.' }),
    meta: z.looseObject({}).meta({ description: 'Resource type and URL.' }),
  })
  .meta({ id: 'ScimServiceProviderConfig' });

const document = (id: string, description: string) =>
  z
    .looseObject({
      schemas: z.array(z.string()).meta({ description: 'URN of the schema of the document.' }),
      id: z.string().meta({ description: 'ID of the document.' }),
    })
    .meta({ id, description });

const resourceType = document('ScimResourceType', 'A type of resources (RFC 7643 §6).');
const schema = document('ScimSchema', 'Attributes of a type of resources (RFC 7643 §7).');

const buildListSchema = (item: z.ZodType, id: string) =>
  z
    .strictObject({
      schemas: z.array(z.string()).meta({ description: 'URN of the list message.' }),
      totalResults: z.int().meta({ description: 'Number of documents.' }),
      startIndex: z.int().meta({ description: 'Index of the first document: 1.' }),
      itemsPerPage: z.int().meta({ description: 'Number of documents in the response.' }),
      Resources: z.array(item).meta({ description: 'All documents.' }),
    })
    .meta({ id });

const baseUrl = 'https://roster.example.com/scim/v2';
const resourceSchemas = [buildUserSchema(), buildGroupSchema()];
const resourceTypeExamples = buildResourceTypes(resourceSchemas, baseUrl);
const schemaExamples = buildSchemas([buildGroupSchema()], baseUrl);

const toList = (items: readonly object[]) => ({
  schemas: ['urn:ietf:params:scim:api:messages:2.0:ListResponse'],
  totalResults: items.length,
  startIndex: 1,
  itemsPerPage: items.length,
  Resources: items,
});

const pathParameter = (name: string, description: string, example: string) => ({
  name,
  description,
  example,
});

const filterError = {
  forbidden: {
    text: 'the request has a filter, which discovery does not support',
    example: new Failure('forbidden', 'Filters do not apply to discovery'),
  },
};

export const discoveryDoc: ResourceDoc<DiscoveryOperation> = {
  name: 'Discovery',
  description: 'Features, resource types and schemas of the SCIM API (RFC 7644 §4).',
  operations: {
    scimGetServiceProviderConfig: {
      summary: 'Get the supported features',
      description: 'Returns the features of the SCIM API. Every caller of the tenant can call it.',
      errors: filterError,
      content: () => ({
        response: {
          schema: serviceProviderConfig,
          example: buildServiceProviderConfig({
            origin: 'https://roster.example.com',
            baseUrl,
            changePassword: false,
          }),
        },
        responseDescription: 'The supported features.',
      }),
    },
    scimListResourceTypes: {
      summary: 'List resource types',
      description: 'Returns users and groups as types. Every caller of the tenant can call it.',
      errors: filterError,
      content: () => ({
        response: {
          schema: buildListSchema(resourceType, 'ScimResourceTypeList'),
          example: toList(resourceTypeExamples),
        },
        responseDescription: 'All resource types.',
      }),
    },
    scimGetResourceType: {
      summary: 'Get a resource type',
      description:
        'Returns a type with its path and schemas. Every caller of the tenant can call it.',
      errors: filterError,
      content: () => ({
        parameter: pathParameter('name', 'Name of the type, in any case.', 'User'),
        response: { schema: resourceType, example: resourceTypeExamples[0] ?? {} },
        responseDescription: 'The resource type.',
      }),
    },
    scimListSchemas: {
      summary: 'List schemas',
      description:
        'Returns the attributes of users, groups and the discovery documents. Every caller of the tenant can call it.',
      errors: filterError,
      content: () => ({
        response: {
          schema: buildListSchema(schema, 'ScimSchemaList'),
          example: toList(schemaExamples.slice(0, 1)),
        },
        responseDescription: 'All schemas.',
      }),
    },
    scimGetSchema: {
      summary: 'Get a schema',
      description: 'Returns the attributes of a schema. Every caller of the tenant can call it.',
      errors: filterError,
      content: () => ({
        parameter: pathParameter('urn', 'URN of the schema, in any case.', groupUrn),
        response: { schema, example: schemaExamples[0] ?? {} },
        responseDescription: 'The schema.',
      }),
    },
  },
};
