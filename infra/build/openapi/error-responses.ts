import * as z from 'zod';
import type { ZodOpenApiResponseObject } from 'zod-openapi';
import { dialects } from '../../../lib/api/dialects.ts';
import { errorBody } from '../../../lib/api/error-body.ts';
import { Failure, type FailureCode } from '../../../lib/domain/kernel/failure.ts';
import type { DialectName, Route } from '../../../lib/api/routes.ts';
import { failuresOfAppClients } from '../../../lib/api/app-clients/docs-texts.ts';
import { authenticate, requestId, retryAfter } from './headers.ts';
import { failuresOfInviting } from '../../../lib/api/invitations/docs-texts.ts';
import { failuresOf } from './operations.ts';
import { failuresOfRoles } from '../../../lib/api/roles/docs-texts.ts';
import { failuresOfTenants } from '../../../lib/api/tenants/docs-texts.ts';
import { userWires } from '../../../lib/api/users/docs.ts';
import { shapeOf, type WireOperation } from '../../../lib/api/operation-doc.ts';
import { failures, failuresOfLinks } from './introduction.ts';

/** What API Gateway answers by itself, before a function runs. */
export const gatewayBody = z
  .strictObject({ message: z.string() })
  .meta({ id: 'GatewayProblem', description: 'A failure that the gateway answers by itself.' });

/** The answer to too many requests, which is the gateway's own. */
export const tooManyRequests: ZodOpenApiResponseObject = {
  description: 'Too many requests at once: wait a moment and send it again.',
  content: {
    'application/json': { schema: gatewayBody, example: { message: 'Too Many Requests' } },
  },
};

/** On every route with a token. Nothing found on a create too: a system administrator may name a tenant that there is not. */
const always = [
  'invalid_input',
  'unauthenticated',
  'forbidden',
  'tenant_mismatch',
  'tenant_suspended',
  'not_found',
  'too_many_requests',
  'internal',
  'unavailable',
] as const;
/** On every route where a token in the body says who calls. */
const alwaysInPublic = [
  'invalid_input',
  'tenant_suspended',
  'not_found',
  'internal',
  'unavailable',
] as const;
/** Where it tells nobody anything. */
const alwaysWithoutTelling = ['invalid_input', 'internal', 'unavailable'] as const;
const ofBodies = ['malformed_json', 'payload_too_large', 'unsupported_media_type'] as const;

/** What a body can be refused for, by the fields that it may have. */
const ofFields: readonly (readonly [FailureCode, readonly string[]])[] = [
  ['user_exists', ['email', 'userName', 'identity']],
  ['invalid_roles', ['roles', 'roleIds', 'scopes']],
  ['invalid_app_client', ['appClientId']],
  ['password_rejected', ['password', 'newPassword', 'new_password']],
];

/** What besides can go wrong with an operation. */
const ofOperations: Readonly<Partial<Record<WireOperation, readonly FailureCode[]>>> = {
  suspendUser: ['invalid_transition', 'owner_protected', 'self_protected'],
  reactivateUser: ['invalid_transition'],
  setUserActive: ['invalid_transition', 'owner_protected', 'self_protected'],
  deleteUser: ['invalid_transition', 'owner_protected', 'self_protected'],
  restoreUser: ['invalid_transition', 'restore_expired', 'user_exists'],
  eraseUser: ['invalid_transition', 'owner_protected', 'self_protected'],
  getOwnUser: ['account_suspended'],
  updateOwnUser: ['account_suspended'],
  changeOwnPassword: ['account_suspended'],
  requestCredentialConfirmation: ['account_suspended'],
  confirmCredential: ['account_suspended', 'confirmation_expired'],
  resendInvitation: ['not_invitable'],
  revokeInvitation: ['invalid_transition'],
  copyInvitationLink: ['not_invitable'],
  updateAppClient: ['app_client_revoked'],
  deleteAppClient: ['self_protected'],
  revokeAppClient: ['self_protected'],
  createAppClientSecret: ['app_client_revoked', 'secret_limit_reached'],
  deleteAppClientSecret: ['self_protected'],
  createRole: ['role_exists', 'role_limit_reached'],
  updateRole: ['role_built_in', 'owner_protected'],
  deleteRole: ['role_built_in', 'owner_protected'],
  inspectInvitation: [
    'invitation_expired',
    'invitation_used',
    'invitation_revoked',
    'too_many_requests',
  ],
  acceptInvitation: [
    'invitation_expired',
    'invitation_used',
    'invitation_revoked',
    'too_many_requests',
  ],
  createTenant: ['slug_taken', 'user_exists'],
  suspendTenant: ['invalid_transition'],
  resumeTenant: ['invalid_transition'],
  transferOwnership: ['owner_ineligible'],
  signIn: ['unauthenticated', 'too_many_requests'],
  requestPasswordReset: ['too_many_requests'],
  inspectPasswordReset: ['password_reset_expired', 'password_reset_used', 'too_many_requests'],
  completePasswordReset: ['password_reset_expired', 'password_reset_used', 'too_many_requests'],
};

/** What can go wrong on a route, by the status that its dialect gives it. */
export function failureResponses(route: Route): Record<string, ZodOpenApiResponseObject> {
  const byStatus = Map.groupBy(failureCodes(route), (code) => shown(route.dialect, code).status);
  const words = {
    ...failures,
    ...(route.access === 'public' && failuresOfLinks),
    ...(/^(createUser|resendInvitation)$/.test(route.operation) && failuresOfInviting),
    ...(/AppClient/.test(route.operation) && failuresOfAppClients),
    ...(/Role/.test(route.operation) && failuresOfRoles),
    ...(/Tenant|Ownership/.test(route.operation) && failuresOfTenants),
    ...failuresOf(route),
  };
  // The gateway refuses a path whose escapes it cannot decode.
  const isBrokenPath = (status: number) =>
    status === 400 && route.route.includes('{') ? true : undefined;
  return Object.fromEntries(
    [...byStatus].map(([status, codes]) => [
      String(status),
      failureResponse(route.dialect, status, codes, words, isBrokenPath(status)),
    ]),
  );
}

function failureCodes(route: Route): FailureCode[] {
  const {
    request,
    conditional,
    repeatable,
    namesTenant,
    mapError = (failure) => failure,
  } = shapeOf(route);
  // What a request only asks about is not held against it.
  const fields =
    request && !namesTenant && route.operation !== 'approveCredentials'
      ? fieldsOf(request.schema)
      : [];
  const changesRoles =
    route.operation === 'updateUser' && (fields.includes('roles') || fields.includes('roleIds'));
  const codes: FailureCode[] = [
    ...(route.access === 'bearer' ? always : namesTenant ? alwaysWithoutTelling : alwaysInPublic),
    // A route without fields refuses a body with fields.
    ...(route.route.startsWith('GET ') ? [] : ofBodies),
    ...ofFields
      .filter(([, names]) => names.some((name) => fields.includes(name)))
      .map(([code]) => code),
    ...(ofOperations[route.operation as WireOperation] ?? []),
    ...(changesCredentials(route, fields) ? (['insufficient_user_authentication'] as const) : []),
    ...(fields.includes('owner_user_id') ? (['owner_ineligible'] as const) : []),
    // The owner of a tenant keeps their rights.
    ...(changesRoles ? (['owner_protected'] as const) : []),
    ...(conditional ? (['precondition_failed'] as const) : []),
    ...(changesRoles && userWires[route.dialect].requiresIfMatchForRoles
      ? (['precondition_required'] as const)
      : []),
    ...(repeatable ? (['idempotency_mismatch'] as const) : []),
  ];
  return [...new Set(codes.map((code) => mapError(new Failure(code, '')).code))];
}

/** True if callers can change credentials of their own account with it. */
const changesCredentials = ({ operation }: Route, fields: readonly string[]): boolean =>
  operation === 'approveCredentials' ||
  (operation === 'updateUser' &&
    ['email', 'userName', 'password'].some((name) => fields.includes(name)));

const fieldsOf = (schema: z.ZodType): string[] => {
  const { $defs = {}, ...inline } = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' });
  return [inline, ...Object.values($defs)].flatMap(({ properties = {} }) =>
    Object.keys(properties),
  );
};

/** The status and the code that a failure has in a dialect, which may call it something else. */
const shown = (dialect: DialectName, failure: FailureCode) => {
  const { status, body } = dialects[dialect].renderError(new Failure(failure, ''), '');
  return { status, code: errorBody.parse(body).code };
};

/** The answer with a status, and every failure that has it. */
export const failureResponse = (
  dialect: DialectName,
  status: number,
  codes: readonly FailureCode[],
  words: typeof failures = failures,
  isGateways = [413, 429, 500, 503].includes(status),
): ZodOpenApiResponseObject => ({
  description: codes
    .map((code) => `\`${shown(dialect, code).code}\`: ${words[code]}.`)
    .join('\n\n'),
  headers: z.object({
    'X-Request-Id': requestId,
    ...(status === 401 && { 'WWW-Authenticate': authenticate }),
    ...((status === 429 || status === 503) && { 'Retry-After': retryAfter }),
  }),
  // The gateway refuses what is too large for it, and answers for a function that cannot, in words of its own.
  content: {
    'application/json': { schema: isGateways ? z.union([errorBody, gatewayBody]) : errorBody },
  },
});
