import type { FailureWords, OperationWords } from '../../../infra/build/openapi/operations.ts';

/** What the document says of roles. */
export const roleWords = {
  createRole: {
    summary: 'Create a role',
    description:
      "A role of the tenant's own. Nobody can put a permission into it that they do not hold themselves. A tenant can have 200 of them at once and 1,000 ever, deleted ones included, since a role id is never used again.",
    remarks: {
      cradl: `The id is made up here. Of Cradl's permissions those can be used that mean something here, always with the effect \`allow\`; others are
400. On \`cradl:user:*\`, \`read\` is \`users:read\`, and \`write\` is \`users:create\`, \`users:update\` and \`users:delete\`; each of the three also has its own:
\`cradl:user:*:create\`, \`cradl:user:*:update\` and \`cradl:user:*:delete\`. \`cradl:user:*:erase\` is \`users:erase\`. On \`cradl:role:*\`, \`read\`, \`write\` and \`delegate\` are \`roles:read\`,
\`roles:write\` and \`roles:delegate\`; on \`cradl:app-client:*\`, \`read\` and \`write\` are \`appClients:read\` and \`appClients:write\`; on
\`cradl:organization:*\` they are \`tenant:read\` and \`tenant:update\`; on \`cradl:invitation:*\`, \`write\` is \`invitations:copy\`. The action \`*\` is all that is
here for its resource.`,
    },
  },
  listRoles: {
    summary: 'List roles',
    description:
      'The roles of the tenant in the order of their ids, the built-in ones included, a page at a time: `nextToken` of one page asks for the next. It is good for 30 days.',
  },
  getRole: {
    summary: 'Get a role',
    description: 'The role as it was last written, or a built-in one.',
  },
  updateRole: {
    summary: 'Change a role',
    description:
      'Changes only the fields in the body, for every holder of the role, within 30 seconds. Null or blank text removes a value. The change is a grant to all holders: the caller must hold all permissions that the role has and gets. The owner of the tenant must keep their permissions. Built-in roles cannot be changed: 409.',
    remarks: {
      native: '`metadata` is merged (RFC 7396).',
      cradl: 'Replaces `metadata`.',
    },
  },
  deleteRole: {
    summary: 'Delete a role',
    description:
      'Within 30 seconds the role counts for nothing any more, wherever it is still named: on users, on app clients, in tokens, and in invitations, which can be accepted without it. Its id is never used again. Nobody can delete a role that carries a permission which they do not hold themselves, nor a built-in one: 409.',
    remarks: {
      cradl: 'Answers with the role as it was.',
    },
  },
} satisfies OperationWords;

/** What failures mean of roles. */
export const failuresOfRoles: FailureWords = {
  precondition_failed:
    'the role has another version than those in `If-Match`: read it again (`details.version`)',
};
