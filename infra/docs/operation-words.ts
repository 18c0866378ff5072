import type { DialectName, Operation, Route } from '../../lib/http/routes.ts';

type Documented = Exclude<Operation, 'answerUnrouted'>;

const notAbove = 'Nobody can change an app client that holds a permission which they do not hold themselves.';
const revoking = `It can call no more, within 30 seconds with the tokens that it has, and new users cannot name it. That is for good: its ids are never used
again, and what is known of it stays. Doing so again changes nothing. ${notAbove} No app client can revoke itself: 409.`;
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
      'Changes what the body names, and nothing else. Objects such as `metadata` are merged, and null takes a value away (RFC 7396). A new e-mail address or user name is claimed, and the old one given up, in the same moment. Nobody can change a user who holds a permission that they do not hold themselves, nor hand out a role that carries one; the owner of the tenant keeps their rights. A password of somebody else is set by a system administrator, or by an administrator where the owner of the tenant allows it; the person has to change it before their roles count again. Whoever still waits for an invitation to be accepted is sent a new one when their e-mail address changes, and the one before is dead.',
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
      'Takes the current password besides the new one. Users who sign in elsewhere (oidc, saml) have no password here: 403. A wrong current password answers 400, and after five of them from one address the next has to wait, longer each time. Tokens of this deployment that the user has end within 30 seconds, the caller’s too: sign in again.',
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
  createRole: {
    summary: 'Create a role',
    description:
      "A role of the tenant's own. Nobody can put a permission into it that they do not hold themselves. A tenant can have 200 of them at once and 1,000 ever, deleted ones included, since a role id is never used again.",
  },
  listRoles: {
    summary: 'List roles',
    description:
      'The roles of the tenant in the order of their ids, the built-in ones included, a page at a time: `nextToken` of one page asks for the next. It is good for 30 days.',
  },
  getRole: { summary: 'Get a role', description: 'The role as it was last written, or a built-in one.' },
  updateRole: {
    summary: 'Change a role',
    description:
      'Changes what the body names, and nothing else, for everybody who has the role; it takes effect within 30 seconds. `metadata` is merged, and null takes a value away (RFC 7396). It is a grant to all of them: nobody can change a role that carries a permission which they do not hold themselves, nor give it one; the owner of the tenant keeps their rights. Built-in roles stay as they are: 409.',
  },
  deleteRole: {
    summary: 'Delete a role',
    description:
      'Within 30 seconds the role counts for nothing any more, wherever it is still named: on users, on app clients, in tokens, and in invitations, which can be accepted without it. Its id is never used again. Nobody can delete a role that carries a permission which they do not hold themselves, nor a built-in one: 409.',
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
  createAppClient: {
    summary: 'Create an app client',
    description: `A program that calls in the tenant's name. Its secret is in this answer and in no other; only a hash of it is kept. Nobody can hand out
a role that carries a permission which they do not hold themselves. What the roles of an app client allow now is what it may do now.`,
  },
  listAppClients: {
    summary: 'List app clients',
    description:
      'The app clients of the tenant in the order of their ids, a page at a time. A page may be short, or even empty, and still have a cursor; the last one has none.',
  },
  getAppClient: { summary: 'Get an app client', description: 'The app client as it was last written. No secret is ever in it.' },
  updateAppClient: {
    summary: 'Change an app client',
    description: `Changes what the body names, and nothing else; null takes a value away. ${notAbove} One that is revoked stays as it is: 409.`,
  },
  deleteAppClient: { summary: 'Delete an app client', description: revoking },
  revokeAppClient: { summary: 'Revoke an app client', description: revoking },
  createAppClientSecret: {
    summary: "Rotate an app client's secret",
    description: `A new secret, shown this once. What was good before stays good for \`overlapSeconds\`, a day unless it is said otherwise, and no longer than it
was to be; so that there is time to hand the new one out. Two secrets are good at the same time at most: 409, unless \`overlapSeconds\` is 0,
which ends all others at once. ${notAbove}`,
  },
  deleteAppClientSecret: {
    summary: "Remove an app client's secret",
    description: `From now on no token is given for it; those that were given are good until they expire. ${notAbove} No app client can take its last secret
from itself: 409.`,
  },
  createTenant: {
    summary: 'Create a tenant',
    description:
      'Creates a tenant and its owner, both or neither: the owner is invited by mail, as an administrator. The slug is the label of the tenant in host names; what a tenant has, or had, no other gets: 409, as is the address of an owner that is taken among all `system` tenants. It takes a system administrator.',
  },
  listTenants: {
    summary: 'List tenants',
    description: 'Tenants in the order of their slugs, a page at a time: the cursor of one page asks for the next, and the last has none.',
  },
  getTenant: {
    summary: 'Get a tenant',
    description:
      'The tenant as it was last written. It takes the permission `tenant:read` in it, or a system administrator. Any other tenant than the own is not found, as one that there is not.',
  },
  updateTenant: {
    summary: 'Change a tenant',
    description:
      'Changes what the body names, and nothing else. It takes the permission `tenant:update`. A change takes effect within 30 seconds.',
  },
  suspendTenant: {
    summary: 'Suspend a tenant',
    description:
      'Within 30 seconds every call in the tenant is refused, whoever makes it: 403. Only a system administrator can still read, change and resume it. It takes a system administrator; a tenant that is suspended already answers 409.',
  },
  resumeTenant: {
    summary: 'Resume a suspended tenant',
    description:
      'Within 30 seconds the tenant is served again, as it was. It takes a system administrator; a tenant that is not suspended answers 409.',
  },
  transferOwnership: {
    summary: 'Make another user the owner of a tenant',
    description:
      'The owner of a tenant can be neither suspended nor deleted, and keeps their rights. Only they hand the ownership on, or a system administrator, and only to an active user of the tenant who has the role `admin`: any other user is a 409. The owner before stays what they are otherwise.',
  },
  issueToken: {
    summary: 'Get an access token for a program',
    description: `An app client shows its secret and gets a token for an hour, by \`client_credentials\` (RFC 6749 §4.4). Parameters may stand in the form, in
the query, or in both, each once; the secret in \`Authorization: Basic\` or in the form, and never in the query. What the client may do is read
from the directory whenever the token is used: a client that is revoked or has other roles is so within 30 seconds, whatever its tokens say.`,
  },
  getDiscovery: {
    summary: 'Get the metadata of the token issuer',
    description:
      'Where tokens are had and by which keys they are verified, for whoever trusts tokens of this deployment. It may be kept for 5 minutes.',
  },
  getKeySet: {
    summary: 'Get the keys of the token issuer',
    description:
      'The public keys that tokens of this deployment are signed with: the one of now, and those of before and after it while one replaces another. It may be kept for 5 minutes.',
  },
  signIn: {
    summary: 'Sign in with a password',
    description: `An access token of Roster's own for an active local user, for an hour. Whatever is wrong, the answer and what it takes are the same: no
such tenant or user, another password, a user who is suspended, invited, or signs in elsewhere. After five attempts for an account from one
address the next has to wait, longer each time; so has one from an address that was wrong a hundred times in an hour. From other addresses the account
can be used as ever. Whose password somebody else has set is signed in without any role, and changes it at \`POST …/me/password\`.`,
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
    listTenants: 'It takes a system administrator.',
    updateTenant: '`origin`, `acceptUrl`, `sender` and `status` can only be changed by a system administrator.',
    listUsers:
      'All filters that are there have to hold. `email` and `userName` are looked up; `emailPrefix` reads only what begins so; `status`, `roleId` and `authProvider` read up to 500 users a page and leave out those that they do not fit.',
    updateUser:
      'A change of `roleIds` has to say which version it means: 428 without `If-Match`. With another e-mail address `emailVerified` is false again.',
  },
  cradl: {
    listTenants: 'These are the organizations that the caller belongs to: the one of the call.',
    createUser:
      'For an address whose invitation has expired the user is invited again: 200, with the user as it is, and nothing else of the body counts. Assigning roles needs the permission `roles:delegate` besides.',
    updateUser: 'Assigning roles needs the permission `roles:delegate` besides.',
    deleteUser: 'Answers with the user as it was.',
    createAppClient: 'Roles in it take the permission `roles:delegate` besides.',
    updateAppClient: 'Roles in it take the permission `roles:delegate` besides.',
    deleteAppClient: 'Answers with the app client as it was; to every later call it is gone.',
    createRole: `The id is made up here. Of Cradl's permissions those can be used that mean something here, always with the effect \`allow\`; others are
400. On \`cradl:user:*\`, \`read\` is \`users:read\`, and \`write\` is \`users:create\`, \`users:update\` and \`users:delete\`; for one of the three there are
\`cradl:user:*:create\`, \`cradl:user:*:update\` and \`cradl:user:*:delete\`. On \`cradl:role:*\`, \`read\`, \`write\` and \`delegate\` are \`roles:read\`,
\`roles:write\` and \`roles:delegate\`; on \`cradl:app-client:*\`, \`read\` and \`write\` are \`appClients:read\` and \`appClients:write\`; on
\`cradl:organization:*\` they are \`tenant:read\` and \`tenant:update\`; on \`cradl:invitation:*\`, \`write\` is \`invitations:copy\`. The action \`*\` is all that is
here for its resource.`,
    deleteRole: 'Answers with the role as it was.',
  },
  jitsudo: {
    createAppClient: 'The key is the secret of an app client. `scopes` are the names of roles, of which each tenant has its own.',
    createTenant:
      'Links in its mails lead to its own host, `https://<slug>.<suffix>`; where the deployment has none, `origin` has to say where.',
    listTenants: 'A system administrator sees all of them, everybody else with the permission `tenant:read` their own.',
    updateTenant:
      'With `owner_user_id` the ownership moves, to another active administrator of the tenant: only its owner can do that, or a system administrator.',
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
