import * as z from 'zod';
import { findLevel, levels } from '../../domain/roles/level.ts';
import { buildOnce, responseSchema } from '../codec.ts';
import { requestBody } from '../request-body.ts';
import { parseUserGroupId, userGroupIdField } from '../groups/user-group-id.ts';
import type { LevelCodec } from './level-codec.ts';

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
  parseHolder: parseUserGroupId,
  createInput: buildOnce(() =>
    requestBody(
      { userGroupId: userGroupIdField(), permission: permission() },
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
