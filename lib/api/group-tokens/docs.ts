import { Failure } from '../../domain/kernel/failure.ts';
import { exampleCreatedTime } from '../doc-parts.ts';
import type { ResourceDoc } from '../operation-doc.ts';
import { credibleGroupToken } from './credible.ts';
import type { GroupTokenOperation } from './group-token-codec.ts';

const { group, parameter, createResponse, listResponse, createQuery } = credibleGroupToken;
const groupParameter = group.parameter;
/** Has the length of a secret. */
const token = `roster_5f0c9a3e7d214b68a1c2d3e4f5061728_${'ExampleOnly'.repeat(3)}ExampleOn`;
const groupToken = {
  name: parameter.example,
  groupName: groupParameter.example,
  createdAt: exampleCreatedTime,
  expiresAt: '2027-01-31T12:00:00.000Z',
  expired: false,
};
const rights =
  'Requires the permission `groups:write`, or the status `admin` in the group, and all permissions that members have through the group.';

/** OpenAPI texts of group tokens. */
export const groupTokenDoc: ResourceDoc<GroupTokenOperation> = {
  name: 'Group tokens',
  description: 'API keys with the permissions of a group.',
  operations: {
    createGroupToken: {
      summary: 'Create a token of a group',
      description: `Creates an app client that is a member of the group and has no roles of its own, and returns its secret as \`token\`, once. Send it as \`Authorization: ApiKey <token>\`. The token can do what members of the group can do at the time of a call, within the permissions that you hold now. ${rights}`,
      errors: { group_limit_reached: {}, group_token_exists: {} },
      content: () => ({
        parameter: groupParameter,
        query: createQuery(),
        response: { schema: createResponse(), example: { ...groupToken, token } },
        responseDescription: 'The created token.',
      }),
    },
    listGroupTokens: {
      summary: 'List the tokens of a group',
      description:
        'Returns all tokens of a group in the order of their names, also expired ones. A group with more than 1,000 app clients as members is 422. Requires the permission `groups:read`, or the status `admin` in the group.',
      errors: { too_many_results: {} },
      content: () => ({
        parameter: groupParameter,
        response: { schema: listResponse(), example: [groupToken] },
        responseDescription: 'All tokens.',
      }),
    },
    deleteGroupToken: {
      summary: 'Delete a token of a group',
      description: `Permanently revokes the app client of a token and removes it from the group. The token ends within 30 seconds, and its name is free. ${rights} The token cannot delete itself: 409.`,
      errors: {
        self_protected: {
          text: 'the token is the caller',
          example: new Failure('self_protected', 'An app client cannot revoke itself'),
        },
      },
      content: () => ({
        parameter: groupParameter,
        childParameter: parameter,
        responseDescription: 'No content.',
      }),
    },
  },
};
