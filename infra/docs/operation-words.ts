import type { DialectName, Operation, Route } from '../../lib/http/routes.ts';

type Documented = Exclude<Operation, 'answerUnrouted'>;

const ownerAndCaller = 'Neither the owner of the tenant nor the caller can be it: 409.';

/** Every operation in a line and a paragraph. */
const operations: Readonly<Record<Documented, { summary: string; description: string }>> = {
  createUser: {
    summary: 'Create a user account',
    description:
      'Creates a user in the tenant of the call and claims its e-mail address, and its user name if it has one. Of many calls at the same time for one address exactly one succeeds; the others answer 409. Nobody can hand out a role that carries a permission which they do not hold themselves. A local user without a password is invited by mail to choose one, and `invite_pending` until then.',
  },
  listUsers: {
    summary: 'List user accounts',
    description: `The users of the tenant in the order of their e-mail addresses, a page at a time: the cursor of one page asks for the next. It is
good for 30 days, for the same caller's tenant and the same filters. A page may be short, or even empty, and still have a cursor; the last
one has none.

Pages are strongly consistent: each shows what is there when it is read, and who is there under one address from the first page to the last
is in exactly one of them. A page takes one query, and a read of every user in it. Avatars are left out.`,
  },
  getUser: { summary: 'Get a user account', description: 'The user as it was last written: what was created a moment ago is there.' },
  updateUser: {
    summary: 'Change a user account',
    description:
      'Changes what the body names, and nothing else. Objects such as `metadata` are merged, and null takes a value away (RFC 7396). A new e-mail address or user name is claimed, and the old one given up, in the same moment. Nobody can change a user who holds a permission that they do not hold themselves, nor hand out a role that carries one; the owner of the tenant keeps their rights. Whoever still waits for an invitation to be accepted is sent a new one when their e-mail address changes, and the one before is dead.',
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
  },
  restoreUser: {
    summary: 'Restore a deleted user account',
    description:
      'Brings a deleted user back as it was. Its e-mail address and user name are claimed again: 409 when another user has one of them by now, or when the days in which it could be restored are over.',
  },
  eraseUser: {
    summary: 'Erase a user account',
    description: `Removes the user, deleted before or not, and everything that is held about it: avatar, password, invitation, records of changes, and
answers kept for \`Idempotency-Key\`. It cannot be undone. ${ownerAndCaller} One that was answered with 500 or 503 may be half done, and can be sent again.`,
  },
  exportUser: {
    summary: 'Export a user account',
    description:
      'All that is held about a user, deleted or not, except secrets: the user, how it came about, its invitation with how the mail fared, and each change since, with who made it, when, by which request, which policies allowed it, and what was there before.',
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
      'Takes the current password besides the new one. Users who sign in elsewhere (oidc, saml) have no password here: 403. A wrong current password answers 400.',
  },
  listInvitations: {
    summary: 'List invitations',
    description: `Everybody in the tenant who was ever invited, in the order of their e-mail addresses, with how that stands and how the mail fares;
deleted users are left out. It is read as lists of users are: a page looks at up to 500 users, may be short or even empty, and still
have a \`nextToken\`; the last one has none.`,
  },
  getInvitation: {
    summary: 'Get the invitation of a user',
    description:
      'By whom a user was invited, until when, what became of it, and how the mail fares. Its link is shown to nobody. A user who was never invited has none: 404.',
  },
  resendInvitation: {
    summary: 'Invite a user again',
    description:
      'A new link by mail, for the full time, also after the last has expired or was revoked; links before it are dead. Once a minute at most: 429. Whoever does it is the inviter from then on, and answers for the roles: those that they cannot give when it is accepted, the user does not get. It takes the permission `users:create`.',
  },
  revokeInvitation: {
    summary: 'Revoke an invitation',
    description:
      'The links that were sent are worth nothing any more, and a mail that has not gone out will not. The user stays `invite_pending` until invited again, or deleted. It takes the permission `users:create`.',
  },
  copyInvitationLink: {
    summary: 'Get a link to hand over',
    description:
      'A new link, shown this once, for somebody whom mail does not reach; links before it are dead. Whoever has it can be the person, so it takes the permission `invitations:copy` besides `users:create`, and no role has that one unless the tenant has made it so. Accepting by it leaves the e-mail address unverified.',
  },
  inspectInvitation: {
    summary: 'Look at an invitation that you were sent',
    description:
      'Whom it is for and until when, and what the password must not be: what a page shows on which an invited person chooses one. It changes nothing, however often it is asked. No access token is needed.',
  },
  acceptInvitation: {
    summary: 'Accept an invitation that you were sent',
    description: `Sets the password and makes the account active, once. A link that came by mail proves the e-mail address. Roles that are gone by then, or
that the inviter could not give any more, are left out. No access token is needed, and none is answered: the person signs in as everybody does.`,
  },
  signIn: {
    summary: 'Sign in with a password',
    description: `An access token of Roster's own for an active local user, for an hour. Whatever is wrong, the answer and what it takes are the same: no
such tenant or user, another password, a user who is suspended, invited, or signs in elsewhere. After five attempts for an account from one
address the next has to wait, longer each time; so has one from an address that was wrong a hundred times in an hour. From other addresses the account
can be used as ever.`,
  },
  requestPasswordReset: {
    summary: 'Ask for a new password',
    description: `A link is mailed to the address, if an active local user of the tenant has it: good for an hour, for one use, and until anything
about the account changes. The answer is the same for every address, and takes the same. Within five minutes there is one mail to an address, and
no more than the deployment allows in a day. No access token is needed.`,
  },
  inspectPasswordReset: {
    summary: 'Look at a link for a new password',
    description:
      'Whose password it is and until when, and what the new one must not be: what a page shows on which somebody chooses it. It changes nothing, however often it is asked. No access token is needed.',
  },
  completePasswordReset: {
    summary: 'Choose a new password',
    description:
      'Sets the password, once, and proves the e-mail address, since the link came by mail. No access token is needed, and none is answered: the person signs in as everybody does.',
  },
  getResetPage: {
    summary: 'Open the page for a new password',
    description:
      'Where the link for a new password leads. The token stands behind the `#` of the link, which no browser sends, and opening the page uses nothing up.',
  },
  getOpenapi: { summary: 'Get this document', description: 'The OpenAPI description of this API.' },
  getDocs: { summary: 'Read this document', description: 'This document as a page to read and try.' },
  getDocsFile: { summary: 'Get a file of that page', description: 'Scripts and styles of the page; it loads nothing from anywhere else.' },
  getAcceptPage: {
    summary: 'Open the page of an invitation',
    description:
      'Where the link in an invitation leads: an invited person chooses a password there. The token of the invitation stands behind the `#` of the link, which no browser sends, and opening the page uses nothing up.',
  },
  getAcceptFile: {
    summary: 'Get a file of the page of an invitation',
    description: 'Scripts and styles of the page; it loads nothing from anywhere else.',
  },
};

/** What holds in one dialect. */
const remarks: Readonly<Partial<Record<DialectName, Readonly<Partial<Record<Documented, string>>>>>> = {
  native: {
    listUsers:
      'All filters that are there have to hold. `email` and `userName` are looked up; `emailPrefix` reads only what begins so; `status`, `roleId` and `authProvider` read up to 500 users a page and leave out those that they do not fit.',
    updateUser:
      'A change of `roleIds` has to say which version it means: 428 without `If-Match`. With another e-mail address `emailVerified` is false again.',
  },
  cradl: {
    createUser:
      'For an address whose invitation has expired the user is invited again: 200, with the user as it is, and nothing else of the body counts.',
    deleteUser: 'Answers with the user as it was.',
  },
  jitsudo: {
    acceptInvitation:
      'A token that is not good (any more), and a password that is not acceptable, answer 400: `details.issues` says which of them it is. The link says which tenant it is about, so no `X-Tenant-ID` is asked for.',
    signIn: 'Without `tenant_slug` the tenant is named by `X-Tenant-ID` or by the host. There is no second factor yet.',
    requestPasswordReset: '`tenant_slug` is ours: without it the tenant is named by `X-Tenant-ID` or by the host.',
    completePasswordReset:
      'A token that is not good (any more), and a password that is not acceptable, answer 400: `details.issues` says which of them it is.',
    changeOwnPassword: 'So does a new one that is not acceptable.',
  },
  credible: {
    createUser: 'It takes a system administrator.',
    listUsers: "This is Cradl's list: Credible's own API has none.",
    updateUser: 'Everybody can change their own account.',
    deleteUser: 'It takes a system administrator.',
  },
};

/** What the document calls an operation, and says of it. */
export function wordsOf({ operation, dialect }: Route): { operationId: string; summary: string; description: string } {
  const { summary, description } = operations[operation as Documented];
  const remark = remarks[dialect]?.[operation as Documented];
  return {
    operationId: dialect === 'native' ? operation : `${dialect}${operation[0]?.toUpperCase()}${operation.slice(1)}`,
    summary,
    description: remark ? `${description}\n\n${remark}` : description,
  };
}
