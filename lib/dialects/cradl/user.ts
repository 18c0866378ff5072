import * as z from 'zod';
import { hexOf, idOf, idPatterns } from '../../domain/ids.ts';
import { fullName } from '../full-name.ts';
import { appClientId, emailAddress, longText, metadata, namesSomething, nothingNamed, roleIds } from '../fields.ts';
import { cradlList } from '../paging.ts';
import { byUserId, type UserWire } from '../user-wire.ts';

// Linear, and the same language as Cradl's published pattern, which takes exponential time.
const email = emailAddress(/^[A-Za-z0-9][-+._A-Za-z0-9]*@[-_.A-Za-z0-9]+\.[A-Za-z]{2,}$/);
const time = z.iso.datetime();

const answer = z
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
  .meta({ id: 'CradlUser' });

/** Cradl.ai, /users (docs.cradl.ai, api-reference/post-users and its neighbours). The e-mail is taken and never given back. */
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

  invitesAgain: true,

  patch: z
    .strictObject({
      name: longText.nullable().optional(),
      description: longText.nullable().optional(),
      metadata: metadata.optional(),
      roleIds: roleIds.optional(),
    })
    .meta({ id: 'CradlUserChange', minProperties: 1 })
    .refine(namesSomething, nothingNamed)
    .transform(({ roleIds: roles, ...rest }) => ({ ...rest, roles })),

  list: cradlList({ named: 'users', field: 'users', answer, id: 'CradlUserList' }),

  answer,

  ...byUserId,
  showsAvatar: false,

  view: (user, { idPrefix }) => ({
    body: {
      userId: idOf(idPrefix, 'user', hexOf(user.userId)),
      profileId: idOf(idPrefix, 'profile', hexOf(user.profileId)),
      name: user.name ?? fullName(user),
      description: user.description ?? null,
      metadata: user.metadata ?? {},
      roleIds: user.roles.map((slug) => idOf(idPrefix, 'role', slug)),
      // Cradl knows no deleted users, but its DELETE answers with one.
      status: user.status === 'deleted' ? 'inactive' : user.status,
      createdTime: user.createdTime,
      createdBy: user.createdBy,
      updatedTime: user.updatedTime ?? null,
      updatedBy: user.updatedBy ?? null,
    },
  }),
};
