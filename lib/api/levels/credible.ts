import * as z from 'zod';
import { findLevel, levels } from '../../domain/roles/level.ts';
import { buildOnce, responseSchema } from '../codec.ts';
import { requestBody } from '../request-body.ts';
import { blockText } from '../text.ts';
import { parseUserGroupId, userGroupIdField } from '../groups/user-group-id.ts';
import type { LevelCodec } from './level-codec.ts';
import { getAccountName } from '../../domain/users/user.ts';

const maxMessageLength = 1000;

const permission = () =>
  z.enum(levels).meta({
    description: 'Level: the role `admin`, `modeler` or, for `member`, `user`.',
  });

const response = responseSchema(() =>
  z
    .strictObject({
      userGroupId: z.string().meta({ description: '`user:<email>` or `group:<name>`.' }),
      permission: permission(),
      message: z
        .string()
        .optional()
        .meta({ description: 'Message of a request. Absent without one, and in levels.' }),
      createdAt: z.iso
        .datetime()
        .meta({ description: 'Creation time of the user or group, or time of the request.' }),
      updatedAt: z.iso
        .datetime()
        .meta({ description: 'Time of the last change of the user or group, or of the request.' }),
    })
    .meta({ id: 'CrediblePermission' }),
);

/** Query of the operations that also serve requests for a level. */
export const accessRequestQuery = buildOnce(() =>
  z.strictObject({
    requestPermission: z.enum(['true', 'false']).optional().meta({
      description: '`true` for requests for a level. Default: `false`.',
    }),
  }),
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
      {
        userGroupId: userGroupIdField(),
        permission: permission(),
        message: blockText(maxMessageLength)
          .optional()
          .meta({ description: 'Plain text for the owner. Only with `requestPermission=true`.' }),
      },
      'CrediblePermissionCreate',
    ).transform(({ userGroupId, permission: level, message }) => ({
      holder: userGroupId,
      level,
      message,
    })),
  ),
  updateInput: buildOnce(() =>
    requestBody({ permission: permission() }, 'CrediblePermissionChange').transform(
      ({ permission: level }) => level,
    ),
  ),
  response,
  listResponse: responseSchema(() => z.array(response()).meta({ id: 'CrediblePermissionList' })),
  toResponse: (found) => ({
    userGroupId: 'groupId' in found ? `group:${found.name}` : `user:${getAccountName(found)}`,
    permission: findLevel(found.roles),
    createdAt: found.createdAt,
    updatedAt: found.updatedAt ?? found.createdAt,
  }),
  toRequestResponse: ({ email, level, message, requestedAt }) => ({
    userGroupId: `user:${email}`,
    permission: level,
    message,
    createdAt: requestedAt,
    updatedAt: requestedAt,
  }),
};
