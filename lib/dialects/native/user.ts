import * as z from 'zod';
import { hexOf, idOf, idPatterns, userIdOf } from '../../domain/ids.ts';
import {
  appClientId,
  authProvider,
  avatar,
  internationalEmail,
  longText,
  metadata,
  password,
  roleIds,
  shortText,
  tutorialStatus,
  userName,
} from '../fields.ts';
import { fullName } from '../full-name.ts';
import type { UserWire } from '../user-wire.ts';

const time = z.iso.datetime();

/** Roster's own API: every field of the other three, Cradl's ids and statuses, and `ETag`. */
export const native: UserWire = {
  draft: z
    .strictObject({
      email: internationalEmail,
      userName: userName.optional(),
      name: longText.nullable().optional(),
      description: longText.nullable().optional(),
      firstName: shortText.optional(),
      lastName: shortText.optional(),
      businessRole: shortText.optional(),
      password: password.optional().meta({ description: 'For local users only. One without a password is invited to choose it.' }),
      authProvider,
      roleIds: roleIds.optional(),
      metadata: metadata.optional(),
      tutorialStatus: tutorialStatus.optional(),
      appClientId: appClientId.optional(),
      avatar: avatar.optional(),
    })
    .meta({ id: 'UserCreate' })
    .refine((body) => body.authProvider === 'local' || body.password === undefined, {
      path: ['password'],
      error: 'must be left out for oidc and saml users',
    })
    .transform(({ name, description, roleIds: roles = [], ...rest }) => ({
      ...rest,
      name: name ?? undefined,
      description: description ?? undefined,
      roles,
    })),

  answer: z
    .strictObject({
      userId: z.string().regex(idPatterns.user),
      profileId: z.string().regex(idPatterns.profile),
      tenantId: z.guid(),
      email: z.string(),
      emailVerified: z.boolean(),
      userName: z.string().nullable(),
      name: z.string().nullable().meta({ description: 'The first and last name where none was given.' }),
      description: z.string().nullable(),
      firstName: z.string().nullable(),
      lastName: z.string().nullable(),
      businessRole: z.string().nullable(),
      roleIds: z.array(z.string().regex(idPatterns.role)),
      authProvider: z.enum(['local', 'oidc', 'saml']),
      status: z.enum(['invite_pending', 'active', 'inactive']),
      isOwner: z.boolean().meta({ description: 'Whether this user owns the tenant.' }),
      metadata: z.record(z.string(), z.unknown()),
      tutorialStatus: z.record(z.string(), z.unknown()).nullable(),
      appClientId: z.string().regex(idPatterns['app-client']).nullable(),
      avatar: z.string().nullable(),
      version: z.int().meta({ description: 'Counts the changes, from 1.' }),
      createdTime: time,
      createdBy: z.string().meta({ description: 'The `sub` of the token that created it.' }),
      updatedTime: time.nullable(),
      updatedBy: z.string().nullable(),
    })
    .meta({ id: 'User' }),

  parameter: { name: 'userId', description: 'The id of the user.', example: 'cradl:user:0123456789abcdef0123456789abcdef' },
  reference: (id) => {
    const userId = userIdOf(id);
    return userId === undefined ? undefined : { userId };
  },
  showsAvatar: true,

  view: (user, { idPrefix, isOwner }) => ({
    headers: { etag: `"${user.version}"` },
    body: {
      userId: idOf(idPrefix, 'user', hexOf(user.userId)),
      profileId: idOf(idPrefix, 'profile', hexOf(user.profileId)),
      tenantId: user.tenantId,
      email: user.email,
      emailVerified: user.emailVerified,
      userName: user.userName ?? null,
      name: user.name ?? fullName(user),
      description: user.description ?? null,
      firstName: user.firstName ?? null,
      lastName: user.lastName ?? null,
      businessRole: user.businessRole ?? null,
      roleIds: user.roles.map((slug) => idOf(idPrefix, 'role', slug)),
      authProvider: user.authProvider,
      status: user.status,
      isOwner,
      metadata: user.metadata ?? {},
      tutorialStatus: user.tutorialStatus ?? null,
      appClientId: user.appClientId === undefined ? null : idOf(idPrefix, 'app-client', user.appClientId),
      avatar: user.avatar ?? null,
      version: user.version,
      createdTime: user.createdTime,
      createdBy: user.createdBy,
      updatedTime: user.updatedTime ?? null,
      updatedBy: user.updatedBy ?? null,
    },
  }),
  location: (user, { idPrefix }) => `/v1/users/${idOf(idPrefix, 'user', hexOf(user.userId))}`,
};
