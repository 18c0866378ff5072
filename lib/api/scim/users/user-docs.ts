/** OpenAPI parts of operations on one user. */
import * as z from 'zod';
import { buildResourceDoc, projectionQuery } from '../resource-docs.ts';
import { buildUserSchema, userUrn } from '../schema/user.ts';

const baseUrl = 'https://roster.example.com/scim/v2';
export const userId = '2f9c5c4e-6a2f-4b6e-9d3c-1f0a5b7c8d9e';
const location = `${baseUrl}/Users/${userId}`;

export const userInput = {
  schemas: [userUrn],
  userName: 'jsmith@example.com',
  externalId: '00ujl29u0le5T6Aj10h7',
  name: { givenName: 'Jane', familyName: 'Smith' },
  displayName: 'Jane Smith',
  emails: [{ value: 'jsmith@example.com', type: 'work', primary: true }],
  active: true,
};

export const userExample = {
  ...userInput,
  id: userId,
  meta: {
    resourceType: 'User',
    created: '2026-01-31T09:30:00.000Z',
    lastModified: '2026-01-31T09:30:00.000Z',
    location,
    version: 'W/"1"',
  },
};

export const user = buildResourceDoc(buildUserSchema(), 'ScimUser');
export const responseUser = {
  response: { schema: user, example: userExample },
  responseDescription: 'The user.',
  hasEtag: true,
  location,
};
export const projection = z.object(projectionQuery);
