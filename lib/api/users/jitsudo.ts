import * as z from 'zod';
import { uuidPattern } from '../../domain/kernel/ids.ts';
import { authProvider, avatar } from './fields/user-fields.ts';
import { internationalEmail } from '../email-address.ts';
import { longName, password, roleNames } from '../fields.ts';
import { formatDisplayName, getAccountName } from '../../domain/users/user.ts';
import { updateBody, requestBody } from '../request-body.ts';
import type { UserCodec } from './user-codec.ts';
import { buildOnce, responseSchema } from '../codec.ts';

const time = () => z.iso.datetime();

const roles = () =>
  roleNames()
    .refine((names) => names.length > 0, 'must have at least 1 item')
    .meta({ minItems: 1 });

const response = responseSchema(() =>
  z
    .strictObject({
      id: z.guid(),
      email: z.string(),
      name: z.string(),
      roles: z.array(z.string()),
      auth_provider: z.enum(['local', 'oidc', 'saml']),
      active: z.boolean(),
      email_verified: z.boolean(),
      is_owner: z.boolean().meta({ description: 'True if the user owns the tenant.' }),
      created_at: time(),
      updated_at: time(),
      avatar_base64: z.string().nullable(),
    })
    .meta({ id: 'JitsudoUser' }),
);

/** Users of JITSudo, `/v1/users` (jitsudo-docs, operation createUser and related ones). */
export const jitsudoUser: UserCodec = {
  createInput: buildOnce(() =>
    requestBody(
      {
        email: internationalEmail(),
        name: longName(),
        password: password()
          .optional()
          .meta({ description: 'Required for local users. Not allowed for OIDC and SAML users.' }),
        roles: roles(),
        auth_provider: authProvider(),
        avatar_base64: avatar().optional(),
      },
      'JitsudoUserCreate',
    )
      .refine((body) => (body.auth_provider === 'local') === (body.password !== undefined), {
        path: ['password'],
        error: 'is required for local users, and cannot be set for oidc and saml users',
      })
      .transform(({ auth_provider, avatar_base64, ...rest }) => ({
        ...rest,
        authProvider: auth_provider,
        avatar: avatar_base64,
      })),
  ),

  // Accepts an empty list, because users of other APIs can have no roles and clients send responses
  // back.
  updateInput: buildOnce(() =>
    updateBody({ name: longName().optional(), roles: roleNames().optional() }, 'JitsudoUserChange'),
  ),
  requiresRole: true,

  response,

  pathParameter: {
    name: 'id',
    description: 'ID of the user.',
    example: '01234567-89ab-4def-8123-456789abcdef',
  },
  parseUserRef: (id) => (uuidPattern.test(id) ? { userId: id.toLowerCase() } : undefined),
  includesAvatar: true,

  toResponse: (user, { isOwner }) => ({
    body: {
      id: user.userId,
      email: getAccountName(user),
      name: user.name ?? formatDisplayName(user) ?? getAccountName(user),
      roles: user.roles,
      auth_provider: user.authProvider,
      active: user.status === 'active',
      email_verified: user.emailVerified,
      is_owner: isOwner,
      created_at: user.createdAt,
      updated_at: user.updatedAt ?? user.createdAt,
      avatar_base64: user.avatar ?? null,
    },
  }),
};
