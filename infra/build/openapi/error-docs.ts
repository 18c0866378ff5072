import {
  Failure,
  type FailureCode,
  invalidInput,
  passwordRejected,
  unauthenticated,
} from '../../../lib/domain/kernel/failure.ts';
import { tooManyRequests } from '../../../lib/domain/kernel/limits.ts';
import type { ErrorDoc } from '../../../lib/api/operation-doc.ts';

const missingRole = { path: 'roles.0', message: 'must be a role of this tenant' };

const describe = (
  text: string,
  code: FailureCode,
  message: string,
  facts: ConstructorParameters<typeof Failure>[2] = {},
) => ({ text, example: new Failure(code, message, facts) });

/** Cause and example of each error code, for operations that do not define their own. */
export const errorDocs: Readonly<Record<FailureCode, Omit<ErrorDoc, 'limits'>>> = {
  malformed_json: describe(
    'the body is missing or is not I-JSON (RFC 7493). `details.line` and `details.column` have the position, and `details.path` the field if the text is JSON',
    'malformed_json',
    "The request body is not valid JSON at line 3, column 1: expected a value, found '}'",
    { details: { line: 3, column: 1 } },
  ),
  invalid_input: {
    text: 'a header, parameter or field is not valid. `details.issues` lists the problems',
    example: invalidInput({ path: 'X-Tenant-ID', message: 'must be a UUID' }),
  },
  invalid_filter: describe(
    'the filter is not valid. The message has the position',
    'invalid_filter',
    'The filter is not valid at character 10: expected an operator such as eq',
  ),
  invalid_path: describe(
    'a path of a PATCH operation is not valid, or names an unknown attribute',
    'invalid_path',
    'Operation 1: path must name an attribute of this resource',
  ),
  no_target: describe(
    'a PATCH operation selects no value',
    'no_target',
    'Operation 2: path is required to remove an attribute',
  ),
  immutable_attribute: describe(
    'a read-only or required attribute would be changed or removed',
    'immutable_attribute',
    'Operation 1: id cannot be changed',
  ),
  invalid_count: describe(
    '`count` is not valid in a page by cursor',
    'invalid_count',
    'count must be a positive integer',
  ),
  unauthenticated: {
    text: 'the access token or API key is missing or not accepted. `details.reason` is `token_missing`, `token_expired` (get a new one), `token_not_yet_valid`, `token_invalid`, `token_revoked` (sign in again) or `api_key_invalid`',
    example: unauthenticated('token_expired', 'The access token has expired'),
  },
  insufficient_user_authentication: describe(
    'changing your own credentials and deleting your account require a sign-in within the last 5 minutes (RFC 9470): sign in again',
    'insufficient_user_authentication',
    'Sign in again to change your email, username, identity or password, or to delete your account',
    { details: { maxAge: 300 } },
  ),
  not_managed: describe(
    'the SCIM connection does not manage the user or group, or the user owns the tenant',
    'not_managed',
    'The user is not managed by this connection',
  ),
  invalid_cursor: describe(
    'the cursor belongs to another list or other parameters',
    'invalid_cursor',
    'The cursor is not one of this list; repeat the parameters of the first page',
  ),
  forbidden: describe(
    'the policies do not allow this. `notices` may state the reason',
    'forbidden',
    'You are not allowed to do this',
    { notices: ['Creating users requires the permission users:create in this tenant.'] },
  ),
  tenant_mismatch: describe(
    'the request names a different tenant than the access token',
    'tenant_mismatch',
    'The request names a different tenant than the access token',
  ),
  tenant_suspended: describe(
    'the tenant is suspended',
    'tenant_suspended',
    'This tenant is suspended',
  ),
  account_suspended: describe(
    'the account of the caller is suspended',
    'account_suspended',
    'This account is suspended',
  ),
  not_found: describe(
    'the resource or the tenant does not exist',
    'not_found',
    'The user does not exist in this tenant',
  ),
  method_not_allowed: describe(
    'the path has other methods, listed in `Allow`',
    'method_not_allowed',
    'This path supports only GET, HEAD',
    { details: { allow: ['GET', 'HEAD'] } },
  ),
  user_exists: describe(
    'another user has the email, username, identity or external ID. `details.field` names it',
    'user_exists',
    'A user with this email already exists',
    { details: { field: 'email' } },
  ),
  slug_taken: describe(
    'the slug is or was used by another tenant',
    'slug_taken',
    'This slug is or was used by another tenant',
    { details: { field: 'slug' } },
  ),
  role_exists: describe(
    'the role ID is in use, was used before, or is reserved',
    'role_exists',
    'The role ID is in use, was used before, or is reserved',
    { details: { field: 'roleId' } },
  ),
  role_built_in: describe(
    'built-in roles cannot be changed or deleted',
    'role_built_in',
    'A built-in role cannot be changed or deleted',
    { details: { field: 'roleId' } },
  ),
  role_limit_reached: describe(
    'the tenant has 200 custom roles, or has created 1,000 including deleted ones',
    'role_limit_reached',
    'A tenant can have 200 custom roles at a time, and 1000 over time including deleted ones',
  ),
  group_exists: describe(
    'another group has the name or the external ID. `details.field` is `name` or `externalId`',
    'group_exists',
    'A group with this name already exists',
    { details: { field: 'name' } },
  ),
  group_limit_reached: describe(
    'the tenant has 1,000 groups, or 2,000 including deleted ones that still have members, or the group has 50,000 members or 20 roles',
    'group_limit_reached',
    'A group can have at most 50,000 members',
  ),
  group_token_exists: describe(
    'another group token of the tenant has the name',
    'group_token_exists',
    'A group token with this name already exists in this tenant',
    { details: { field: 'name' } },
  ),
  invalid_nesting: describe(
    'a group would be a member of itself, of more than 10 groups, or part of a chain of more than 5 groups',
    'invalid_nesting',
    'Groups can be nested at most 5 deep',
  ),
  level_exists: describe(
    'the user or group has a level, which PATCH changes, or the user has the requested level',
    'level_exists',
    'The user or group already has a level',
  ),
  too_many_results: describe(
    'the tenant or group is too large for a list without pages. The message names a list with pages',
    'too_many_results',
    'This list has no pages and serves tenants of up to 5,000 users. Use GET /v1/users.',
  ),
  app_client_revoked: describe(
    'the app client is permanently revoked',
    'app_client_revoked',
    'This app client is permanently revoked',
  ),
  secret_limit_reached: describe(
    'the app client already has two active secrets. Remove one, or set `overlapSeconds` to 0',
    'secret_limit_reached',
    'The app client already has two active secrets. Remove one, or set overlapSeconds to 0.',
  ),
  domain_exists: describe(
    'the tenant already has this domain',
    'domain_exists',
    'The tenant already has this domain',
    { details: { field: 'domain' } },
  ),
  domain_limit_reached: describe(
    'the tenant has 50 domains',
    'domain_limit_reached',
    'A tenant can have at most 50 domains',
  ),
  domain_taken: describe(
    'another tenant has verified this domain',
    'domain_taken',
    'Another tenant has verified this domain',
    { details: { field: 'domain' } },
  ),
  domain_unverified: describe(
    'the DNS does not have the expected TXT record. `details.reason` is `record_missing`, `value_mismatch` or `lookup_failed` (a resolver does not answer). `details.dnsRecord` and `details.dnsValue` have its name and value',
    'domain_unverified',
    'The DNS has no TXT record at this name. Create it and try again.',
    {
      details: {
        reason: 'record_missing',
        dnsRecord: '_roster.acme.example',
        dnsValue: 'roster-verification=3f2a9c81d7e64b05a1c8f0e2d4b69753',
      },
    },
  ),
  events_disabled: describe(
    'the deployment has no event feed (`events: off`)',
    'events_disabled',
    'This deployment has no event feed',
  ),
  webhook_limit_reached: describe(
    'the tenant has 10 webhooks',
    'webhook_limit_reached',
    'A tenant can have at most 10 webhooks',
  ),
  connection_limit_reached: describe(
    'the tenant has 20 SCIM connections',
    'connection_limit_reached',
    'A tenant can have at most 20 connections',
  ),
  managed_by_connection: describe(
    'a SCIM connection manages the app client, which has its own routes, or the field of the user or group, `details.field`',
    'managed_by_connection',
    'The app client belongs to a SCIM connection. Change the connection instead.',
  ),
  deprovisioning_held: describe(
    'the SCIM connection has deprovisioned too many users in an hour, and an administrator has not released it',
    'deprovisioning_held',
    'The connection has deprovisioned too many users in an hour. An administrator can release it.',
    { details: { retryAfter: 3600 } },
  ),
  replay_limit_reached: describe(
    'too many events wait for another attempt',
    'replay_limit_reached',
    'At most 100 events can wait for another attempt. Try again later.',
  ),
  invalid_transition: describe(
    'not possible in the current status of the user, `details.status`. `details.allowed` lists possible operations',
    'invalid_transition',
    'An inactive user cannot be suspended',
    { details: { status: 'inactive', allowed: ['reactivate', 'delete'] } },
  ),
  restore_expired: describe(
    'the restore period has ended',
    'restore_expired',
    'The user can no longer be restored',
    { details: { status: 'deleted', allowed: ['erase'] } },
  ),
  not_invitable: describe(
    'only a local user without a password can be invited. `details.status` has the status of the user',
    'not_invitable',
    'Only a local user without a password can be invited',
    { details: { status: 'active' } },
  ),
  not_verifiable: describe(
    'the user is not active, or has already verified the email. `details.status` has the status of the user',
    'not_verifiable',
    'The user has already verified this email',
    { details: { status: 'active' } },
  ),
  owner_protected: describe(
    'the owner of the tenant must keep their account and permissions. Transfer the ownership first',
    'owner_protected',
    'The owner of the tenant cannot be suspended or deleted. Transfer the ownership first.',
  ),
  owner_ineligible: describe(
    'the user cannot own the tenant. `details.reason` is `not_active` (with `details.status`), `password_set_by_administrator`, `not_administrator`, `credentials_limited` (with `details.credentials`), `email_not_verified` or `no_credential`',
    'owner_ineligible',
    'The new owner must have the role admin',
    { details: { field: 'ownerUserId', reason: 'not_administrator' } },
  ),
  self_protected: describe(
    'callers cannot suspend or delete their own account',
    'self_protected',
    'You cannot suspend or delete your own account',
  ),
  invitation_expired: describe(
    'the invitation has expired. The inviter can invite again',
    'invitation_expired',
    'This invitation has expired',
    { details: { expired: '2026-02-07T12:00:00.000Z' } },
  ),
  invitation_used: describe(
    'the invitation is already accepted',
    'invitation_used',
    'This invitation is already accepted',
  ),
  invitation_revoked: describe(
    'the link no longer works. `details.reason` is `superseded` (a newer link exists), `revoked` or `inviter_gone` (the inviter can no longer invite users)',
    'invitation_revoked',
    'A newer link replaced this invitation link',
    { details: { reason: 'superseded' } },
  ),
  password_reset_expired: describe(
    'the link expired after one hour. Request a new one',
    'password_reset_expired',
    'This link has expired',
    { details: { expired: '2026-01-31T13:00:00.000Z' } },
  ),
  password_reset_used: describe(
    'the link was used, or the email, password, status or identity changed after it was sent',
    'password_reset_used',
    'The link was used, or the address, password, status or identity changed after it was sent',
  ),
  confirmation_expired: describe(
    'the link expired after one hour. Request a new one',
    'confirmation_expired',
    'The link has expired. Request a new one.',
  ),
  email_verification_expired: describe(
    'the link expired. `details.expired` has the time',
    'email_verification_expired',
    'This link has expired',
    { details: { expired: '2026-02-01T12:00:00.000Z' } },
  ),
  email_verification_used: describe(
    'the link was already used',
    'email_verification_used',
    'This link was already used',
  ),
  cursor_expired: describe(
    'the events after the cursor are older than the retention. `details.oldestCursor` starts at the oldest event; events between are lost',
    'cursor_expired',
    'The events after this cursor are older than the retention',
    { details: { oldestCursor: 'eyJhbGciOiJkaXIifQ' } },
  ),
  precondition_failed: describe(
    'the user does not have a version listed in `If-Match`. `details.version` has the current one; read the user again',
    'precondition_failed',
    'The resource has changed. Read it again.',
    { details: { version: 2 } },
  ),
  precondition_required: describe(
    'a change of roles requires `If-Match`',
    'precondition_required',
    'A change of roles requires If-Match with the ETag of the user',
  ),
  payload_too_large: describe(
    'the body has more than 1 MiB',
    'payload_too_large',
    'The request body must have at most 1048576 bytes',
  ),
  unsupported_media_type: describe(
    'the body is not declared as `application/json`',
    'unsupported_media_type',
    'The Content-Type must be application/json',
  ),
  invalid_roles: describe(
    'a role does not exist in this tenant',
    'invalid_roles',
    `${missingRole.path} ${missingRole.message}`,
    { details: { field: 'roles', issues: [missingRole] } },
  ),
  invalid_app_client: describe(
    'the app client does not exist in this tenant',
    'invalid_app_client',
    'appClientId must be an active app client of this tenant',
    { details: { field: 'appClientId' } },
  ),
  password_rejected: {
    text: 'the password is too short, too common, too easily guessed or a hash, or the hash is too weak or too costly. `details.reason` states the reason',
    example: passwordRejected('password', 'too_short', 'must have at least 15 characters'),
  },
  origin_required: describe(
    'the deployment has no hosts for tenants, and this API has no field for an origin. Create the tenant with `POST /v1/tenants`',
    'origin_required',
    'This deployment has no hosts for tenants, so a tenant needs an origin. Create it with POST /v1/tenants.',
  ),
  domain_rejected: describe(
    'no tenant can own the domain. `details.reason` is `public_suffix` or `email_provider`',
    'domain_rejected',
    'domain must not be a domain of an email provider',
    {
      details: {
        field: 'domain',
        reason: 'email_provider',
        issues: [{ path: 'domain', message: 'must not be a domain of an email provider' }],
      },
    },
  ),
  idempotency_mismatch: describe(
    'the `Idempotency-Key` was sent before with another body',
    'idempotency_mismatch',
    'This Idempotency-Key was used for a different request',
    { details: { field: 'Idempotency-Key' } },
  ),
  too_many_requests: {
    text: 'a limit is reached',
    example: tooManyRequests('tenant_requests', 4),
  },
  not_implemented: describe(
    'the caller is an app client, which has no user',
    'not_implemented',
    'An app client has no user. Use the token of a user.',
  ),
  internal: describe('a defect of the service', 'internal', 'An internal error occurred'),
  unavailable: describe(
    'a dependency is not reachable. Retry after `Retry-After` seconds',
    'unavailable',
    'The directory is busy. Nothing was written; try again.',
  ),
};
