import type { Attribute, Schema } from '../schema/attribute.ts';

/** Attribute of a discovery document. All are read-only. */
const attribute = (
  name: string,
  type: Attribute['type'],
  description: string,
  rest: Partial<Attribute> = {},
): Attribute => ({
  name,
  type,
  description,
  caseExact: true,
  mutability: 'readOnly',
  ...rest,
});

const complex = (
  name: string,
  description: string,
  subAttributes: readonly Attribute[],
  rest: Partial<Attribute> = {},
): Attribute => attribute(name, 'complex', description, { subAttributes, ...rest });

const flag = attribute('supported', 'boolean', 'True if supported.', { required: true });
const feature = (name: string, description: string, further: readonly Attribute[] = []) =>
  complex(name, description, [flag, ...further], { required: true });

const always = { required: true };
const uri = { referenceTypes: ['uri'] };

const serviceProviderConfig: Schema = {
  id: 'urn:ietf:params:scim:schemas:core:2.0:ServiceProviderConfig',
  name: 'Service Provider Configuration',
  description: 'Features of the service',
  attributes: [
    attribute('documentationUri', 'reference', 'URL of the documentation.', {
      referenceTypes: ['external'],
    }),
    feature('patch', 'Changes with PATCH.'),
    feature('bulk', 'Bulk requests.', [
      attribute('maxOperations', 'integer', 'Maximum number of operations.', always),
      attribute('maxPayloadSize', 'integer', 'Maximum size in bytes.', always),
    ]),
    feature('filter', 'Filters.', [
      attribute('maxResults', 'integer', 'Maximum number of resources on a page.', always),
    ]),
    feature('changePassword', 'Passwords.'),
    feature('sort', 'Sorted lists.'),
    feature('etag', 'Versions of resources.'),
    complex('pagination', 'Pages of lists (RFC 9865).', [
      attribute('cursor', 'boolean', 'True if pages by cursor are supported.', always),
      attribute('index', 'boolean', 'True if pages by index are supported.', always),
      attribute('defaultPaginationMethod', 'string', 'Method without paging parameters.'),
      attribute('defaultPageSize', 'integer', 'Number of resources without count.'),
      attribute('maxPageSize', 'integer', 'Maximum number of resources on a page.'),
      attribute('cursorTimeout', 'integer', 'Lifetime of a cursor in seconds.'),
    ]),
    complex(
      'authenticationSchemes',
      'Ways to authenticate.',
      [
        attribute('type', 'string', 'Kind of scheme.', {
          required: true,
          canonicalValues: ['oauth', 'oauth2', 'oauthbearertoken', 'httpbasic', 'httpdigest'],
        }),
        attribute('name', 'string', 'Name of the scheme.', always),
        attribute('description', 'string', 'Description of the scheme.', always),
        attribute('specUri', 'reference', 'URL of the specification.', {
          referenceTypes: ['external'],
        }),
        attribute('primary', 'boolean', 'True for the preferred scheme.'),
      ],
      { required: true, multiValued: true },
    ),
  ],
};

const resourceType: Schema = {
  id: 'urn:ietf:params:scim:schemas:core:2.0:ResourceType',
  name: 'ResourceType',
  description: 'Type of resources',
  attributes: [
    attribute('id', 'string', 'Name of the type.'),
    attribute('name', 'string', 'Name of the type.', always),
    attribute('description', 'string', 'Description of the type.'),
    attribute('endpoint', 'reference', 'Path of the resources.', { required: true, ...uri }),
    attribute('schema', 'reference', 'URN of the core schema.', { required: true, ...uri }),
    complex(
      'schemaExtensions',
      'Extensions of the core schema.',
      [
        attribute('schema', 'reference', 'URN of the extension.', { required: true, ...uri }),
        attribute('required', 'boolean', 'True if every resource has the extension.', always),
      ],
      { multiValued: true },
    ),
  ],
};

/** Characteristics of an attribute (RFC 7643 §7). */
const characteristics: readonly Attribute[] = [
  attribute('name', 'string', 'Name of the attribute.', always),
  attribute('type', 'string', 'Type of the value.', {
    required: true,
    canonicalValues: [
      'string',
      'complex',
      'boolean',
      'decimal',
      'integer',
      'dateTime',
      'reference',
      'binary',
    ],
  }),
  attribute('multiValued', 'boolean', 'True for several values.', always),
  attribute('description', 'string', 'Meaning of the attribute.'),
  attribute('required', 'boolean', 'True if every resource has a value.'),
  attribute('canonicalValues', 'string', 'Suggested values.', { multiValued: true }),
  attribute('caseExact', 'boolean', 'True if values differ by case.'),
  attribute('mutability', 'string', 'Whether and when clients can write it.', {
    canonicalValues: ['readOnly', 'readWrite', 'immutable', 'writeOnly'],
  }),
  attribute('returned', 'string', 'When responses contain it.', {
    canonicalValues: ['always', 'never', 'default', 'request'],
  }),
  attribute('uniqueness', 'string', 'Scope in which values are unique.', {
    canonicalValues: ['none', 'server', 'global'],
  }),
  attribute('referenceTypes', 'string', 'Types of a reference.', { multiValued: true }),
];

const schema: Schema = {
  id: 'urn:ietf:params:scim:schemas:core:2.0:Schema',
  name: 'Schema',
  description: 'Attributes of a type of resources',
  attributes: [
    attribute('id', 'string', 'URN of the schema.', always),
    attribute('name', 'string', 'Name of the schema.'),
    attribute('description', 'string', 'Description of the schema.'),
    complex(
      'attributes',
      'Attributes of the schema.',
      [
        ...characteristics,
        complex('subAttributes', 'Attributes of a complex attribute.', characteristics, {
          multiValued: true,
        }),
      ],
      { required: true, multiValued: true },
    ),
  ],
};

/** Schemas of the discovery documents (RFC 7643 §8.7.2). */
export const discoverySchemas: readonly Schema[] = [serviceProviderConfig, resourceType, schema];
