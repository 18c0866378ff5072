import type { Schema } from './attribute.ts';

export const rosterUserUrn = 'urn:ietf:params:scim:schemas:extension:roster:2.0:User';

/** Fields of users that SCIM lacks. */
export const rosterUserSchema: Schema = {
  id: rosterUserUrn,
  name: 'RosterUser',
  description: 'Fields of Roster',
  attributes: [
    {
      name: 'description',
      type: 'string',
      description: 'Description of the user.',
      caseExact: true,
      maxLength: 4096,
    },
    {
      name: 'status',
      type: 'string',
      description: 'Status of the user.',
      caseExact: true,
      mutability: 'readOnly',
      returned: 'request',
      canonicalValues: ['invite_pending', 'active', 'inactive'],
    },
    {
      name: 'emailVerified',
      type: 'boolean',
      description: 'True if the email is verified.',
      mutability: 'readOnly',
      returned: 'request',
    },
  ],
};
