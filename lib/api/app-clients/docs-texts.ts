import type { FailureWords, OperationWords } from '../../../infra/build/openapi/operations.ts';

const notAbove =
  'Nobody can change an app client that holds a permission which they do not hold themselves.';
const revoking = `It can call no more, within 30 seconds with the tokens that it has, and new users cannot name it. That is for good: its ids are never used
again, and what is known of it stays. Doing so again changes nothing. ${notAbove} No app client can revoke itself: 409.`;

const isCaller = 'the app client is the caller';

/** What the document says of app clients. */
export const appClientWords = {
  createAppClient: {
    summary: 'Create an app client',
    description: `A program that calls in the tenant's name. Its secret is in this answer and in no other; only a hash of it is kept. Nobody can hand out
a role that carries a permission which they do not hold themselves. What the roles of an app client allow now is what it may do now.`,
    remarks: {
      cradl: 'Roles in it take the permission `roles:delegate` besides.',
      jitsudo:
        'The key is the secret of an app client. `scopes` are the names of roles, of which each tenant has its own.',
    },
  },
  listAppClients: {
    summary: 'List app clients',
    description:
      'The app clients of the tenant in the order of their ids, a page at a time. A page may be short, or even empty, and still have a cursor; the last one has none.',
  },
  getAppClient: {
    summary: 'Get an app client',
    description: 'The app client as it was last written. No secret is ever in it.',
  },
  updateAppClient: {
    summary: 'Change an app client',
    description: `Changes what the body names, and nothing else; null takes a value away. ${notAbove} One that is revoked stays as it is: 409.`,
    remarks: {
      cradl: 'Roles in it take the permission `roles:delegate` besides.',
    },
  },
  deleteAppClient: {
    summary: 'Delete an app client',
    description: revoking,
    remarks: {
      cradl: 'Answers with the app client as it was; to every later call it is gone.',
    },
    failures: { self_protected: isCaller },
  },
  revokeAppClient: {
    summary: 'Revoke an app client',
    description: revoking,
    failures: { self_protected: isCaller },
  },
  createAppClientSecret: {
    summary: "Rotate an app client's secret",
    description: `A new secret, shown this once. What was good before stays good for \`overlapSeconds\`, a day unless it is said otherwise, and no longer than it
was to be; so that there is time to hand the new one out. Two secrets are good at the same time at most: 409, unless \`overlapSeconds\` is 0,
which ends all others at once. Tokens end within 30 seconds of their secret. The new secret carries only permissions that the caller
holds now, even if the app client gets more roles later. A system administrator leaves no such limit. ${notAbove}`,
  },
  deleteAppClientSecret: {
    summary: "Remove an app client's secret",
    description: `No more tokens are issued for the secret, and its tokens end within 30 seconds. ${notAbove} No app client can take its last secret
from itself: 409.`,
    failures: {
      not_found:
        'there is no such app client in this tenant, or it has no such secret that is good; or no such tenant',
      self_protected: 'the app client is the caller, and this is its last secret',
    },
  },
} satisfies OperationWords;

/** What failures mean of app clients. */
export const failuresOfAppClients: FailureWords = {
  precondition_failed:
    'the app client has another version than those in `If-Match`: read it again (`details.version`)',
};
