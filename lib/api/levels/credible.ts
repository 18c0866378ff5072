import * as z from 'zod';
import type { HolderRef } from '../../domain/levels/read-levels.ts';
import { findLevel, levels } from '../../domain/roles/level.ts';
import { buildOnce, responseSchema } from '../codec.ts';
import { requestBody } from '../request-body.ts';
import type { LevelCodec } from './level-codec.ts';

const maxIdLength = 512;

/** Parses `user:<email>` or `group:<name>`. */
function parseHolder(userGroupId: string): HolderRef | undefined {
  const [, kind, name = ''] = /^(user|group):(.+)$/su.exec(userGroupId) ?? [];
  if (kind === undefined || userGroupId.length > maxIdLength) return undefined;
  return kind === 'user' ? { kind, email: name } : { kind: 'group', name };
}

const holder = () =>
  z
    .string()
    .transform((id, { issues }) => {
      const parsed = parseHolder(id);
      if (parsed && (parsed.kind === 'group' || parsed.email.includes('@'))) return parsed;
      issues.push({
        code: 'custom',
        message: 'must be user:<email> or group:<name>, such as user:jsmith@example.com',
        input: undefined,
      });
      return z.NEVER;
    })
    .meta({
      type: 'string',
      description: '`user:<email>` or `group:<name>`.',
      examples: ['user:jsmith@example.com'],
    });

const permission = () =>
  z.enum(levels).meta({
    description: 'Level: the role `admin`, `modeler` or, for `member`, `user`.',
  });

const response = responseSchema(() =>
  z
    .strictObject({
      userGroupId: z.string().meta({ description: '`user:<email>` or `group:<name>`.' }),
      permission: permission(),
      createdAt: z.iso.datetime().meta({ description: 'Creation time of the user or group.' }),
      updatedAt: z.iso
        .datetime()
        .meta({ description: 'Time of the last change of the user or group.' }),
    })
    .meta({ id: 'CrediblePermission' }),
);

/** Permissions of Credible, `/organizations/{organization}/permissions` (admin API). */
export const credibleLevel: LevelCodec = {
  parameter: {
    name: 'userGroupId',
    description: '`user:<email>` or `group:<name>`, raw or percent-encoded.',
    example: 'user:jsmith@example.com',
  },
  parseHolder,
  createInput: buildOnce(() =>
    requestBody(
      { userGroupId: holder(), permission: permission() },
      'CrediblePermissionCreate',
    ).transform(({ userGroupId, permission: level }) => ({ holder: userGroupId, level })),
  ),
  updateInput: buildOnce(() =>
    requestBody({ permission: permission() }, 'CrediblePermissionChange').transform(
      ({ permission: level }) => level,
    ),
  ),
  response,
  listResponse: responseSchema(() => z.array(response()).meta({ id: 'CrediblePermissionList' })),
  toResponse: (found) => ({
    userGroupId: 'groupId' in found ? `group:${found.name}` : `user:${found.email}`,
    permission: findLevel(found.roles),
    createdAt: found.createdAt,
    updatedAt: found.updatedAt ?? found.createdAt,
  }),
};
