import * as z from 'zod';
import type { ResourceDoc } from '../../operation-doc.ts';
import { buildServiceProviderConfig } from './service-provider-config.ts';

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

export const discoveryDoc: ResourceDoc<'scimGetServiceProviderConfig'> = {
  name: 'Discovery',
  description: 'Features, resource types and schemas of the SCIM API (RFC 7644 §4).',
  operations: {
    scimGetServiceProviderConfig: {
      summary: 'Get the supported features',
      description: 'Returns the features of the SCIM API. Every caller of the tenant can call it.',
      content: () => ({
        response: {
          schema: serviceProviderConfig,
          example: buildServiceProviderConfig({
            origin: 'https://roster.example.com',
            baseUrl: 'https://roster.example.com/scim/v2',
            changePassword: false,
          }),
        },
        responseDescription: 'The supported features.',
      }),
    },
  },
};
