import type { OperationContent, ResourceDoc } from '../operation-doc.ts';
import { exampleCreatedTime } from '../doc-parts.ts';
import { accessRequestQuery, credibleLevel } from './credible.ts';
import type { LevelOperation } from './level-codec.ts';

const userGroupId = credibleLevel.parameter.example;
const level = {
  userGroupId,
  permission: 'member',
  createdAt: exampleCreatedTime,
  updatedAt: exampleCreatedTime,
};
const { parameter } = credibleLevel;
const response = { schema: credibleLevel.response(), example: level };

const content = (own: OperationContent) => (): OperationContent => own;

const meaning =
  'The levels `admin`, `modeler` and `member` stand for the roles `admin`, `modeler` and `user`. A level replaces the roles of the other levels and keeps all other roles.';
const rights =
  'Requires the permission `users:update` for a user and `groups:write` for a group, and all permissions that the user or group has and gets.';

const requests =
  'With `requestPermission=true`, it stores a request for a level instead. Callers can request a level for their own user and need no permission. The owner of the tenant gets an email with the `message`, if the owner is active. A new request replaces the pending request of the user, and a change of the level removes it. A request for another user or a group is 403, and a request for the current level is 409. Limit: 10 requests per user and day.';

/** OpenAPI texts of levels, which Credible calls permissions. */
export const levelDoc: ResourceDoc<LevelOperation> = {
  name: 'Permissions',
  description: 'Levels of users and groups in an organization. Credible calls them permissions.',
  operations: {
    createLevel: {
      summary: 'Give a level',
      description: `Gives a user or group its first level. ${meaning} ${rights} A user of another organization is 404. ${requests}`,
      errors: {
        account_suspended: {},
        group_limit_reached: {},
        invalid_roles: {},
        level_exists: {},
        too_many_requests: { limits: { access_requests: 'requests for a level in a day' } },
      },
      content: content({
        query: accessRequestQuery(),
        request: {
          schema: credibleLevel.createInput(),
          example: { userGroupId, permission: 'member' },
        },
        response,
        responseDescription: 'The level.',
      }),
    },
    listLevels: {
      summary: 'List levels',
      description:
        'Returns all groups and users of the organization that have a level: groups in the order of their names, then users in the order of their emails. An organization with more than 5,000 users is 422. Requires the permissions `users:read` and `groups:read`. With `requestPermission=true`, it returns pending requests instead, at most 100, oldest first, and requires `users:update`.',
      errors: { too_many_results: {} },
      content: content({
        query: accessRequestQuery(),
        response: { schema: credibleLevel.listResponse(), example: [level] },
        responseDescription: 'The levels.',
      }),
    },
    getLevel: {
      summary: 'Get a level',
      description:
        'Returns the level of a user or group. Without a level, the response is 404. Requires the permissions `users:read` and `groups:read`.',
      content: content({ parameter, response, responseDescription: 'The level.' }),
    },
    updateLevel: {
      summary: 'Change a level',
      description: `Changes the level of a user or group that has one. ${meaning} ${rights}`,
      errors: { invalid_roles: {}, owner_protected: {} },
      content: content({
        parameter,
        request: { schema: credibleLevel.updateInput(), example: { permission: 'modeler' } },
        response: { ...response, example: { ...level, permission: 'modeler' } },
        responseDescription: 'The level.',
      }),
    },
    deleteLevel: {
      summary: 'Remove a level',
      description: `Removes the level of a user or group. The user or group and its other roles remain. With \`requestPermission=true\`, it declines the pending request of a user instead and keeps the level. ${rights}`,
      errors: { owner_protected: {} },
      content: content({
        parameter,
        query: accessRequestQuery(),
        responseDescription: 'No content.',
      }),
    },
  },
};
