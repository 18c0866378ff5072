import * as z from 'zod';
import { Failure } from '../../domain/kernel/failure.ts';
import { buildOnce, responseSchema } from '../codec.ts';
import { shortDescription } from '../fields.ts';
import { cradlList } from '../lists.ts';
import { requestBody, updateBody } from '../request-body.ts';
import type { GroupCodec } from './group-codec.ts';

/** Maximum length of a name in a path. Other dialects accept names that are longer than 128. */
const maxPathNameLength = 512;

/** Credible's pattern, without the path segments `.` and `..`. */
const groupNamePattern = /^(?!\.{1,2}$)[a-zA-Z0-9._-]+$/;

/** Field with the name of a group or group token. */
export const credibleName = () =>
  z
    .string()
    .max(128, { abort: true })
    .regex(groupNamePattern, 'must have only letters, digits, ., _ and -');

const response = responseSchema(() =>
  z
    .strictObject({
      organizationName: z.string().meta({ description: 'Slug of the tenant.' }),
      groupName: z.string().meta({ description: 'Name of the group.' }),
      description: z.string().optional(),
      createdAt: z.iso.datetime(),
      updatedAt: z.iso.datetime(),
    })
    .meta({ id: 'CredibleGroup' }),
);

/**
 * Groups of Credible, `/organizations/{organization}/groups` (docs.credibledata.com, admin API).
 */
export const credibleGroup: GroupCodec = {
  createInput: buildOnce(() =>
    requestBody(
      {
        groupName: credibleName().meta({
          description: 'Name of the group, unique in the organization without regard to case.',
          examples: ['billing'],
        }),
        description: shortDescription().optional(),
        organizationName: z
          .string()
          .max(63)
          .optional()
          .meta({ description: 'Organization in the path.' }),
      },
      'CredibleGroupCreate',
    ).transform(({ groupName, description, organizationName }) => ({
      name: groupName,
      description,
      roles: [],
      ...(organizationName != null && { organizationName }),
    })),
  ),

  mapCreateError: (failure) =>
    failure.code === 'group_exists'
      ? new Failure(failure.code, failure.message, { details: { field: 'groupName' } })
      : failure,

  // Empty for a removed description, which the Terraform provider omits.
  updateInput: buildOnce(() =>
    updateBody({ description: shortDescription().nullable().optional() }, 'CredibleGroupChange', {
      allowsEmpty: true,
    }),
  ),

  parameter: { name: 'groupName', description: 'Name of the group.', example: 'billing' },
  parseGroupRef: (name) => (name === '' || name.length > maxPathNameLength ? undefined : { name }),

  response,
  // Credible documents no list. This is Cradl's.
  list: {
    ...cradlList({
      itemsLabel: 'groups',
      field: 'groups',
      item: response,
      id: 'CredibleGroupList',
    }),
    toFilter: () => ({}),
  },

  toResponse: ({ name, description, createdAt, updatedAt }, _idPrefix, organizationName) => ({
    body: {
      organizationName,
      groupName: name,
      description,
      createdAt,
      updatedAt: updatedAt ?? createdAt,
    },
  }),
};
