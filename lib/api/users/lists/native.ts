import * as z from 'zod';
import { getIdName } from '../../../domain/kernel/ids.ts';
import { type UserSort, userSorts } from '../../../domain/users/lists/list-position.ts';
import type { UserFilter } from '../../../domain/users/lists/user-filter.ts';
import { buildOnce, responseSchema } from '../../codec.ts';
import { nativeList } from '../../lists.ts';
import {
  emailFilter,
  emailPrefixFilter,
  externalIdFilter,
  identityIssuerFilter,
  identitySubjectFilter,
  metadataFilter,
  roleFilter,
  searchFilter,
  timeFilter,
  userNameFilter,
} from '../fields/filters.ts';
import { userResponse } from '../native.ts';
import type { UserListCodec } from '../user-codec.ts';

const flag = () => z.enum(['true', 'false']).optional();
const flagMeta = { type: 'boolean', enum: undefined } as const;

const buildParameters = () => ({
  email: emailFilter().optional().meta({ description: 'Email of the user, in any spelling.' }),
  userName: userNameFilter().optional().meta({ description: 'Username of the user.' }),
  externalId: externalIdFilter()
    .optional()
    .meta({ description: 'ID of the user in another system.' }),
  'identity.issuer': identityIssuerFilter()
    .optional()
    .meta({
      description: 'Issuer of the identity of the user. Requires `identity.subject`.',
      examples: ['https://id.example.com'],
    }),
  'identity.subject': identitySubjectFilter()
    .optional()
    .meta({
      description: 'Subject of the identity of the user. Requires `identity.issuer`.',
      examples: ['auth0|6523a1'],
    }),
  emailPrefix: emailPrefixFilter().optional().meta({ description: 'Beginning of the email.' }),
  search: searchFilter()
    .optional()
    .meta({
      description:
        'Beginnings of words of the name, first name, last name, email or username. A user matches if each word of the search is one. Ignores case and accents. Words of addresses also begin after `@`, `.`, `_`, `-` and `+`.',
      examples: ['jane smi'],
    }),
  status: z.enum(['invite_pending', 'active', 'inactive', 'deleted']).optional().meta({
    description: 'Status of the user. Default: every status except `deleted`.',
  }),
  roleId: roleFilter().optional().meta({ description: 'ID of a role of the user.' }),
  authProvider: z
    .enum(['local', 'oidc', 'saml'])
    .optional()
    .meta({ description: 'Sign-in method of the user.' }),
  invited: flag().meta({
    ...flagMeta,
    description:
      '`true`: users who were ever invited. `false`: users who are `invite_pending` and were not invited yet.',
  }),
  createdAfter: timeFilter('down')
    .optional()
    .meta({
      description: 'Users created after this time (RFC 3339), exclusive.',
      examples: ['2026-01-31T12:00:00Z'],
    }),
  createdBefore: timeFilter('up')
    .optional()
    .meta({
      description: 'Users created before this time (RFC 3339), exclusive.',
      examples: ['2026-02-28T00:00:00Z'],
    }),
  metadata: metadataFilter()
    .optional()
    .meta({
      description:
        'Write `metadata.<name>=<value>`, once per member of the metadata. Matches a string with this value, or a number, boolean or null with this JSON text.',
      param: { style: 'form', explode: true, example: { 'metadata.costCenter': '4711' } },
      override: {
        type: 'object',
        propertyNames: undefined,
        patternProperties: { '^metadata\\..': { type: 'string', minLength: 1 } },
        additionalProperties: false,
      },
    }),
  sort: z
    .enum(userSorts)
    .default('email')
    .meta({
      description:
        'Order of the users. A minus sorts in descending order. A user without updates sorts by creation time. By time, at most 1,000 users can match, and at most 2,000 are read.',
      examples: ['-createdTime'],
    }),
  count: flag().meta({
    ...flagMeta,
    description: 'If true, the response has the number of all users that match.',
  }),
});

type Parameters = z.infer<z.ZodObject<ReturnType<typeof buildParameters>>>;

/** Requires the second parameter if a query has the first. */
const requireBoth = (first: keyof Parameters, second: keyof Parameters) =>
  z.refine<Partial<Parameters>>(
    (query) => query[first] === undefined || query[second] !== undefined,
    { path: [second], error: `is required with ${first}` },
  );

const pageFields = responseSchema(() =>
  z.strictObject({
    count: z
      .strictObject({
        value: z.int().meta({ description: 'Number of users.' }),
        relation: z.enum(['exact', 'atLeast']).meta({
          description: '`atLeast` if more users can match than were counted.',
        }),
      })
      .optional()
      .meta({ description: 'Number of all users that match, if `count` is true.' }),
  }),
);

const toFilter = ({
  email,
  userName,
  externalId,
  emailPrefix,
  status,
  authProvider,
  roleId,
  invited,
  search,
  createdAfter,
  createdBefore,
  metadata,
  'identity.issuer': issuer,
  'identity.subject': subject,
}: Parameters): UserFilter => ({
  email,
  userName,
  externalId,
  emailPrefix,
  status,
  authProvider,
  ...(invited !== undefined && { invitation: invited === 'true' ? 'any' : 'none' }),
  ...(roleId !== undefined && { role: getIdName(roleId) }),
  ...(issuer !== undefined && subject !== undefined && { identity: { issuer, subject } }),
  search,
  createdAfterMs: createdAfter,
  createdBeforeMs: createdBefore,
  // Sorted, because the cursor contains the filter.
  metadata: metadata && Object.fromEntries(Object.entries(metadata).toSorted(byName)),
});

const byName = ([a]: [string, string], [b]: [string, string]): number => (a < b ? -1 : 1);

const list = nativeList(
  { itemsLabel: 'users', field: 'users', item: userResponse, id: 'UserList', pageFields },
  buildParameters,
);

/** List of the native API with its filters, orders and count. */
export const nativeUserList: UserListCodec = {
  ...list,
  query: buildOnce(() =>
    list.query().check(
      requireBoth('identity.issuer', 'identity.subject'),
      requireBoth('identity.subject', 'identity.issuer'),
      z.refine(
        ({ createdAfter, createdBefore }: Partial<Parameters>) =>
          createdAfter === undefined || createdBefore === undefined || createdAfter < createdBefore,
        { path: ['createdBefore'], error: 'must be later than createdAfter' },
      ),
    ),
  ),
  toFilter: (query) => toFilter(query as unknown as Parameters),
  toListOptions: ({ sort, count }) => ({
    sort: sort as UserSort,
    includesCount: count === 'true',
  }),
};
