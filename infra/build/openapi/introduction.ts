import type { FailureCode } from '../../../lib/domain/kernel/failure.ts';
import type { DialectName } from '../../../lib/api/routes.ts';

/** Introduction of the document, for a deployment that serves these dialects. */
export const introduce = (dialects: readonly DialectName[]): string =>
  `User accounts of many tenants, in the dialects of these APIs: ${dialects.map((dialect) => tags[dialect].name).join(', ')}. A client of any of
them works unchanged with the base URL of its dialect. A user created in one dialect can be read in every other.

**Who may.** Every call carries an access token (\`Authorization: Bearer …\`), of Roster itself or of an issuer that this deployment trusts. The tenant comes from
the token; a request that names one as well (\`X-Tenant-ID\`, or its host) has to name the same. In the place of a token an API key will do: the secret of
an app client, as \`X-API-Key\` or \`Authorization: ApiKey …\`. Roster issues tokens of its own, at \`POST /oauth2/token\` to app clients and at
\`POST /v1/auth/token\` to people. Whoever was sent a link needs none: what is in the link takes its place.

**What is read is what is there.** Users and lists of users are read strongly consistent: what was answered with success shows in every read
after it. Reads use tenants, roles and app clients that are up to 30 seconds old. Changes and refusals use current data. For example, a new role can be assigned at once.

**Changes never lose one another.** Of two changes at once the second is made on what the first has left. Whoever wants to change only what
they have seen sends its \`ETag\` as \`If-Match\`, in any of the APIs. If the user has changed since, the answer is 412 and nothing is written.

**Creating twice by accident.** A create whose answer was lost can be sent again when it carries an \`Idempotency-Key\`: for 24 hours the same
body with the same key is answered as it was the first time, with \`Idempotency-Replayed: true\`, and has no second effect.

**Inviting.** Somebody has to choose the password of a local account. A user who is created without one is \`invite_pending\`, and is sent a
mail: its link leads to the tenant's own page, or to \`/accept\` here, with the token of the invitation behind the \`#\`
(\`#token=…&locale=en\`), where no server sees it. Such a page shows what \`POST /v1/invitations/inspect\` answers, and sends the password to
\`POST /v1/invitations/accept\`, which makes the user \`active\`; a page on a host of its own has to be one of the origins that the deployment
allows (\`corsOrigins\`). A link is good once, for as many days as the tenant says, and until there is a newer one.

**Failures** have one body everywhere: \`code\` for machines, \`message\` for people, \`details\` with the facts and the \`requestId\`, and
\`notices\` where a policy has something to say. Responses of the gateway itself have only a \`message\`:
400 for a path whose escapes cannot be decoded, 413, 429 and 503. Every path with \`GET\` answers \`HEAD\`, and every path answers \`OPTIONS\`. Any other
method is 405 with \`Allow\`.

**Input.** Unknown fields and query parameters are 400; the message suggests the nearest known name. On create, null and blank text mean that a field is
absent. Names, usernames, email addresses and language tags are trimmed. Descriptions, metadata, identities and passwords are stored exactly. Names are one line
without control characters, invisible characters and characters that change the writing direction.

**Paths** are decoded twice by the gateway. Usernames and addresses with \`%\` or \`?\` are refused, because a path cannot name them.`;

/** The section of each dialect. */
export const tags: Readonly<Record<DialectName, { name: string; description: string }>> = {
  native: {
    name: 'Roster',
    description:
      'The superset: every field of the other three, `ETag`, and `Location` on creation.',
  },
  cradl: {
    name: 'Cradl',
    description: 'As on docs.cradl.ai. The e-mail address is taken and never given back.',
  },
  jitsudo: {
    name: 'JITSudo',
    description:
      'As in the documentation of JITSudo: snake_case, and `X-Tenant-ID` on every request.',
  },
  credible: {
    name: 'Credible',
    description:
      'As on docs.credibledata.com. Creating and deleting users takes a system administrator; the tenant is named by the host, or else by the token.',
  },
};

const formatLimits = (limits: readonly string[]): string =>
  `a limit is reached. \`details.limit\` is ${new Intl.ListFormat('en', { type: 'disjunction' }).format(limits)}. Retry after the number of seconds in \`Retry-After\` and \`details.retryAfter\``;

/** Describes the limits on authenticated calls: those of the tenant and the caller, and `others`. */
export const describeLimits = (...others: readonly string[]): string =>
  formatLimits([
    '`tenant_requests` or `tenant_units` for requests of the tenant, or units that they consume, within 10 s',
    '`caller_requests` or `caller_units` for those of one caller',
    ...others,
  ]);

/** Why each failure happens, and what to do about it. */
export const failures: Readonly<Record<FailureCode, string>> = {
  malformed_json:
    'the body is missing or is not I-JSON (RFC 7493). `details.line` and `details.column` have the position, and `details.path` the field if the text is JSON',
  invalid_input:
    'a header, a parameter or a field is not what was expected: `details.issues` says which',
  unauthenticated:
    'the access token or API key is missing or not accepted. `details.reason`: `token_missing`, `token_expired` (get a new one), `token_not_yet_valid`, `token_invalid`, `token_revoked` (sign in again) or `api_key_invalid`',
  insufficient_user_authentication:
    'changing your own credentials requires a sign-in within the last 5 minutes (RFC 9470): sign in again',
  forbidden: 'the policies do not allow this caller to do it: `notices` may say why',
  tenant_mismatch: 'the request names another tenant than the token',
  tenant_suspended: 'the tenant is suspended',
  account_suspended: 'the account of the caller is suspended',
  not_found: 'there is no such thing in this tenant, or no such tenant',
  method_not_allowed: 'the path has other methods: `Allow` lists them',
  user_exists:
    'the e-mail address, the user name or the identity is taken: `details.field` says which',
  slug_taken: 'another tenant uses or used the slug',
  role_exists: 'the role ID is in use, was used before, or is reserved',
  role_built_in: 'a built-in role cannot be changed or deleted',
  role_limit_reached:
    'the tenant has 200 custom roles, or has created 1,000 including deleted ones',
  app_client_revoked: 'the app client is revoked permanently',
  secret_limit_reached:
    'the app client already has two active secrets: remove one, or set `overlapSeconds` to 0',
  invalid_transition:
    "not possible in the user's current status, `details.status`. `details.allowed` lists possible operations",
  restore_expired: 'the period for restoring the user has ended',
  not_invitable:
    'only a local user without a password can be invited. `details.status` has the status of the user',
  owner_protected:
    'the owner of the tenant must keep their account and permissions: transfer the ownership first',
  owner_ineligible:
    'the user cannot own the tenant. `details.reason`: `not_active` (with `details.status`), `password_set_by_administrator`, `not_administrator`, `credentials_limited` (with `details.credentials`), `email_not_verified` or `no_credential`',
  self_protected: 'the caller cannot suspend or delete their own account',
  invitation_expired:
    'the time in which it could be accepted is over: whoever invited can do so again',
  invitation_used: 'it has been accepted already',
  invitation_revoked:
    'the link is worth nothing any more: `details.reason` says whether a newer one was sent (`superseded`), it was withdrawn (`revoked`), or who sent it can invite no more (`inviter_gone`)',
  password_reset_expired: 'the hour in which the link was good is over: ask for another',
  password_reset_used:
    'the link was used, or the address, password, status or identity changed after it was sent',
  confirmation_expired: 'the link expired after one hour: request a new one',
  precondition_failed:
    'the user has another version than those in `If-Match`: read it again (`details.version`)',
  precondition_required: 'a change of roles needs `If-Match`',
  payload_too_large: 'the body is over 1 MiB',
  unsupported_media_type: 'the body is not declared as `application/json`',
  invalid_roles: 'a role does not exist in this tenant',
  invalid_app_client: 'the app client does not exist in this tenant',
  password_rejected:
    'the password is too short, too common, too easily guessed or a hash, or its hash is too weak or too costly: `details.reason` says which',
  idempotency_mismatch: 'the `Idempotency-Key` was sent with another body before',
  too_many_requests: describeLimits(),
  internal: 'a defect of the service',
  unavailable:
    'something that the service needs cannot be reached; try again after `Retry-After` seconds',
};

/** What these mean where the token of a link says who calls. */
export const failuresOfLinks: Readonly<Partial<Record<FailureCode, string>>> = {
  not_found:
    'the token is no genuine one, or the user that it was for is gone: nothing tells which',
  too_many_requests: formatLimits([
    '`link_attempts` for uses of the links of one account from one network within an hour',
    '`reset_requests` for reset requests for one account from one network within an hour',
    '`network_links` for both from one network within an hour',
  ]),
};
