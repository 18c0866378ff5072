import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, test } from 'vitest';
import { openapi } from '../../infra/build/openapi/document.ts';
import { selectMediaType } from '../../infra/build/openapi/error-responses.ts';
import { isDescribed } from '../../infra/build/openapi/property-docs.ts';
import { isDeploymentOperation } from '../../lib/api/auth/deployment-operations.ts';
import { type Route, routes } from '../../lib/api/routes.ts';

interface Operation {
  readonly operationId: string;
  readonly parameters?: readonly {
    in: string;
    name: string;
    description?: string;
    required?: boolean;
    schema: object;
  }[];
  readonly security: readonly object[];
  readonly requestBody?: { content: Readonly<Record<string, Media>> };
  readonly summary: string;
  readonly tags: readonly string[];
  readonly description: string;
  readonly responses: Readonly<
    Record<
      string,
      { description: string; headers?: object; content?: Readonly<Record<string, Media>> }
    >
  >;
}

interface Media {
  readonly schema: { $ref: string };
  readonly example?: Readonly<Record<string, unknown>>;
  readonly examples?: Readonly<Record<string, { value: Readonly<Record<string, unknown>> }>>;
}

const document = openapi() as unknown as {
  tags: readonly { name: string; description: string }[];
  'x-tagGroups': readonly { name: string; tags: readonly string[] }[];
  paths: Record<string, Record<string, Operation>>;
  components: { schemas: Record<string, object> };
};
/** All properties of a schema, at any depth, with their names. */
const listProperties = (schema: unknown): (readonly [string, { type?: unknown }])[] => {
  if (typeof schema !== 'object' || schema === null) return [];
  const { properties = {} } = schema as { properties?: Record<string, object> };
  return [...Object.entries(properties), ...Object.values(schema).flatMap(listProperties)];
};
const table = (routes as readonly Route[]).filter(({ route }) => route !== '$default');
/** Routes without a token that name the tenant in the request. */
const unauthenticatedRoutes = table.filter(({ operation }) =>
  ['signIn', 'requestPasswordReset'].includes(operation),
);
/** Routes that the token of a link authenticates. */
const linkRoutes = table.filter(
  (row) => row.access === 'public' && row.body === 'json' && !unauthenticatedRoutes.includes(row),
);
const getOperation = ({ route }: Route): Operation => {
  const [method = '', path = ''] = route.split(' ');
  const operation = document.paths[path]?.[method.toLowerCase()];
  if (!operation) throw new Error(`${route} is not described`);
  return operation;
};

describe('the document', () => {
  test('has exactly the routes of the table', () => {
    const described = Object.entries(document.paths).flatMap(([path, item]) =>
      Object.keys(item).map((method) => `${method.toUpperCase()} ${path}`),
    );
    expect(described.toSorted()).toEqual(table.map(({ route }) => route).toSorted());
  });

  test('has no dangling references', () => {
    const text = JSON.stringify(document);
    const references = [...text.matchAll(/"\$ref":"#\/([^"]+)"/g)].map(([, path = '']) => path);
    expect(references.length).toBeGreaterThan(20);
    for (const path of references) {
      const target = path
        .split('/')
        .reduce<unknown>((value, part) => (value as Record<string, unknown>)[part], document);
      expect(target, path).toBeTypeOf('object');
    }
  });

  test('requires a token where the route table does, and describes every operation', () => {
    for (const row of table) {
      const { security, responses } = getOperation(row);
      expect(security, row.route).toEqual(
        row.access === 'bearer'
          ? [{ bearer: [] }, { apiKey: [] }, { authorizationApiKey: [] }]
          : row.body === 'form'
            ? [{}, { client: [] }]
            : [],
      );
      expect('401' in responses, row.route).toBe(
        row.access === 'bearer' || row.body === 'form' || row.operation === 'signIn',
      );
      // The tenant of any caller can be suspended.
      expect('403' in responses, row.route).toBe(
        row.access === 'bearer' || linkRoutes.includes(row),
      );
      expect(Object.keys(responses)).toContain(String(row.status));
      expect(Object.keys(responses)).toContain('429');
    }
  });

  test('requires X-Tenant-ID in JITSudo and offers it elsewhere, also for links', () => {
    const tenantHeader = (row: Route) =>
      getOperation(row).parameters?.find(
        ({ in: where, name }) => where === 'header' && name === 'X-Tenant-ID',
      );
    const bearer = table.filter(({ access }) => access === 'bearer');
    expect(table.filter((row) => tenantHeader(row)?.required)).toEqual(
      bearer.filter(
        ({ dialect, operation }) => dialect === 'jitsudo' && !isDeploymentOperation(operation),
      ),
    );
    expect(table.filter(tenantHeader)).toEqual(
      table.filter(
        (row) =>
          bearer.includes(row) ||
          linkRoutes.includes(row) ||
          unauthenticatedRoutes.includes(row) ||
          row.operation === 'getSignInMethods',
      ),
    );
    // Link routes do not reveal the tenant.
    for (const row of linkRoutes) expect(tenantHeader(row)?.description).toMatch(/link/);
  });

  test('gives each failure of a create the status of its dialect', () => {
    const statuses = (dialect: string) =>
      Object.keys(
        getOperation(
          table.find((row) => row.dialect === dialect && row.operation === 'createUser') as Route,
        ).responses,
      );
    const common = ['400', '401', '403', '404', '409', '413', '415', '422', '429', '500', '503'];
    expect(statuses('native').toSorted()).toEqual(['201', ...common]);
    expect(statuses('cradl').toSorted()).toEqual(['200', ...common]);
    expect(statuses('jitsudo').toSorted()).toEqual(['201', ...common]);
    expect(statuses('credible').toSorted()).toEqual(['201', ...common]);
    const [cradl] = table.filter(
      (row) => row.dialect === 'cradl' && row.operation === 'createUser',
    );
    const description = getOperation(cradl!).responses['422']?.description;
    expect(description, 'a role or app client that is not there is a 404 in Cradl').toMatch(
      /^`idempotency_mismatch`[^\n]*$/,
    );
  });

  test('documents the failures and the inputs of each operation', () => {
    const has = (row: Route, ...statuses: number[]) =>
      statuses.every((status) => status in getOperation(row).responses);
    const takes = (row: Route, header: string) =>
      getOperation(row).parameters?.some(({ name }) => name === header) ?? false;
    const rows = table.filter(({ access }) => access === 'bearer');
    const filterRows = (...operations: string[]) =>
      rows.filter(({ operation }) => operations.includes(operation));
    const moving = [
      'suspendUser',
      'reactivateUser',
      'setUserActive',
      'deleteUser',
      'restoreUser',
      'eraseUser',
    ];
    const inviting = ['resendInvitation', 'revokeInvitation', 'copyInvitationLink'];
    const changingRoles = ['updateRole', 'deleteRole'];
    const changingGroups = ['updateGroup', 'deleteGroup', 'restoreGroup'];
    const ofAppClients = [
      'updateAppClient',
      'deleteAppClient',
      'revokeAppClient',
      'createAppClientSecret',
      'deleteAppClientSecret',
    ];
    const ofTenants = [
      'updateTenant',
      'suspendTenant',
      'resumeTenant',
      'deleteTenant',
      'restoreTenant',
      'eraseTenant',
      'transferOwnership',
    ];
    const ofWebhooks = [
      'updateWebhook',
      'deleteWebhook',
      'enableWebhook',
      'disableWebhook',
      'rotateWebhookSecret',
      'revokeWebhookSecret',
      'replayWebhook',
    ];
    const ofConnections = [
      'updateConnection',
      'deleteConnection',
      'createConnectionToken',
      'deleteConnectionToken',
    ];
    const conditional = [
      'scimReplaceUser',
      'scimPatchUser',
      'scimDeleteUser',
      'scimReplaceOwnUser',
      'scimPatchOwnUser',
      'scimDeleteOwnUser',
      'scimReplaceGroup',
      'scimPatchGroup',
      'scimDeleteGroup',
      'updateUser',
      'updateOwnUser',
      'deleteOwnUser',
      'updateProfile',
      'assignUserRole',
      'removeUserRole',
      'assignGroupRole',
      'removeGroupRole',
      'approveCredentials',
      'requestUserEmailVerification',
      ...moving,
      ...inviting,
      ...changingRoles,
      ...changingGroups,
      ...ofAppClients,
      ...ofTenants,
      ...ofWebhooks,
      ...ofConnections,
    ];
    const changing = [
      'scimDeleteOwnUser',
      'scimCreateUser',
      'scimReplaceUser',
      'scimPatchUser',
      'scimCreateGroup',
      'scimReplaceGroup',
      'scimPatchGroup',
      'createUser',
      'updateUser',
      'requestOwnEmailVerification',
      'requestUserEmailVerification',
      'removeUserRole',
      'updateOwnUser',
      'updateProfile',
      'deleteOwnUser',
      'requestEmailChange',
      ...moving,
      ...inviting,
      'createRole',
      ...changingRoles,
      'createGroup',
      ...changingGroups,
      'addGroupMembers',
      'updateGroupMember',
      'removeGroupMember',
      'removeGroupMembers',
      'createGroupToken',
      'deleteGroupToken',
      'createLevel',
      'updateLevel',
      'deleteLevel',
      ...ofAppClients,
      ...ofWebhooks,
      'createConnection',
      'createConnectionToken',
      'approveConnectionUser',
      'createWebhook',
      'listWebhooks',
      'getWebhook',
      'testWebhook',
      'listWebhookDeliveries',
    ];
    const ofEvents = ['listEvents', 'listAuditLog', 'getAuditLogEntry', 'getCheckpointProof'];
    const hasOwner = (row: Route) => row.operation !== 'updateTenant' || row.dialect === 'jitsudo';

    expect(rows.filter((row) => has(row, 412))).toEqual(filterRows(...conditional));
    expect(rows.filter((row) => takes(row, 'If-Match'))).toEqual(filterRows(...conditional));
    expect(rows.filter((row) => takes(row, 'Idempotency-Key'))).toEqual(filterRows('createUser'));
    expect(rows.filter((row) => has(row, 409))).toEqual(
      filterRows(
        ...changing,
        'createTenant',
        ...ofTenants,
        'createDomain',
        'verifyDomain',
        ...ofEvents,
      ).filter(hasOwner),
    );
    expect(rows.filter((row) => has(row, 428)).map(({ route }) => route)).toEqual([
      'PATCH /v1/users/{userId}',
    ]);
    expect(rows.filter((row) => has(row, 413, 415))).toEqual(
      rows.filter(({ route }) => !route.startsWith('GET ')),
    );
    // An unknown role is 404 in Cradl, and a rejected password 400 in JITSudo.
    const others = [
      'PATCH /cradl/v1/users/{userId}',
      'POST /jitsudo/v1/users/me/password',
      'POST /cradl/v1/appClients',
      'PATCH /cradl/v1/appClients/{appClientId}',
      // Their input has an origin.
      'POST /v1/tenants',
      'POST /jitsudo/v1/tenants',
    ];
    expect(rows.filter((row) => has(row, 422))).toEqual(
      filterRows(
        'createUser',
        'updateUser',
        'changeOwnPassword',
        'createAppClient',
        'createConnection',
        'updateConnection',
        'updateAppClient',
        'createGroup',
        'updateGroup',
        'createLevel',
        'updateLevel',
        'listAllGroupMembers',
        'listGroupTokens',
        'listLevels',
        'createTenant',
        'createDomain',
      ).filter(({ route }) => !others.includes(route)),
    );
  });

  test('lists exactly the 409 codes of each operation', () => {
    const changingAway = ['deleteUser', 'eraseUser', 'setUserActive', 'suspendUser'];
    const operationsByCode = {
      slug_taken: ['createTenant'],
      role_exists: ['createRole'],
      role_limit_reached: ['createRole'],
      role_built_in: ['deleteRole', 'updateRole'],
      domain_exists: ['createDomain'],
      domain_limit_reached: ['createDomain'],
      domain_taken: ['verifyDomain'],
      domain_unverified: ['verifyDomain'],
      app_client_revoked: ['createAppClientSecret', 'updateAppClient'],
      secret_limit_reached: [
        'createAppClientSecret',
        'createConnectionToken',
        'rotateWebhookSecret',
      ],
      connection_limit_reached: ['createConnection'],
      managed_by_connection: [
        'addGroupMembers',
        'completeEmailVerification',
        'createAppClientSecret',
        'deleteAppClient',
        'deleteAppClientSecret',
        'deleteGroup',
        'deleteOwnUser',
        'deleteUser',
        'reactivateUser',
        'removeGroupMember',
        'removeGroupMembers',
        'requestEmailChange',
        'revokeAppClient',
        'setUserActive',
        'suspendUser',
        'updateAppClient',
        'updateGroup',
        'updateGroupMember',
        'updateOwnUser',
        'updateProfile',
        'updateUser',
      ],
      webhook_limit_reached: ['createWebhook'],
      replay_limit_reached: ['replayWebhook'],
      invalid_transition: [
        ...changingAway,
        'reactivateUser',
        'restoreUser',
        'deleteTenant',
        'eraseTenant',
        'restoreTenant',
        'resumeTenant',
        'revokeInvitation',
        'suspendTenant',
        'testWebhook',
      ].toSorted(),
      group_exists: ['createGroup', 'restoreGroup', 'updateGroup'],
      group_limit_reached: [
        'addGroupMembers',
        'createGroup',
        'createGroupToken',
        'createLevel',
        'restoreGroup',
      ],
      group_token_exists: ['createGroupToken'],
      events_disabled: [
        'createWebhook',
        'deleteWebhook',
        'disableWebhook',
        'enableWebhook',
        'getAuditLogEntry',
        'getCheckpointProof',
        'getWebhook',
        'listAuditLog',
        'listEvents',
        'listWebhookDeliveries',
        'listWebhooks',
        'replayWebhook',
        'revokeWebhookSecret',
        'rotateWebhookSecret',
        'testWebhook',
        'updateWebhook',
      ],
      invalid_nesting: ['addGroupMembers', 'restoreGroup'],
      restore_expired: ['restoreGroup', 'restoreTenant', 'restoreUser'],
      not_verifiable: ['requestOwnEmailVerification', 'requestUserEmailVerification'],
      not_invitable: ['copyInvitationLink', 'resendInvitation'],
      owner_protected: [
        'approveConnectionUser',
        'deleteOwnUser',
        ...changingAway,
        'deleteLevel',
        'deleteRole',
        'removeUserRole',
        'updateLevel',
        'updateRole',
        'updateUser',
      ].toSorted(),
      level_exists: ['createLevel'],
      owner_ineligible: ['transferOwnership', 'updateTenant'],
      self_protected: [
        ...changingAway,
        'deleteAppClient',
        'deleteAppClientSecret',
        'deleteGroupToken',
        'deleteTenant',
        'revokeAppClient',
      ].toSorted(),
    };
    const listing = (code: string) =>
      table.filter((row) =>
        getOperation(row).responses['409']?.description.includes(`\`${code}\`: `),
      );
    const found = Object.keys(operationsByCode).map((code) => [
      code,
      [...new Set(listing(code).map(({ operation }) => operation))].toSorted(),
    ]);
    expect(Object.fromEntries(found)).toEqual(operationsByCode);
  });

  test('documents Retry-After on 429 and 503 of Roster', () => {
    const waiting = table.filter(
      (row) => 'Retry-After' in (getOperation(row).responses['429']?.headers ?? {}),
    );
    expect(waiting).toEqual(
      table.filter(
        ({ access, operation }) =>
          access === 'bearer' ||
          /^(signIn|getSignInMethods|(inspect|accept)Invitation|\w+PasswordReset|\w+EmailVerification)$/.test(
            operation,
          ),
      ),
    );
  });

  test('documents the link failures of each dialect', () => {
    const failures = (row: Route) =>
      Object.entries(getOperation(row).responses).flatMap(([status, { description }]) =>
        [...description.matchAll(/^`(\w+)`/gm)].map(([, code]) => `${status} ${code}`),
      );
    const common = [
      '400 invalid_input',
      '400 malformed_json',
      '403 tenant_suspended',
      '413 payload_too_large',
      '415 unsupported_media_type',
      '429 too_many_requests',
    ];
    const ofLink = [
      '404 not_found',
      '410 invitation_expired',
      '410 invitation_revoked',
      '410 invitation_used',
    ];
    const ofReset = ['404 not_found', '410 password_reset_expired', '410 password_reset_used'];
    const ofVerification = [
      '404 not_found',
      '410 email_verification_expired',
      '410 email_verification_used',
    ];
    const always = ['500 internal', '503 unavailable'];
    expect(
      Object.fromEntries(linkRoutes.map((row) => [row.route, failures(row).toSorted()])),
    ).toEqual({
      'POST /v1/invitations/inspect': [...common, ...ofLink, ...always].toSorted(),
      'POST /v1/invitations/accept': [
        ...common,
        ...ofLink,
        '422 password_rejected',
        ...always,
      ].toSorted(),
      'POST /jitsudo/v1/auth/set-initial-password': [...common, ...always].toSorted(),
      'POST /v1/auth/password-reset/inspect': [...common, ...ofReset, ...always].toSorted(),
      'POST /v1/auth/password-reset/complete': [
        ...common,
        ...ofReset,
        '422 password_rejected',
        ...always,
      ].toSorted(),
      'POST /v1/auth/email-verification/inspect': [
        ...common,
        ...ofVerification,
        ...always,
      ].toSorted(),
      'POST /v1/auth/email-verification/complete': [
        ...common,
        ...ofVerification,
        '403 forbidden',
        '409 managed_by_connection',
        '409 user_exists',
        ...always,
      ].toSorted(),
      'POST /jitsudo/v1/auth/reset-password': [...common, ...always].toSorted(),
    });
    const toAnybody = [...common.filter((each) => !each.startsWith('403')), ...always];
    expect(unauthenticatedRoutes.map((row) => [row.operation, failures(row).toSorted()])).toEqual(
      unauthenticatedRoutes.map(({ operation }) => [
        operation,
        (operation === 'signIn' ? [...toAnybody, '401 unauthenticated'] : toAnybody).toSorted(),
      ]),
    );
  });

  test('names every parameter of a list', () => {
    const queries = table
      .filter(({ operation }) => operation === 'listUsers' || operation === 'listInvitations')
      .map((row) => [
        row.operation === 'listUsers' ? row.dialect : row.operation,
        getOperation(row).parameters?.flatMap(({ in: where, name }) =>
          where === 'query' ? [name] : [],
        ),
      ]);
    expect(Object.fromEntries(queries)).toEqual({
      native: [
        'maxResults',
        'nextToken',
        'email',
        'userName',
        'externalId',
        'identity.issuer',
        'identity.subject',
        'emailPrefix',
        'search',
        'status',
        'roleId',
        'authProvider',
        'invited',
        'createdAfter',
        'createdBefore',
        'metadata',
        'sort',
        'count',
      ],
      cradl: ['maxResults', 'nextToken'],
      jitsudo: ['limit', 'cursor'],
      credible: ['maxResults', 'nextToken'],
      listInvitations: ['maxResults', 'nextToken', 'status'],
    });
  });

  test('gives query parameters their types', () => {
    const schemas = table.flatMap((row) =>
      (getOperation(row).parameters ?? []).flatMap(({ in: where, name, schema }) =>
        where === 'query' ? [[name, schema] as const] : [],
      ),
    );
    const select = (...names: string[]) =>
      schemas.filter(([name]) => names.includes(name)).map(([, schema]) => schema);
    const pageSizes = select('maxResults', 'limit');
    expect(pageSizes).toHaveLength(table.filter(({ query }) => query === 'list').length);
    for (const schema of pageSizes) {
      expect(schema).toMatchObject({ type: 'integer', minimum: 1, maximum: 100, default: 50 });
      expect(schema).not.toHaveProperty('pattern');
    }
    expect(select('invited')).toEqual([
      { type: 'boolean', description: expect.stringContaining('invited') },
    ]);
    expect(select('authProvider')).toMatchObject([{ enum: ['local', 'oidc', 'saml'] }]);
  });

  test('shows an example of each documented error, with its own code', () => {
    const ajv = new Ajv2020({ strict: false, validateFormats: false });
    ajv.addSchema(document, 'openapi');
    const isValid = ajv.compile({
      anyOf: ['Problem', 'OAuthProblem', 'ScimError'].map((name) => ({
        $ref: `openapi#/components/schemas/${name}`,
      })),
    });
    for (const row of table) {
      for (const [status, { description, content = {} }] of Object.entries(
        getOperation(row).responses,
      )) {
        if (Number(status) < 400) continue;
        const { gateway, ...examples } = content[selectMediaType(row)]?.examples ?? {};
        const bodies = Object.values(examples).map(({ value }) => value);
        const documented = [...description.matchAll(/^`(\w+)`: /gm)].map(([, code]) => code);
        const codes = bodies
          .map(({ code, error, scimType }) => code ?? error ?? scimType)
          .filter((code) => code !== undefined);
        expect([...new Set(codes)], `${row.route} ${status}`).toEqual(documented);
        for (const body of bodies) expect(isValid(body), JSON.stringify(body)).toBe(true);
        expect(bodies.length > 0 || gateway !== undefined).toBe(true);
      }
    }
  });

  test('shows errors with the details and the field names of their dialect', () => {
    const find = (route: string, status: number, code: string) =>
      getOperation(table.find((row) => row.route === route) as Route).responses[status]?.content?.[
        'application/json'
      ]?.examples?.[code]?.value;
    expect(find('POST /v1/users', 422, 'invalid_roles')).toMatchObject({
      code: 'invalid_roles',
      details: { field: 'roleIds', issues: [{ path: 'roleIds.0' }] },
    });
    expect(find('POST /cradl/v1/users', 404, 'invalid_roles')).toMatchObject({ code: 'not_found' });
    expect(find('POST /jitsudo/v1/auth/reset-password', 400, 'password_rejected')).toMatchObject({
      code: 'invalid_input',
      details: { issues: [{ path: 'new_password' }] },
    });
    expect(find('POST /v1/users/{userId}/suspend', 409, 'invalid_transition')).toMatchObject({
      details: { status: 'inactive', allowed: ['reactivate', 'delete'] },
    });
    expect(find('PATCH /v1/users/me', 429, 'too_many_requests')).toMatchObject({
      details: { limit: 'own_changes', retryAfter: 4 },
    });
    expect(find('POST /oauth2/token', 401, 'unauthenticated')).toMatchObject({
      error: 'invalid_client',
    });
  });

  test('groups the operations by dialect and resource', () => {
    const grouped = document['x-tagGroups'].flatMap(({ tags }) => tags);
    expect(document['x-tagGroups'].map(({ name }) => name)).toEqual([
      'Roster',
      'Cradl',
      'JITSudo',
      'Credible',
      'SCIM',
    ]);
    expect(document.tags.map(({ name }) => name)).toEqual(grouped);
    const used = table.flatMap((row) => getOperation(row).tags);
    expect([...new Set(used)].toSorted()).toEqual(grouped.toSorted());
    for (const { description } of document.tags) expect(description).toMatch(/\.$/);
  });

  test('documents ETag for versioned resources of the native and SCIM APIs', () => {
    const withVersion = table.filter(
      (row) => 'ETag' in (getOperation(row).responses[row.status]?.headers ?? {}),
    );
    const withUser = table.filter(
      ({ route }) =>
        /^(?!GET \/v1\/(users|tenants)$).* \/v1\/(users|tenants)/.test(route) &&
        !/export$|link$|groups$|bulk$|sign-out$/.test(route),
    );
    const others = table.filter(
      ({ dialect, operation }) =>
        dialect === 'native' &&
        /(Role|Group|Logo|AppClient(Secret)?|(?<!test)Webhook(Secret)?|Connection(Token)?)$/.test(
          operation,
        ),
    );
    const ofScim = table.filter(({ operation }) =>
      /^scim(Create|Get|Replace|Patch)(Own)?(User|Group)$/.test(operation),
    );
    const versioned = table.filter((row) => [withUser, others, ofScim].flat().includes(row));
    expect(withVersion).toEqual(versioned.filter(({ status }) => status !== 204));
  });

  test('has a valid example for every request and response body', () => {
    const ajv = new Ajv2020({ strict: false, validateFormats: false });
    ajv.addSchema(document, 'openapi');
    const check = ({ schema, example }: Media, what: string) => {
      expect(example, what).toBeTypeOf('object');
      ajv.validate({ $ref: `openapi${schema.$ref}` }, example);
      expect(ajv.errors, what).toBeNull();
    };
    for (const row of table.filter(
      (each) => each.access === 'bearer' || linkRoutes.includes(each),
    )) {
      const { requestBody, responses } = getOperation(row);
      const { content } = responses[row.status]!;
      expect(content === undefined, row.route).toBe(row.status === 204);
      const mediaType = selectMediaType(row);
      if (content) check(content[mediaType]!, row.route);
      expect(requestBody !== undefined, row.route).toBe(['json', 'scim'].includes(row.body));
      if (requestBody) check(requestBody.content[mediaType]!, row.route);
    }
  });

  test('has a summary and a unique ID for every operation', () => {
    const names = table.map((row) => getOperation(row).operationId);
    expect(new Set(names).size).toBe(table.length);
    for (const row of table) {
      expect(getOperation(row).description, row.route).toMatch(/^[A-Z`][^]{20,}\.$/);
      expect(getOperation(row).summary, row.route).toMatch(/^[A-Z][a-z]+( \S+){0,5}$/);
    }
  });

  test('describes every property', () => {
    const listUndescribed = (schema: unknown, path: string): string[] => {
      if (typeof schema !== 'object' || schema === null) return [];
      const { properties = {} } = schema as {
        properties?: Record<string, Record<string, unknown>>;
      };
      return [
        ...Object.entries(properties).flatMap(([name, property]) =>
          isDescribed(property) ? [] : [`${path}.${name}`],
        ),
        ...Object.values(schema).flatMap((part) => listUndescribed(part, path)),
      ];
    };
    const schemas = Object.entries(document.components.schemas);
    expect(schemas.length).toBeGreaterThan(60);
    expect(schemas.flatMap(([id, schema]) => listUndescribed(schema, id))).toEqual([]);
  });

  test('has no passwords and no write-only fields in responses', () => {
    const schemas = table.flatMap(
      (row) =>
        getOperation(row).responses[row.status]?.content?.['application/json']?.schema.$ref ?? [],
    );
    const names = [...new Set(schemas)].map((ref) => ref.split('/').at(-1) ?? '');
    expect(names).toEqual(
      expect.arrayContaining([
        'User',
        'CradlUserList',
        'UserExport',
        'JitsudoProfile',
        'OpenLink',
        'AcceptedInvitation',
      ]),
    );
    for (const name of names) {
      const passwords = listProperties(document.components.schemas[name]).filter(
        ([property]) => /password/i.test(property) && property !== 'passwordMinLength',
      );
      // The password rules and `mustChangePassword` are not secrets.
      expect(
        passwords.filter(([, { type }]) => type !== 'object' && type !== 'boolean'),
        name,
      ).toEqual([]);
    }
    expect(JSON.stringify(names.map((name) => document.components.schemas[name]))).not.toMatch(
      /writeOnly|passwordHash/,
    );
  });
});
