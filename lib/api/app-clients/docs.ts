import type { AppClientCodec } from './app-client-codec.ts';
import { cradlAppClient } from './cradl.ts';
import { jitsudoAppClient } from './jitsudo.ts';
import { nativeAppClient, rotateSecretInput } from './native.ts';
import type { DialectName, Operation } from '../routes.ts';
import type { Shape } from '../operation-doc.ts';

type AppClientOperation = Extract<Operation, `${string}AppClient${string}`>;

interface AppClientExamples {
  readonly draft: object;
  /** As it is answered. */
  readonly appClient: object;
  /** What stands besides in the one answer that has a secret. */
  readonly secret: object;
  readonly patch: object;
  /** What every change leaves on it. */
  readonly change: object;
  /** What shows that it is revoked. */
  readonly revoked: object;
}

const appClientId = 'cradl:app-client:0a1b2c3d4e5f40718293a4b5c6d7e8f9';
const clientId = '5f0c9a3e7d214b68a1c2d3e4f5061728';
/** As long as a real one. */
const secret = `roster_${clientId}_${'ExampleOnly'.repeat(3)}ExampleOn`;
const createdTime = '2026-01-31T12:00:00.000Z';
const laterTime = '2026-02-01T09:30:00.000Z';
const urls = {
  callbackUrls: ['https://app.example.com/callback'],
  logoutUrls: [],
  loginUrls: [],
  defaultLoginUrl: null,
};
const words = { name: 'Nightly import', description: null };
const made = { createdTime, createdBy: 'admin', updatedTime: null, updatedBy: null };
const changed = { updatedTime: laterTime, updatedBy: 'admin' };
const ofCradl = {
  appClientId,
  clientId,
  ...words,
  roleIds: ['cradl:role:user'],
  ...urls,
  hasSecret: true,
};

const native: AppClientExamples = {
  draft: { name: 'Nightly import', roleIds: ['cradl:role:user'], callbackUrls: urls.callbackUrls },
  appClient: {
    ...ofCradl,
    tenantId: '2489e9ad-2ee2-8e00-8ec9-32d5f69181c0',
    isSystemAdministrator: false,
    secrets: [{ secretId: '9f8e7d6c5b4a49388271605f4e3d2c1b', createdTime, expiresTime: null }],
    status: 'active',
    expiresTime: null,
    revokedTime: null,
    revokedBy: null,
    lastUsedTime: null,
    version: 1,
    ...made,
  },
  secret: { secret },
  patch: { name: 'Hourly import' },
  change: { version: 2, ...changed },
  revoked: {
    status: 'revoked',
    revokedTime: laterTime,
    revokedBy: 'admin',
    hasSecret: false,
    secrets: [],
  },
};

const cradl: AppClientExamples = {
  draft: {
    name: 'Nightly import',
    generateSecret: true,
    roleIds: ['cradl:role:user'],
    callbackUrls: urls.callbackUrls,
  },
  appClient: { ...ofCradl, ...made },
  secret: { clientSecret: secret },
  patch: { name: 'Hourly import' },
  change: changed,
  revoked: { hasSecret: false },
};

const jitsudo: AppClientExamples = {
  draft: { name: 'Nightly import', scopes: ['user'], expires_at: null, identity_provider_id: null },
  appClient: {
    id: '0a1b2c3d-4e5f-4071-8293-a4b5c6d7e8f9',
    name: 'Nightly import',
    scopes: ['user'],
    created_by: 'admin',
    last_used_at: null,
    expires_at: null,
    revoked_at: null,
    revoked_by: null,
    created_at: createdTime,
    identity_provider_id: null,
  },
  secret: { raw_key: secret },
  patch: {},
  change: {},
  revoked: { revoked_at: laterTime, revoked_by: 'admin' },
};

interface Dialect {
  readonly wire: AppClientCodec;
  readonly shown: AppClientExamples;
}

const dialects: Readonly<Partial<Record<DialectName, Dialect>>> = {
  cradl: { wire: cradlAppClient, shown: cradl },
  jitsudo: { wire: jitsudoAppClient, shown: jitsudo },
};
const nativeDialect: Dialect = { wire: nativeAppClient, shown: native };

/** What an operation on one app client takes and gives, in the dialect of its route. */
const about =
  (shape: (dialect: Dialect) => Shape) =>
  (name: DialectName): Shape => {
    const dialect = dialects[name] ?? nativeDialect;
    return {
      parameter: dialect.wire.pathParameter,
      hasEtag: dialect === nativeDialect,
      ...shape(dialect),
    };
  };

const secretId = {
  name: 'secretId',
  description: 'The id of the secret, which is no secret.',
  example: '9f8e7d6c5b4a49388271605f4e3d2c1b',
};

/** What the operations on app clients take and give. */
export const appClientShapes: Readonly<
  Record<AppClientOperation | 'listAppClients', (dialect: DialectName) => Shape>
> = {
  createAppClient: about(({ wire, shown }) => ({
    request: { schema: wire.createInput, example: shown.draft },
    answer: { schema: wire.createResponse, example: { ...shown.appClient, ...shown.secret } },
    done: 'The app client was created.',
    ...(wire.getLocation && { location: `/v1/app-clients/${appClientId}` }),
    ...(wire.mapError && { mapError: wire.mapError }),
  })),
  listAppClients: about(({ wire: { list }, shown }) => ({
    query: list.query,
    answer: { schema: list.response, example: list.toResponse([shown.appClient], undefined) },
    done: 'A page of app clients.',
    hasEtag: false,
  })),
  getAppClient: about(({ wire, shown }) => ({
    answer: { schema: wire.response, example: shown.appClient },
    done: 'The app client.',
  })),
  updateAppClient: about(({ wire, shown }) => ({
    request: { schema: wire.updateInput ?? wire.createInput, example: shown.patch },
    answer: {
      schema: wire.response,
      example: { ...shown.appClient, ...shown.patch, ...shown.change },
    },
    done: 'The app client as it is now.',
    conditional: true,
  })),
  deleteAppClient: (name) => ({
    ...about(({ wire, shown }) => ({
      ...(name === 'cradl' && {
        answer: {
          schema: wire.response,
          example: { ...shown.appClient, ...shown.change, ...shown.revoked },
        },
      }),
      done: 'The app client is revoked.',
      conditional: true,
    }))(name),
    hasEtag: false,
  }),
  revokeAppClient: about(({ wire, shown }) => ({
    answer: {
      schema: wire.response,
      example: { ...shown.appClient, ...shown.change, ...shown.revoked },
    },
    done: 'The app client is revoked.',
    conditional: true,
  })),
  createAppClientSecret: about(({ wire, shown }) => ({
    request: { schema: rotateSecretInput, example: { overlapSeconds: 3600 } },
    answer: {
      schema: wire.createResponse,
      example: { ...shown.appClient, ...shown.change, ...rotated, ...shown.secret },
    },
    done: 'The app client has a new secret.',
    conditional: true,
  })),
  deleteAppClientSecret: about(() => ({
    part: secretId,
    done: 'The secret is good for nothing any more.',
    conditional: true,
    hasEtag: false,
  })),
};

const rotated = {
  secrets: [
    { secretId: secretId.example, createdTime, expiresTime: '2026-02-01T10:30:00.000Z' },
    { secretId: '1c2d3e4f5a6b47c8b9d0e1f2a3b4c5d6', createdTime: laterTime, expiresTime: null },
  ],
};
