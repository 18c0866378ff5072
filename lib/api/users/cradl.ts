import * as z from 'zod';
import { toHex, formatId, cradlIdPatterns } from '../../domain/kernel/ids.ts';
import { formatDisplayName } from '../../domain/users/user.ts';
import { emailPatterns } from '../email-address.ts';
import { appClientId, description, longName, newUserRoleIds, roleIds } from '../fields.ts';
import { emailAddress } from '../email-address.ts';
import { metadata } from './fields/user-fields.ts';
import { updateBody, requestBody } from '../request-body.ts';
import { byUserId, type UserCodec } from './user-codec.ts';
import { buildOnce, responseSchema } from '../codec.ts';

const email = () => emailAddress(emailPatterns.cradl);
const time = () => z.iso.datetime();

const response = responseSchema(() =>
  z
    .strictObject({
      userId: z.string().regex(cradlIdPatterns.user),
      profileId: z.string().regex(cradlIdPatterns.profile).nullable(),
      name: z.string().nullable().meta({ maxLength: 4096 }),
      description: z.string().nullable().meta({ maxLength: 4096 }),
      metadata: z.record(z.string(), z.unknown()),
      roleIds: z.array(z.string().regex(cradlIdPatterns.role)).nullable(),
      status: z.enum(['inactive', 'active', 'invite_pending']),
      createdTime: time(),
      createdBy: z.string(),
      updatedTime: time().nullable(),
      updatedBy: z.string().nullable(),
    })
    .meta({ id: 'CradlUser' }),
);

/**
 * Users of Cradl, `/users` (docs.cradl.ai, api-reference/post-users and related pages). Responses
 * omit the email.
 */
export const cradlUser: UserCodec = {
  createInput: buildOnce(() =>
    requestBody(
      {
        email: email(),
        name: longName().optional(),
        description: description().optional(),
        metadata: metadata().optional(),
        roleIds: newUserRoleIds(),
        appClientId: appClientId().optional(),
      },
      'CradlUserCreate',
    ).transform(({ roleIds: roles, ...rest }) => ({
      ...rest,
      roles,
      authProvider: 'local' as const,
    })),
  ),

  reinvitesExpired: true,

  updateInput: buildOnce(() =>
    updateBody(
      {
        name: longName().nullable().optional(),
        description: description().nullable().optional(),
        metadata: metadata().nullable().optional(),
        roleIds: roleIds().optional(),
      },
      'CradlUserChange',
    ).transform(({ roleIds: roles, ...rest }) => ({ ...rest, roles })),
  ),
  replacesMetadata: true,

  response,

  ...byUserId,
  includesAvatar: false,

  toResponse: (user, { idPrefix }) => ({
    body: {
      userId: formatId(idPrefix, 'user', toHex(user.userId)),
      profileId: formatId(idPrefix, 'profile', toHex(user.profileId)),
      name: user.name ?? formatDisplayName(user),
      description: user.description ?? null,
      metadata: user.metadata ?? {},
      roleIds: user.roles.map((slug) => formatId(idPrefix, 'role', slug)),
      // Cradl has no status for deleted users, but DELETE returns one.
      status: user.status === 'deleted' ? 'inactive' : user.status,
      createdTime: user.createdAt,
      createdBy: user.createdBy,
      updatedTime: user.updatedAt ?? null,
      updatedBy: user.updatedBy ?? null,
    },
  }),
};
