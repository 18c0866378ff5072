import * as z from 'zod';
import type { ResourceDoc } from '../../operation-doc.ts';
import { buildListDoc, listQuery, searchDoc } from '../resource-docs.ts';

type SearchOperation = 'scimList' | 'scimSearch';

const resource = z
  .looseObject({
    schemas: z.array(z.string()).meta({ description: 'URNs of the schemas.' }),
    id: z.string().meta({ description: 'ID of the user or group.' }),
  })
  .meta({ id: 'ScimResource', description: 'A user or a group.' });
const list = buildListDoc(resource, 'ScimResourceList');

const example = {
  schemas: ['urn:ietf:params:scim:api:messages:2.0:ListResponse'],
  totalResults: 1,
  startIndex: 1,
  itemsPerPage: 1,
  Resources: [
    {
      schemas: ['urn:ietf:params:scim:schemas:core:2.0:User'],
      id: '2f9c5c4e-6a2f-4b6e-9d3c-1f0a5b7c8d9e',
      displayName: 'Susan Smith',
    },
  ],
};
const response = {
  response: { schema: list, example },
  responseDescription: 'A page of users and groups.',
};

export const searchResourceDoc: ResourceDoc<SearchOperation> = {
  name: 'Search',
  description: 'Lists of users and groups together (RFC 7644 §3.4.3). Users are first.',
  operations: {
    scimList: {
      summary: 'List users and groups',
      description:
        'Lists users, then groups. A type without an attribute of the filter has no results. Groups require the permission `groups:read`.',
      content: () => ({ query: z.object(listQuery), ...response }),
    },
    scimSearch: {
      summary: 'Search users and groups',
      description: 'Lists users, then groups, by the parameters in the body.',
      content: () => ({
        request: {
          schema: searchDoc,
          example: {
            schemas: ['urn:ietf:params:scim:api:messages:2.0:SearchRequest'],
            attributes: ['displayName'],
            filter: 'displayName sw "s"',
            count: 10,
          },
        },
        ...response,
      }),
    },
  },
};
