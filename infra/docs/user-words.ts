import type { OperationWords } from './operation-words.ts';

const ownerAndCaller = 'Neither the owner of the tenant nor the caller can be it: 409.';

/** What the document says of users. */
export const userWords = {
  createUser: {
    summary: 'Create a user account',
    description:
      'Creates a user in the tenant of the call and claims its e-mail address, and its user name if it has one. Of many calls at the same time for one address exactly one succeeds; the others answer 409. Nobody can hand out a role that carries a permission which they do not hold themselves. A local user without a password is invited by mail to choose one, and `invite_pending` until then; with `sendInvitation: false` nobody is invited, and no limit on mails applies, until `POST /v1/users/{userId}/invitation/resend`.',
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
is in exactly one of them. A page takes one query, and a read of every user in it: it ends after 300 read units of DynamoDB (4 KB each), which are about
280 users, or fewer if they are large. Avatars are left out.`,
    remarks: {
      native:
        'All filters that are there have to hold. `email` and `userName` are looked up; `emailPrefix` reads only what begins so; `status`, `roleId` and `authProvider` read users and leave out those that they do not fit. A filter that no user can match is 400. In a query `+` means a space: write it as `%2B`.',
      credible: "This is Cradl's list: Credible's own API has none.",
    },
  },
  getUser: { summary: 'Get a user account', description: 'The user as it was last written: what was created a moment ago is there.' },
  updateUser: {
    summary: 'Change a user account',
    description:
      'Changes the fields in the body, and no others. Null or blank text removes a value. A new e-mail address or user name is claimed, and the old one given up, in the same moment. Nobody can change a user who holds a permission that they do not hold themselves, nor hand out a role that carries one; the owner of the tenant keeps their rights. A password of somebody else is set by a system administrator, or by an administrator where the owner of the tenant allows it; the person has to change it before their roles count again. Whoever still waits for an invitation to be accepted is sent a new one when their e-mail address changes, and the one before is dead. Whoever has an account is told by mail, at the address from before, of another password, and of another e-mail address where they sign in here.',
    remarks: {
      native:
        'Objects such as `metadata` are merged (RFC 7396). A change of `roleIds` has to say which version it means: 428 without `If-Match`. With another e-mail address `emailVerified` is false again. Of another `identity` the user is told by mail as well.',
      cradl: 'Replaces `metadata`. Assigning roles needs the permission `roles:delegate` besides.',
      credible:
        '`tutorialStatus` is merged (RFC 7396). Users can change their own accounts. Changing their own email, user name or password takes a sign-in within the last 5 minutes. A user known by an `identity` that another user set can change neither of them.',
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
      'Mails a link that lifts the limit of an email or identity that another user set. To confirm an email, sign in with a password or identity of your own; the link goes to that email. To confirm an identity, use its token; the link goes to the email of the account, which must have no limit and be verified by its holder. The link leads to `<origin>/confirm#token=…`, a page of your application, and works for an hour. One request a minute.',
  },
  confirmCredential: {
    summary: 'Confirm a credential by a mailed link',
    description:
      'Lifts the limit of the credential that the link is about. The caller must be signed in to the same account, in the same way as for the request. A confirmed email is verified.',
  },
  suspendUser: { summary: 'Suspend a user account', description: `Makes an active user \`inactive\`. ${ownerAndCaller}` },
  reactivateUser: { summary: 'Reactivate a user account', description: 'Makes a suspended user active again.' },
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
    description: `Removes the user, deleted before or not, and everything that is held about it: avatar, password, invitation, records of changes, and
answers kept for \`Idempotency-Key\`. It cannot be undone. ${ownerAndCaller} It needs the permission \`users:erase\`. A record remains with the IDs of
the user and the caller (\`GET /v1/erasures\`). From the first moment the user is gone for all other calls, and the email and username are free.
A request that was answered with 500 or 503 may have removed a part: send it again. \`details.erasure\` is then \`incomplete\`, and
\`details.removedItems\` counts the items that this request removed. An erased user is 404.`,
    remarks: {
      jitsudo: 'Deleting in this API erases: it needs `users:erase`, and `users:delete` does not suffice.',
    },
  },
  listErasures: {
    summary: 'List erasures',
    description:
      'Shows who erased which user and when, the last erasure first. The records hold IDs only and are kept permanently. Needs the permission `users:erase`.',
  },
  exportUser: {
    summary: 'Export a user account',
    description:
      'All that is held about a user, deleted or not, except secrets: the user, how it came about, its invitation with how the mail fared, and each change since, with who made it, when, by which request, which policies allowed it, and what was there before. The changes come in pages, each with the user: `nextToken` of one page asks for the next, and the last has none. It is refused of users who hold a permission that the caller does not hold.',
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
  },
  changeOwnPassword: {
    summary: 'Change your own password',
    description:
      'Takes the current password besides the new one. Users who sign in elsewhere (oidc, saml) have no password here: 403. A wrong current password answers 400, and after five of them from one address the next has to wait, longer each time. Tokens of this deployment that the user has end within 30 seconds, the caller’s too: sign in again.',
    remarks: {
      jitsudo: 'So does a new one that is not acceptable.',
    },
    failures: {
      too_many_requests:
        'a limit is reached: `details.limit` is `tenant_requests`, `own_changes`, or `password_attempts` if the current password was wrong too often from this network. Wait for as many seconds as `Retry-After` and `details.retryAfter` say',
    },
  },
} satisfies OperationWords;
