import * as z from 'zod';
import { hexOf, idOf, idPatterns, userIdOf } from '../../domain/ids.ts';
import { fullName } from '../full-name.ts';
import { appClientId, emailAddress, longText, metadata, roleIds } from '../fields.ts';
import type { UserWire } from '../user-wire.ts';

// Linear, and the same language as Cradl's published pattern, which takes exponential time.
const email = emailAddress(/^[A-Za-z0-9][-+._A-Za-z0-9]*@[-_.A-Za-z0-9]+\.[A-Za-z]{2,}$/);
const time = z.iso.datetime();

/** Cradl.ai, POST and GET /users (docs.cradl.ai, api-reference/post-users). The e-mail is taken and never given back. */
export const cradl: UserWire = {
  draft: z
    .strictObject({
      email,
      name: longText.nullable().optional(),
      description: longText.nullable().optional(),
      metadata: metadata.optional(),
      roleIds: roleIds.optional(),
      appClientId: appClientId.optional(),
    })
    .meta({ id: 'CradlUserCreate' })
    .transform(({ name, description, roleIds: roles = [], ...rest }) => ({
      ...rest,
      name: name ?? undefined,
      description: description ?? undefined,
      roles,
      authProvider: 'local' as const,
    })),

  answer: z
    .strictObject({
      userId: z.string().regex(idPatterns.user),
      profileId: z.string().regex(idPatterns.profile).nullable(),
      name: z.string().nullable().meta({ maxLength: 4096 }),
      description: z.string().nullable().meta({ maxLength: 4096 }),
      metadata: z.record(z.string(), z.unknown()),
      roleIds: z.array(z.string().regex(idPatterns.role)).nullable(),
      status: z.enum(['inactive', 'active', 'invite_pending']),
      createdTime: time,
      createdBy: z.string(),
      updatedTime: time.nullable(),
      updatedBy: z.string().nullable(),
    })
    .meta({ id: 'CradlUser' }),

  parameter: { name: 'userId', description: 'The id of the user.', example: 'cradl:user:0123456789abcdef0123456789abcdef' },
  reference: (id) => {
    const userId = userIdOf(id);
    return userId === undefined ? undefined : { userId };
  },
  showsAvatar: false,

  view: (user, { idPrefix }) => ({
    body: {
      userId: idOf(idPrefix, 'user', hexOf(user.userId)),
      profileId: idOf(idPrefix, 'profile', hexOf(user.profileId)),
      name: user.name ?? fullName(user),
      description: user.description ?? null,
      metadata: user.metadata ?? {},
      roleIds: user.roles.map((slug) => idOf(idPrefix, 'role', slug)),
      status: user.status,
      createdTime: user.createdTime,
      createdBy: user.createdBy,
      updatedTime: user.updatedTime ?? null,
      updatedBy: user.updatedBy ?? null,
    },
  }),
};
