import * as z from 'zod';
import { Failure } from '../../../domain/kernel/failure.ts';
import type { ResourceDoc } from '../../operation-doc.ts';
import { buildListDoc, listQuery, patchDoc, searchDoc } from '../resource-docs.ts';
import { projection, responseUser, user, userExample, userId, userInput } from './user-docs.ts';

type UserOperation =
  | 'scimCreateUser'
  | 'scimListUsers'
  | 'scimSearchUsers'
  | 'scimGetUser'
  | 'scimReplaceUser'
  | 'scimPatchUser'
  | 'scimDeleteUser';

const listExample = {
  schemas: ['urn:ietf:params:scim:api:messages:2.0:ListResponse'],
  totalResults: 1,
  startIndex: 1,
  itemsPerPage: 1,
  Resources: [userExample],
};

const list = buildListDoc(user, 'ScimUserList');
const parameter = { name: 'userId', description: 'ID of the user.', example: userId };
const conflict = {
  user_exists: {
    text: 'another user has the username or email. `Location` has the URL of a user whom the connection manages',
    example: new Failure('user_exists', 'A user with this username already exists'),
  },
};
const notManaged = {
  not_managed: {
    text: 'the connection does not manage the user, or the user owns the tenant',
    example: new Failure('not_managed', 'The user is not managed by this connection'),
  },
};
const brakeError = {
  deprovisioning_held: {
    text: 'the connection has deprovisioned too many users in an hour',
    example: new Failure(
      'deprovisioning_held',
      'The connection has deprovisioned too many users in an hour. An administrator can release it.',
      { details: { retryAfter: 3600 } },
    ),
  },
};

export const scimUserDoc: ResourceDoc<UserOperation> = {
  name: 'Users',
  description:
    'Users of the tenant (RFC 7644 §3). A connection changes only users whom it manages. Other callers change only users without a connection, and their own account only with `/Me`.',
  operations: {
    scimCreateUser: {
      summary: 'Create a user',
      description:
        'Creates a user, or reactivates the inactive user with the same `externalId` or username. The ID then stays the same.',
      errors: { ...conflict, ...notManaged },
      content: () => ({
        query: projection,
        request: { schema: user, example: userInput },
        ...responseUser,
      }),
    },
    scimListUsers: {
      summary: 'List users',
      description:
        'Lists users, by index or by cursor. Filters by ID, username, external ID, email and group read only the users that they select; other filters read up to 10,000 users.',
      content: () => ({
        query: z.object(listQuery),
        response: { schema: list, example: listExample },
        responseDescription: 'A page of users.',
      }),
    },
    scimSearchUsers: {
      summary: 'Search users',
      description: 'Lists users by the parameters in the body.',
      content: () => ({
        request: {
          schema: searchDoc,
          example: {
            schemas: ['urn:ietf:params:scim:api:messages:2.0:SearchRequest'],
            filter: 'userName sw "j"',
            count: 10,
          },
        },
        response: { schema: list, example: listExample },
        responseDescription: 'A page of users.',
      }),
    },
    scimGetUser: {
      summary: 'Get a user',
      description: 'Returns a user. Inactive users are included.',
      content: () => ({ parameter, query: projection, ...responseUser }),
    },
    scimReplaceUser: {
      summary: 'Replace a user',
      description:
        'Clears absent attributes, except `active`, `password`, `roles`, `entitlements` and extensions.',
      errors: { ...conflict, ...notManaged, ...brakeError },
      content: () => ({
        parameter,
        query: projection,
        request: { schema: user, example: userInput },
        acceptsIfMatch: true,
        ...responseUser,
      }),
    },
    scimPatchUser: {
      summary: 'Change a user',
      description: 'Applies all operations, or none. Without an effect, the version stays.',
      errors: { ...conflict, ...notManaged, ...brakeError },
      content: () => ({
        parameter,
        query: projection,
        request: {
          schema: patchDoc,
          example: {
            schemas: ['urn:ietf:params:scim:api:messages:2.0:PatchOp'],
            Operations: [{ op: 'replace', path: 'active', value: false }],
          },
        },
        acceptsIfMatch: true,
        ...responseUser,
      }),
    },
    scimDeleteUser: {
      summary: 'Delete a user',
      description:
        'Deletes a user and frees the username and email. Administrators can restore the user for 30 days.',
      errors: { ...notManaged, ...brakeError },
      content: () => ({
        parameter,
        acceptsIfMatch: true,
        responseDescription: 'The user is deleted.',
      }),
    },
  },
};
