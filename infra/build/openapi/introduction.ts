import type { DialectName } from '../../../lib/api/routes.ts';

/** Groups of the document. */
export const dialectGroups: Readonly<Record<DialectName, { name: string; description: string }>> = {
  native: {
    name: 'Roster',
    description: 'The API of Roster, with every field of the other three, `ETag` and `Location`.',
  },
  cradl: {
    name: 'Cradl',
    description: 'The API of docs.cradl.ai. Responses never contain the email of a user.',
  },
  jitsudo: {
    name: 'JITSudo',
    description:
      'The API of JITSudo, in snake_case. `X-Tenant-ID` is required on every authenticated request, except to create or list tenants.',
  },
  credible: {
    name: 'Credible',
    description:
      'The API of docs.credibledata.com. The host or an organization in the path names the tenant; otherwise the token does. Creating and deleting users requires a system administrator.',
  },
  scim: {
    name: 'SCIM',
    description:
      'SCIM 2.0 (RFC 7643, RFC 7644) for identity providers such as Okta and Microsoft Entra ID. The token of a connection names the tenant.',
  },
};

/** Introduction of the document for a deployment with these dialects. */
export const introduce = (dialects: readonly DialectName[]): string =>
  `Roster manages the user accounts of many tenants. It serves the same users in several dialects:

${dialects.map((dialect) => `- **${dialectGroups[dialect].name}:** ${dialectGroups[dialect].description}`).join('\n')}

Clients of these APIs need only a new base URL. A user created in one dialect can be read in every other.

## Authentication

Send an access token as \`Authorization: Bearer <token>\`. Tokens come from Roster or from an issuer that the deployment trusts. Roster issues tokens to app clients at \`POST /oauth2/token\` and to users at \`POST /v1/auth/token\`. The secret of an app client also works as an API key: \`X-API-Key: <secret>\` or \`Authorization: ApiKey <secret>\`. A request has exactly one credential.

The tenant comes from the token or API key. If the request also names a tenant (\`X-Tenant-ID\`, the host or an organization of Credible in the path), both must agree; otherwise the response is 403 \`tenant_mismatch\`. Requests with a link token need no access token.

## Errors

All errors have the same body: \`code\` for programs, \`message\` for humans, \`details\` with facts and the \`requestId\`, and \`notices\` with the reasons given by the policies that decided. Messages can change; codes do not. Responses of the gateway itself have only a \`message\`: 400 for a path that cannot be decoded, 413, 429, 500 and 503.

## Consistency

Reads of users and lists are strongly consistent: they return every change that completed before. Reads use tenants, roles, groups of the caller and app clients that are up to 30 seconds old. Changes and denials use current data: a new role can be assigned at once.

## Concurrent changes

Concurrent changes are applied one after the other; none is lost. To change only the version that you have read, send its \`ETag\` as \`If-Match\`. If the resource has changed, the response is 412 and nothing is written.

## Idempotency

Send an \`Idempotency-Key\` to create a user safely even if the response gets lost. For 24 hours, the same key and body return the first response with \`Idempotency-Replayed: true\`, and nothing is created again.

## Invitations

A local user without a password is \`invite_pending\` and receives an invitation by email. Its link leads to the tenant's page, or to \`/accept\` here. The token is in the fragment (\`#token=…&locale=en\`), which browsers do not send. The page shows the result of \`POST /v1/invitations/inspect\` and sends the password to \`POST /v1/invitations/accept\`, which makes the user \`active\`. A page on another host must be an allowed origin of the deployment (\`corsOrigins\`). A link works once, until it expires or a newer one is sent.

## Input

Unknown fields and query parameters are 400; the message suggests the closest known name. On create, null and blank text mean that a field is absent. Names, usernames, emails and language tags are trimmed. Descriptions, metadata, identities and passwords are stored exactly. Names are one line without control characters, invisible characters and characters that change the writing direction.

The gateway decodes paths twice. Usernames, emails and names of groups with \`%\` or \`?\` are refused, because a path cannot name them.

Every path with \`GET\` supports \`HEAD\`, and every path supports \`OPTIONS\`. Other methods are 405 with \`Allow\`.`;
