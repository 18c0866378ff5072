import type { OperationWords } from '../../../infra/build/openapi/operations.ts';
import { describeLimits } from '../../../infra/build/openapi/introduction.ts';

const ownerAndCaller = 'Neither the owner of the tenant nor the caller can be it: 409.';

const limitedSignIn =
  'this sign-in does not prove that the caller is the account holder: `details.credential` names the credential to confirm';

/** What the document says of users. */
export const userWords = {
  createUser: {
    summary: 'Create a user account',
    description:
      'Creates a user in the tenant of the call and claims the email and username. Of concurrent calls for one address, exactly one succeeds; the others answer 409. You can grant only roles whose permissions you hold. A local user without a password is invited by mail to choose one, and is `invite_pending` until then. `sendInvitation: false` sends no invitation until `POST /v1/users/{userId}/invitation/resend`; no limit on mails applies to it.',
    remarks: {
      cradl:
        'For an address whose invitation has expired the user is invited again: 200, with the user as it is, and nothing else of the body counts. Assigning roles needs the permission `roles:delegate` besides.',
      credible: 'It takes a system administrator.',
    },
  },
  listUsers: {
    summary: 'List user accounts',
    description: `The users of the tenant in the order of their e-mail addresses, a page at a time: the cursor of one page asks for the next. It is
good for 30 days, for the same caller's tenant and the same filters. A page may be short, or even empty, and still have a cursor; the last
one has none.

Pages are strongly consistent: each shows what is there when it is read, and who is there under one address from the first page to the last
is in exactly one of them. A page reads at most 300 read units of DynamoDB (4 KB each): about 280 users, or fewer if they are large. Avatars are left out.`,
    remarks: {
      native:
        'A user must match all filters. `email` and `userName` are looked up, and `emailPrefix` reads only matching users. All other filters read every user of a page and leave out those that do not match. A filter that no user can match is 400. A `+` in a query means a space: write it as `%2B`.',
      credible: "This is Cradl's list: Credible's own API has none.",
    },
  },
  getUser: {
    summary: 'Get a user account',
    description: 'The user as it was last written: what was created a moment ago is there.',
  },
  updateUser: {
    summary: 'Change a user account',
    description:
      'Changes only the fields in the body. Null or blank text removes a value. A new email or username is claimed and the previous one released at the same time. You can change only users whose permissions you all hold, and grant only roles whose permissions you hold. The owner of the tenant must keep their permissions. The password of another user can be set by a system administrator, or by an administrator if the owner of the tenant allows it; roles are inactive until the user changes it. An invited user whose email changes gets a new invitation, and earlier links stop working. Other users are notified at their previous address of a new password, and of a new email if they sign in here.',
    remarks: {
      native:
        'Objects such as `metadata` are merged (RFC 7396). A change of `roleIds` requires `If-Match`: 428 without it. A new email resets `emailVerified` to false. The user is also notified of a new `identity`.',
      cradl: 'Replaces `metadata`. Assigning roles also requires the permission `roles:delegate`.',
      credible:
        '`tutorialStatus` is merged (RFC 7396). Users can change their own accounts. Changing their own email, username or password requires a sign-in within the last 5 minutes. A user who signs in by an `identity` that another user set can change none of them.',
    },
  },
  approveCredentials: {
    summary: 'Approve credentials set by another user',
    description:
      "Replaces the limits of the user's email or identity with the permissions of the caller; a system administrator removes them. The caller needs the permission `users:update` and must hold all permissions of the user's roles. A password cannot be approved: its holder resets it by email. Credentials of the tenant owner can be approved only by the owner or a system administrator.",
  },
  requestCredentialConfirmation: {
    summary: 'Request a confirmation link',
    description:
      'Mails a link that lifts the limit of an email or identity that another user set. To confirm an email, sign in with a password or identity of your own; the link goes to that email. To confirm an identity, use its token; the link goes to the email of the account, which must have no limit and be verified by its holder. The link leads to `confirmUrl` of the tenant, by default to `<origin>/confirm`, with the fragment `#token=…`. The default page signs the holder in with the password and confirms the email. The link works for an hour. One request a minute.',
    failures: { forbidden: limitedSignIn },
  },
  confirmCredential: {
    summary: 'Confirm a credential by a mailed link',
    description:
      'Lifts the limit of the credential that the link confirms. The caller must be signed in to the same account, in the same way as for the request. A confirmed email is verified.',
    failures: { forbidden: limitedSignIn },
  },
  suspendUser: {
    summary: 'Suspend a user account',
    description: `Makes an active user \`inactive\`. ${ownerAndCaller}`,
  },
  reactivateUser: {
    summary: 'Reactivate a user account',
    description: 'Makes a suspended user active again.',
  },
  setUserActive: {
    summary: 'Suspend or reactivate a user account',
    description: `\`active: false\` suspends an active user, \`active: true\` makes a suspended one active again; any other answers 409. ${ownerAndCaller}`,
  },
  deleteUser: {
    summary: 'Delete a user account',
    description: `From now on the user is nobody to every other call, and its e-mail address and user name are free. ${ownerAndCaller} It can be restored
for as many days as the deployment says, 30 unless it says otherwise; what is held about it stays until it is erased.`,
    remarks: {
      cradl: 'Answers with the user as it was.',
      credible: 'It takes a system administrator.',
    },
  },
  restoreUser: {
    summary: 'Restore a deleted user account',
    description:
      'Brings a deleted user back as it was. Its e-mail address and user name are claimed again: 409 when another user has one of them by now, or when the days in which it could be restored are over.',
  },
  eraseUser: {
    summary: 'Erase a user account',
    description: `Removes the user, deleted before or not, and all data about it: avatar, password, invitation, change records, and
responses stored for \`Idempotency-Key\`. It cannot be undone. ${ownerAndCaller} Requires the permission \`users:erase\`. A record with the IDs of the
user and the caller remains (\`GET /v1/erasures\`). All other calls stop seeing the user at once, and the email and username are released.
A request that was answered with 500 or 503 may have removed a part of the data: send it again. A 503 has \`details.erasure\` with the value
\`incomplete\`, and \`details.removedItems\` counts the items that the request removed. An erased user is 404.`,
    remarks: {
      jitsudo:
        'Deleting in this API erases the user. It requires `users:erase`; `users:delete` is not enough.',
    },
  },
  listErasures: {
    summary: 'List erasures',
    description:
      'Lists who erased which user and when, latest first. The records hold only IDs and are kept permanently. Requires the permission `users:erase`.',
  },
  exportUser: {
    summary: 'Export a user account',
    description:
      'Returns all data about a user, deleted or not, except secrets: the user, its creation, its invitation with mail delivery, and its change records with caller, time, request, policies and previous values. The changes come in pages, each with the user: pass `nextToken` to get the next page; the last page has none. The caller must hold all permissions of the user.',
  },
  getOwnUser: {
    summary: 'Get your own account',
    description:
      'Who the caller is in this tenant. Where the issuer of the token speaks of users of this directory, that is the user whose id is its `sub`; else the one who was given the `iss` and `sub` of the token as `identity`. A caller who is neither has no account here: 404.',
  },
  updateOwnUser: {
    summary: 'Change your own account',
    description:
      'Changes names and avatar. First and last names of users who sign in elsewhere (oidc, saml) belong to their identity provider: 400.',
    failures: {
      too_many_requests: describeLimits(
        '`own_changes` for changes of your own account within a day',
      ),
    },
  },
  changeOwnPassword: {
    summary: 'Change your own password',
    description:
      'Takes the current password besides the new one. Users who sign in elsewhere (oidc, saml) have no password here: 403. A wrong current password answers 400, and after five of them from one address the next has to wait, longer each time. Tokens of this deployment that the user has end within 30 seconds, the caller’s too: sign in again.',
    remarks: {
      jitsudo: 'So does a new one that is not acceptable.',
    },
    failures: {
      too_many_requests: describeLimits(
        '`password_attempts` if the current password was wrong too often from this network',
        '`own_passwords` for new passwords within a day',
      ),
    },
  },
} satisfies OperationWords;
