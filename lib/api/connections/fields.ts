import * as z from 'zod';
import { providers } from '../../domain/connections/connection.ts';
import { roleId } from '../fields.ts';

const maxMappedValues = 100;
const maxAttributes = 50;

/** Settings with the same form in requests and responses. */
export const settingFields = () => ({
  provider: z.enum(providers).meta({
    description:
      'Identity provider. Selects texts only: every provider gets the same answers. Default: `other`.',
  }),
  authProvider: z.enum(['local', 'oidc', 'saml']).meta({
    description: 'Sign-in of new users. Only `local` users are invited. Default: `saml`.',
  }),
  onUnmanagedMatch: z.enum(['refuse', 'adopt']).meta({
    description:
      'Rule for a new user whose username or email belongs to a user that the connection does not manage. `refuse`: 409. `adopt`: the connection manages the user from then on, if the tenant has verified the domain of the email. Default: `refuse`.',
  }),
  changePassword: z.boolean().meta({
    description: 'True to accept passwords. If false, they are ignored. Default: false.',
  }),
  groupNames: z.enum(['unique', 'duplicates']).meta({
    description:
      'Rule for a group whose name another group of the connection has. `unique`: 409. `duplicates`: the group gets a number. Default: `unique`.',
  }),
  afterDelete: z.enum(['new', 'restore']).meta({
    description:
      'Rule for a new user with the external ID of a user deleted within 30 days. `new`: a new user. `restore`: the deleted user is restored. Default: `new`.',
  }),
  visible: z.enum(['all', 'managed']).meta({
    description: 'Users that the connection can read. Default: `all`.',
  }),
  lockManaged: z.boolean().meta({
    description:
      'True to reject changes of other callers to fields that the connection writes, which the identity provider would undo: 409. Default: true.',
  }),
  brake: z.enum(['warn', 'hold']).meta({
    description:
      'Effect of mass deprovisioning: more than 50 users and 20% of the managed users in an hour. `warn`: the health has a warning. `hold`: further deprovisioning is also rejected until it is released. Default: `warn`.',
  }),
  logDays: z
    .int()
    .min(30)
    .max(180)
    .meta({ description: 'Days after which log entries expire. Default: 30.' }),
  status: z.enum(['live', 'paused']).meta({
    description:
      '`paused` rejects all requests of the connection, within 5 s: 403. Default: `live`.',
  }),
});

/** Role IDs by value, converted to slugs. */
export const roleMap = () =>
  z
    .record(z.string().min(1).max(255), roleId())
    .refine((map) => Object.keys(map).length <= maxMappedValues, {
      error: `must have at most ${maxMappedValues} values`,
    })
    .meta({
      description:
        'Role ID by value of the SCIM attributes `roles` and `entitlements`. Other values grant nothing. The roles of the connection must have the permissions of each role.',
      examples: [{ Auditor: 'cradl:role:approver' }],
    });

/** Schemas that the SCIM API itself has. */
const reservedExtensions = ['enterprise', 'roster'];
const reservedAttributes = ['constructor', 'prototype'];

const hasNoDuplicates = (names: readonly string[]): boolean =>
  new Set(names.map((name) => name.toLowerCase())).size === names.length;

/** Extension of the user schema. Attribute names as in RFC 7643 §2.1. */
export const extension = () =>
  z
    .strictObject({
      name: z
        .string()
        .max(32, { abort: true })
        .regex(/^[A-Za-z][A-Za-z0-9-]*$/, {
          error: 'must begin with a letter and consist of letters, digits and hyphens',
          abort: true,
        })
        .refine((name) => !reservedExtensions.includes(name.toLowerCase()), {
          error: 'must not be the name of a built-in extension',
        })
        .meta({
          description: 'Name in the URN `urn:ietf:params:scim:schemas:extension:<name>:2.0:User`.',
          examples: ['acme'],
        }),
      attributes: z
        .array(
          z
            .string()
            .max(64, { abort: true })
            .regex(/^[A-Za-z][\w-]*$/, {
              error: 'must begin with a letter and consist of letters, digits, hyphens and _',
              abort: true,
            })
            .refine((name) => !reservedAttributes.includes(name), {
              error: 'must have another name, because this one is reserved',
            }),
        )
        .min(1)
        .max(maxAttributes)
        .refine(hasNoDuplicates, 'must not repeat a name')
        .meta({
          description: 'Text attributes. Each is the metadata key of the same name.',
          examples: [['costCenter']],
        }),
    })
    .meta({ description: 'Attributes of the tenant, in an extension of the user schema.' });
