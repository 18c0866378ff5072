import {
  exampleCreatedTime,
  exampleTenantId,
  exampleUpdatedTime,
  versionErrors,
} from '../doc-parts.ts';
import { Failure } from '../../domain/kernel/failure.ts';
import type { Media, OperationContent, ResourceDoc } from '../operation-doc.ts';
import type {
  AppClientOperation,
  AppClientCodec,
  UpdatableAppClientCodec,
} from './app-client-codec.ts';
import { cradlAppClient } from './cradl.ts';
import { jitsudoAppClient } from './jitsudo.ts';
import { nativeAppClient, rotateSecretInput } from './native.ts';

interface Dialect {
  readonly codec: AppClientCodec & Partial<UpdatableAppClientCodec>;
  /** Request body of a create. */
  readonly create: object;
  readonly appClient: object;
  /** Fields of the one response with a secret. */
  readonly secret: object;
  readonly update: object;
  /** Fields that every update changes. */
  readonly change: object;
  /** Fields that a revocation changes. */
  readonly revocation: object;
}

const appClientId = 'cradl:app-client:0a1b2c3d4e5f40718293a4b5c6d7e8f9';
const clientId = '5f0c9a3e7d214b68a1c2d3e4f5061728';
const secretId = '9f8e7d6c5b4a49388271605f4e3d2c1b';
/** Has the length of a secret. */
const secret = `roster_${clientId}_${'ExampleOnly'.repeat(3)}ExampleOn`;

const update = { name: 'Hourly import' };
const urls = {
  callbackUrls: ['https://app.example.com/callback'],
  logoutUrls: [],
  loginUrls: [],
  defaultLoginUrl: null,
};
const create = {
  name: 'Nightly import',
  roleIds: ['cradl:role:user'],
  callbackUrls: urls.callbackUrls,
};
const created = {
  createdTime: exampleCreatedTime,
  createdBy: 'admin',
  updatedTime: null,
  updatedBy: null,
};
const updated = { updatedTime: exampleUpdatedTime, updatedBy: 'admin' };
const sharedFields = {
  appClientId,
  clientId,
  name: 'Nightly import',
  description: null,
  roleIds: ['cradl:role:user'],
  ...urls,
  hasSecret: true,
};

const native: Dialect = {
  codec: nativeAppClient,
  create,
  appClient: {
    ...sharedFields,
    tenantId: exampleTenantId,
    isSystemAdministrator: false,
    secrets: [{ secretId, createdTime: exampleCreatedTime, expiresTime: null }],
    status: 'active',
    expiresTime: null,
    revokedTime: null,
    revokedBy: null,
    lastUsedTime: null,
    version: 1,
    ...created,
  },
  secret: { secret },
  update,
  change: { version: 2, ...updated },
  revocation: {
    status: 'revoked',
    revokedTime: exampleUpdatedTime,
    revokedBy: 'admin',
    hasSecret: false,
    secrets: [],
  },
};

const cradl: Dialect = {
  codec: cradlAppClient,
  create: { ...create, generateSecret: true },
  appClient: { ...sharedFields, ...created },
  secret: { clientSecret: secret },
  update,
  change: updated,
  revocation: { hasSecret: false },
};

const jitsudo: Dialect = {
  codec: jitsudoAppClient,
  create: {
    name: 'Nightly import',
    scopes: ['approver'],
    expires_at: null,
    identity_provider_id: null,
  },
  appClient: {
    id: '0a1b2c3d-4e5f-4071-8293-a4b5c6d7e8f9',
    name: 'Nightly import',
    scopes: ['approver'],
    created_by: 'admin',
    last_used_at: null,
    expires_at: null,
    revoked_at: null,
    revoked_by: null,
    created_at: exampleCreatedTime,
    identity_provider_id: null,
  },
  secret: { raw_key: secret },
  update: {},
  change: {},
  revocation: { revoked_at: exampleUpdatedTime, revoked_by: 'admin' },
};

const dialects = { native, cradl, jitsudo };

const describe =
  (content: (dialect: Dialect) => OperationContent) =>
  (name: keyof typeof dialects): OperationContent => ({
    parameter: dialects[name].codec.pathParameter,
    hasEtag: name === 'native',
    ...content(dialects[name]),
  });

const buildRevoked = ({ codec, appClient, change, revocation }: Dialect): Media => ({
  schema: codec.response(),
  example: { ...appClient, ...change, ...revocation },
});

const secretsAfterRotation = [
  { secretId, createdTime: exampleCreatedTime, expiresTime: '2026-02-01T10:30:00.000Z' },
  {
    secretId: '1c2d3e4f5a6b47c8b9d0e1f2a3b4c5d6',
    createdTime: exampleUpdatedTime,
    expiresTime: null,
  },
];

const write = 'Requires the permission `appClients:write` and all permissions of the app client.';
const revoke = `Permanently revokes the app client. Its tokens end within 30 seconds, new users cannot refer to it, and its IDs are never reused. Revoking it again changes nothing. ${write} An app client cannot revoke itself: 409.`;

const writeErrors = { ...versionErrors('app client'), managed_by_connection: {} };
const revocationErrors = {
  ...writeErrors,
  self_protected: {
    text: 'the app client is the caller',
    example: new Failure('self_protected', 'An app client cannot revoke itself'),
  },
};

/** OpenAPI texts of app clients. */
export const appClientDoc: ResourceDoc<AppClientOperation> = {
  name: 'App clients',
  description: 'Programs that call on behalf of a tenant, with a secret or an access token.',
  dialectNames: { jitsudo: 'API keys' },
  operations: {
    createAppClient: {
      summary: 'Create an app client',
      description:
        'Creates an app client and returns its secret, once; only a hash is stored. The app client can do what its roles allow at the time of a call, within the permissions that you hold now. Requires the permission `appClients:write`. You can assign only roles whose permissions you hold.',
      dialectNotes: {
        cradl: 'Assigning roles also requires the permission `roles:delegate`.',
        jitsudo:
          'The key is the secret of an app client. `scopes` are the names of roles. Without `scopes`, the key gets the roles that you have in the tenant and can grant; later changes of your own roles do not change them. If these roles carry no permissions, the response has a `notice`.',
      },
      errors: { invalid_roles: {} },
      content: describe(({ codec, create: request, appClient, secret: secretFields }) => ({
        request: { schema: codec.createInput(), example: request },
        response: { schema: codec.createResponse(), example: { ...appClient, ...secretFields } },
        responseDescription: 'The created app client with its secret.',
        ...(codec.getLocation && { location: `/v1/app-clients/${appClientId}` }),
        ...(codec.mapError && { mapError: codec.mapError }),
      })),
    },
    listAppClients: {
      summary: 'List app clients',
      description:
        'Returns the app clients of the tenant in the order of their IDs, one page at a time. A page can be short or empty and still have a cursor; the last page has none. Requires the permission `appClients:read`.',
      content: describe(({ codec: { list }, appClient }) => ({
        query: list.query(),
        response: { schema: list.response(), example: list.toResponse([appClient], undefined) },
        responseDescription: 'A page of app clients.',
        hasEtag: false,
      })),
    },
    getAppClient: {
      summary: 'Get an app client',
      description:
        'Returns the current app client, without secrets. Requires the permission `appClients:read`.',
      content: describe(({ codec, appClient }) => ({
        response: { schema: codec.response(), example: appClient },
        responseDescription: 'The app client.',
      })),
    },
    updateAppClient: {
      summary: 'Update an app client',
      description: `Changes only the fields in the body. Null removes a value. ${write} You can assign only roles whose permissions you hold. A revoked app client cannot be updated: 409.`,
      dialectNotes: { cradl: 'Assigning roles also requires the permission `roles:delegate`.' },
      errors: { ...writeErrors, app_client_revoked: {}, invalid_roles: {} },
      content: describe(({ codec, appClient, update: request, change }) => ({
        request: { schema: (codec.updateInput ?? codec.createInput)(), example: request },
        response: { schema: codec.response(), example: { ...appClient, ...request, ...change } },
        responseDescription: 'The updated app client.',
        acceptsIfMatch: true,
      })),
    },
    deleteAppClient: {
      summary: 'Revoke an app client',
      description: revoke,
      dialectNotes: { cradl: 'Returns the app client. Later requests get 404.' },
      errors: revocationErrors,
      content: describe((dialect) => ({
        response: buildRevoked(dialect),
        responseDescription: 'The revoked app client.',
        acceptsIfMatch: true,
        hasEtag: false,
      })),
    },
    revokeAppClient: {
      summary: 'Revoke an app client',
      description: revoke,
      errors: revocationErrors,
      content: describe((dialect) => ({
        response: buildRevoked(dialect),
        responseDescription: 'The revoked app client.',
        acceptsIfMatch: true,
      })),
    },
    createAppClientSecret: {
      summary: 'Rotate a secret',
      description: `Creates a secret and returns it, once. Earlier secrets stay valid for \`overlapSeconds\`, by default one day, and never longer than before. Tokens end within 30 seconds after their secret. An app client has at most two active secrets: 409, unless \`overlapSeconds\` is 0, which ends all others at once.

The new secret carries only permissions that the caller holds now, even if the app client gets more roles later. A secret created by a system administrator has no such limit. ${write}`,
      errors: { ...writeErrors, app_client_revoked: {}, secret_limit_reached: {} },
      content: describe(({ codec, appClient, change, secret: secretFields }) => ({
        request: { schema: rotateSecretInput(), example: { overlapSeconds: 3600 } },
        response: {
          schema: codec.createResponse(),
          example: { ...appClient, ...change, secrets: secretsAfterRotation, ...secretFields },
        },
        responseDescription: 'The app client with the new secret.',
        acceptsIfMatch: true,
      })),
    },
    deleteAppClientSecret: {
      summary: 'Delete a secret',
      description: `Ends a secret at once and its tokens within 30 seconds. ${write} An app client cannot delete its own last secret: 409.`,
      errors: {
        ...writeErrors,
        not_found: {
          text: 'the tenant, the app client or an active secret with this ID does not exist',
        },
        self_protected: {
          text: 'the app client is the caller, and this is its last secret',
          example: new Failure('self_protected', 'An app client cannot remove its own last secret'),
        },
      },
      content: describe(() => ({
        childParameter: {
          name: 'secretId',
          description: 'ID of the secret. The ID is not confidential.',
          example: secretId,
        },
        responseDescription: 'No content.',
        acceptsIfMatch: true,
        hasEtag: false,
      })),
    },
  },
};
