import type { Attribute, Schema } from './attribute.ts';

export const enterpriseUserUrn = 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User';

const text = (name: string, description: string): Attribute => ({
  name,
  type: 'string',
  description,
});

/** Enterprise extension of users (RFC 7643 §4.3). */
export const enterpriseUserSchema: Schema = {
  id: enterpriseUserUrn,
  name: 'EnterpriseUser',
  description: 'Enterprise User',
  attributes: [
    text('employeeNumber', 'Number that the organization assigns.'),
    text('costCenter', 'Cost center.'),
    text('organization', 'Organization.'),
    text('division', 'Division.'),
    text('department', 'Department.'),
    {
      name: 'manager',
      type: 'complex',
      description: 'Manager of the user.',
      subAttributes: [
        {
          ...text('value', 'ID of the manager. The manager need not exist.'),
          caseExact: true,
        },
        {
          name: '$ref',
          type: 'reference',
          description: 'URL of the manager, if the user exists.',
          caseExact: true,
          mutability: 'readOnly',
          referenceTypes: ['User'],
        },
        {
          ...text('displayName', 'Name of the manager, if the user exists.'),
          mutability: 'readOnly',
        },
      ],
    },
  ],
};
