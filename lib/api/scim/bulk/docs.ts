import * as z from 'zod';
import { Failure } from '../../../domain/kernel/failure.ts';
import type { ResourceDoc } from '../../operation-doc.ts';

const userUrn = 'urn:ietf:params:scim:schemas:core:2.0:User';
const messageUrn = (name: string) => `urn:ietf:params:scim:api:messages:2.0:${name}`;
const schemas = z.array(z.string()).meta({ description: 'URN of the message.' });
const method = z
  .enum(['POST', 'PUT', 'PATCH', 'DELETE'])
  .meta({ description: 'Method of the operation.' });
const bulkId = z.string().meta({
  description: 'Name of a new resource in this request, to which other operations can refer.',
});

const bulkRequest = z
  .looseObject({
    schemas: schemas.optional(),
    failOnErrors: z.number().min(1).optional().meta({
      description: 'Number of failures after which no further operation runs. Default: no limit.',
    }),
    Operations: z
      .array(
        z.looseObject({
          method,
          bulkId: bulkId.optional(),
          version: z
            .string()
            .optional()
            .meta({ description: 'Expected version, like `If-Match`.' }),
          path: z.string().meta({
            description:
              '`/Users` or `/Groups` for POST, otherwise with an ID or `bulkId:<name>` after it.',
          }),
          data: z
            .looseObject({})
            .optional()
            .meta({ description: 'Body of the operation. `bulkId:<name>` is replaced by the ID.' }),
        }),
      )
      .max(100)
      .meta({ description: 'Operations in order.' }),
  })
  .meta({ id: 'ScimBulkRequest' });

const bulkResponse = z
  .strictObject({
    schemas,
    Operations: z
      .array(
        z.strictObject({
          method,
          bulkId: bulkId.optional(),
          version: z.string().optional().meta({ description: 'Version after the operation.' }),
          location: z.string().optional().meta({ description: 'URL of the resource.' }),
          status: z.string().meta({ description: 'HTTP status, as text.' }),
          response: z
            .looseObject({})
            .optional()
            .meta({ description: 'Error of an operation that failed.' }),
        }),
      )
      .meta({ description: 'Results of the operations that ran, in the order of the request.' }),
  })
  .meta({ id: 'ScimBulkResponse' });

export const bulkDoc: ResourceDoc<'scimBulk'> = {
  name: 'Bulk requests',
  description: 'Several changes in one request (RFC 7644 §3.7).',
  operations: {
    scimBulk: {
      summary: 'Run several operations',
      description:
        'Runs up to 100 operations in order, each with its own authorization, transaction and log entry. An operation with `bulkId:<name>` runs after the one that creates the resource. The response is 200 even if operations failed. An operation that refers to a missing resource is 409.',
      errors: {
        payload_too_large: {
          text: 'the body has more than 1 MiB or more than 100 operations',
          example: new Failure(
            'payload_too_large',
            'A bulk request can have at most 100 operations',
          ),
        },
      },
      content: () => ({
        request: {
          schema: bulkRequest,
          example: {
            schemas: [messageUrn('BulkRequest')],
            failOnErrors: 1,
            Operations: [
              {
                method: 'POST',
                bulkId: 'jane',
                path: '/Users',
                data: { schemas: [userUrn], userName: 'jane@example.com' },
              },
            ],
          },
        },
        response: {
          schema: bulkResponse,
          example: {
            schemas: [messageUrn('BulkResponse')],
            Operations: [
              {
                method: 'POST',
                bulkId: 'jane',
                version: 'W/"1"',
                location:
                  'https://roster.example.com/scim/v2/Users/01234567-89ab-4def-8123-456789abcdef',
                status: '201',
              },
            ],
          },
        },
        responseDescription: 'The results of the operations.',
      }),
    },
  },
};
