import type { Attribute, ResourceSchema, Schema } from './attribute.ts';
import { enterpriseUserSchema } from './enterprise-user.ts';
import { rosterUserSchema } from './roster-user.ts';
import { describeValue } from './value-attributes.ts';

export const userUrn = 'urn:ietf:params:scim:schemas:core:2.0:User';

const text = (name: string, description: string, rest: Partial<Attribute> = {}): Attribute => ({
  name,
  type: 'string',
  description,
  ...rest,
});

/** Multi-valued attribute whose values have `value`, `display`, `type` and `primary`. */
const list = (
  name: string,
  description: string,
  value: Omit<Attribute, 'name'> & { readonly noun: string },
  maxValues = 100,
): Attribute => {
  const { noun, ...valueAttribute } = value;
  return {
    name,
    type: 'complex',
    description,
    multiValued: true,
    maxValues,
    subAttributes: [{ name: 'value', ...valueAttribute }, ...describeValue(noun)],
  };
};

/** Attributes before the password (RFC 7643 §4.1.1). */
const profileAttributes: readonly Attribute[] = [
  text('userName', 'Username, unique in the tenant regardless of case.', {
    required: true,
    uniqueness: 'server',
    maxLength: 254,
    isAddress: true,
    key: 'userName',
  }),
  {
    name: 'name',
    type: 'complex',
    description: 'Parts of the name.',
    subAttributes: [
      text('formatted', 'Full name with all parts.', { maxLength: 4096 }),
      text('familyName', 'Last name.', { maxLength: 255 }),
      text('givenName', 'First name.', { maxLength: 255 }),
      text('middleName', 'Middle names.'),
      text('honorificPrefix', 'Title before the name, such as Dr.'),
      text('honorificSuffix', 'Suffix of the name, such as III.'),
    ],
  },
  text('displayName', 'Name that other users see.', { maxLength: 4096 }),
  text('nickName', 'Casual name.'),
  {
    name: 'profileUrl',
    type: 'reference',
    description: 'URL of a profile page.',
    caseExact: true,
    referenceTypes: ['external'],
  },
  text('title', 'Job title.', { maxLength: 255 }),
  text('userType', 'Relationship to the organization, such as Contractor.'),
  text('preferredLanguage', 'Language tag (RFC 5646). A valid one selects the language of emails.'),
  text('locale', 'Location for formats. Selects the language of emails if no other is preferred.'),
  text('timezone', 'Name in the IANA time zone database, such as Europe/Oslo.'),
  {
    name: 'active',
    type: 'boolean',
    description: 'False if the user cannot sign in. Default: true.',
    required: true,
    hasDefault: true,
  },
];

const password: Attribute = {
  name: 'password',
  type: 'string',
  description: 'New password.',
  caseExact: true,
  mutability: 'writeOnly',
  returned: 'never',
};

/** Attributes after the password (RFC 7643 §4.1.2). */
const listAttributes: readonly Attribute[] = [
  list(
    'emails',
    'Email addresses. Values need not be unique.',
    {
      noun: 'email',
      type: 'string',
      description: 'Email address.',
      isAddress: true,
      key: 'email',
    },
    32,
  ),
  list('phoneNumbers', 'Phone numbers.', {
    noun: 'phone number',
    type: 'string',
    description: 'Phone number.',
  }),
  list('ims', 'Addresses of instant messaging.', {
    noun: 'address',
    type: 'string',
    description: 'Address of instant messaging.',
  }),
  list('photos', 'Photos.', {
    noun: 'photo',
    type: 'reference',
    description: 'URL of the photo.',
    caseExact: true,
    referenceTypes: ['external'],
  }),
  {
    name: 'addresses',
    type: 'complex',
    description: 'Postal addresses.',
    multiValued: true,
    maxValues: 100,
    subAttributes: [
      text('formatted', 'Full address with line breaks.'),
      text('streetAddress', 'Street and house number.'),
      text('locality', 'City.'),
      text('region', 'State or region.'),
      text('postalCode', 'Postal code.'),
      text('country', 'Country, such as DE.'),
      text('type', 'Label of the address, such as work or home.'),
      {
        name: 'primary',
        type: 'boolean',
        description: 'True for the preferred address. At most one value is primary.',
      },
    ],
  },
  {
    name: 'groups',
    type: 'complex',
    description: 'Groups with the user as a direct member.',
    multiValued: true,
    mutability: 'readOnly',
    subAttributes: [
      text('value', 'ID of the group.', { caseExact: true, mutability: 'readOnly', key: 'group' }),
      {
        name: '$ref',
        type: 'reference',
        description: 'URL of the group.',
        caseExact: true,
        mutability: 'readOnly',
        referenceTypes: ['Group'],
      },
      text('display', 'Name of the group.', { mutability: 'readOnly' }),
      text('type', 'Kind of membership.', {
        mutability: 'readOnly',
        canonicalValues: ['direct'],
      }),
    ],
  },
  list('entitlements', 'Entitlements, which grant the roles that the connection maps them to.', {
    noun: 'entitlement',
    type: 'string',
    description: 'Entitlement.',
    caseExact: true,
  }),
  list('roles', 'Roles, which grant the roles of the tenant that the connection maps them to.', {
    noun: 'role',
    type: 'string',
    description: 'Role.',
    caseExact: true,
  }),
  list('x509Certificates', 'Certificates.', {
    noun: 'certificate',
    type: 'binary',
    description: 'DER certificate as base64.',
    caseExact: true,
  }),
];

const buildCore = (attributes: readonly Attribute[]): Schema => ({
  id: userUrn,
  name: 'User',
  description: 'User Account',
  attributes,
});

const coreSchema = buildCore([...profileAttributes, ...listAttributes]);
const coreSchemaWithPassword = buildCore([...profileAttributes, password, ...listAttributes]);

/** Text attributes that a connection declares. */
interface DeclaredExtension {
  readonly name: string;
  readonly attributes: readonly string[];
}

/** Settings of a connection that change the schema of users. */
interface UserSchemaSettings {
  readonly changePassword?: boolean;
  readonly extension?: DeclaredExtension | undefined;
}

/** URN of the attributes that a connection declares, as Entra ID addresses them. */
export const toExtensionUrn = ({ name }: DeclaredExtension): string =>
  `urn:ietf:params:scim:schemas:extension:${name}:2.0:User`;

const buildDeclaredSchema = (extension: DeclaredExtension): Schema => ({
  id: toExtensionUrn(extension),
  name: extension.name,
  description: 'Attributes that the connection declares',
  attributes: extension.attributes.map((name) =>
    text(name, `Value of \`metadata.${name}\`.`, { caseExact: true }),
  ),
});

/** Builds the schema of users, as a connection or another caller sees it. */
export const buildUserSchema = ({
  changePassword = false,
  extension,
}: UserSchemaSettings = {}): ResourceSchema => ({
  resourceType: 'User',
  core: changePassword ? coreSchemaWithPassword : coreSchema,
  extensions: [
    enterpriseUserSchema,
    rosterUserSchema,
    ...(extension ? [buildDeclaredSchema(extension)] : []),
  ],
});
