import { Failure, invalidInput } from '../../domain/kernel/failure.ts';
import {
  exampleCreatedTime,
  exampleRequestId,
  exampleUpdatedTime,
  exampleUserId,
  versionErrors,
} from '../doc-parts.ts';
import type { OperationContent, ResourceDoc } from '../operation-doc.ts';
import type { ConnectionOperation } from './codecs.ts';
import { nativeConnectionLog as logCodec } from './log.ts';
import { nativeConnection as codec } from './native.ts';

const { pathParameter } = codec;
const clientId = '5f0c9a3e7d214b68a1c2d3e4f5061728';
const secretId = '9f8e7d6c5b4a49388271605f4e3d2c1b';
/** Has the length of a token. */
const token = `roster_${clientId}_${'ExampleOnly'.repeat(3)}ExampleOn`;

const input = {
  name: 'Okta',
  provider: 'okta',
  roleMap: { Auditor: 'cradl:role:approver' },
  tokenExpiresTime: '2027-01-31T12:00:00.000Z',
};

const connection = {
  connectionId: pathParameter.example,
  name: input.name,
  provider: input.provider,
  authProvider: 'saml',
  onUnmanagedMatch: 'refuse',
  changePassword: false,
  groupNames: 'unique',
  afterDelete: 'new',
  visible: 'all',
  lockManaged: true,
  brake: 'warn',
  logDays: 30,
  status: 'live',
  appClientId: 'cradl:app-client:0a1b2c3d4e5f40718293a4b5c6d7e8f9',
  roleIds: ['cradl:role:provisioner'],
  roleMap: input.roleMap,
  extension: null,
  baseUrl: 'https://api.example.com/scim/v2',
  tokens: [{ secretId, createdTime: exampleCreatedTime, expiresTime: '2027-01-31T12:00:00.000Z' }],
  version: 1,
  createdTime: exampleCreatedTime,
  createdBy: 'admin',
  updatedTime: null,
  updatedBy: null,
};
const changed = { ...connection, version: 2, updatedTime: exampleUpdatedTime, updatedBy: 'admin' };

const logEntry = {
  requestId: exampleRequestId,
  time: exampleCreatedTime,
  method: 'PATCH',
  path: '/scim/v2/Users/01234567-89ab-4def-8123-456789abcdef',
  query: null,
  body: '{"Operations":[{"op":"Replace","path":"active","value":"False"}]}',
  quirks: ['text-boolean'],
  skipped: [],
  userId: exampleUserId,
  groupId: null,
  changedAttributes: ['active'],
  httpStatus: 200,
  scimType: null,
  detail: null,
  durationMs: 38,
};

const health = {
  requests: 212,
  failures: 3,
  lastSuccessTime: exampleUpdatedTime,
  lastFailureTime: exampleCreatedTime,
  tokenExpiresTime: '2027-01-31T12:00:00.000Z',
  failingUsers: [
    {
      userId: exampleUserId,
      failures: 3,
      time: exampleCreatedTime,
      httpStatus: 409,
      detail: 'A user with this username already exists',
    },
  ],
  brake: { held: false, trippedTime: null, userCount: null, threshold: null, releasedTime: null },
  warnings: ['Changes of 1 users fail repeatedly.'],
};

/** The parameter `userId` of the routes below a connection. */
const userParameter = {
  name: 'userId',
  description: 'ID of the user.',
  example: exampleUserId,
};

const read = 'Requires the permission `scim:read`.';
const write =
  'Requires the permission `scim:write`, and all permissions of the roles of the connection.';

const notFound = {
  text: 'the connection does not exist in this tenant',
  example: new Failure('not_found', 'The connection does not exist in this tenant'),
};
const userNotFound = { text: 'the connection or the user does not exist in this tenant' };
const ownerProtected = {
  text: 'the user is the owner of the tenant, whom no connection manages',
};
const writeErrors = { ...versionErrors('connection'), not_found: notFound };
const fieldErrors = {
  invalid_roles: {},
  invalid_input: {
    text: 'a field is missing or invalid. `details.field` names it. `roleMap` accepts only roles whose permissions the roles of the connection have',
    example: invalidInput({
      path: 'roleMap.Auditor',
      message: 'must be a role whose permissions the roles of the connection have',
    }),
  },
};

/** Content of an operation on one connection. */
const describe = (content: OperationContent) => (): OperationContent => ({
  parameter: pathParameter,
  ...content,
});

/** OpenAPI texts of SCIM connections. */
export const connectionDoc: ResourceDoc<ConnectionOperation> = {
  name: 'SCIM connections',
  description:
    'Connections of identity providers, which provision users and groups with SCIM 2.0. Each connection has its own tokens, settings and log.',
  operations: {
    createConnection: {
      summary: 'Create a SCIM connection',
      description: `Creates a connection with its own app client, and returns the token, once. Enter \`baseUrl\` and the token in the identity provider. A tenant can have 20 connections. ${write}`,
      errors: { ...fieldErrors, connection_limit_reached: {} },
      content: () => ({
        request: { schema: codec.createInput(), example: input },
        response: { schema: codec.tokenResponse(), example: { ...connection, token } },
        responseDescription: 'The created connection with its token.',
        hasEtag: true,
        location: `/v1/scim/connections/${pathParameter.example}`,
      }),
    },
    listConnections: {
      summary: 'List SCIM connections',
      description: `Returns the connections of the tenant, one page at a time. ${read}`,
      content: () => ({
        query: codec.list.query(),
        response: {
          schema: codec.list.response(),
          example: codec.list.toResponse([connection], undefined),
        },
        responseDescription: 'A page of connections.',
      }),
    },
    getConnection: {
      summary: 'Get a SCIM connection',
      description: `Returns a connection without its tokens. ${read}`,
      errors: { not_found: notFound },
      content: describe({
        response: { schema: codec.response(), example: connection },
        responseDescription: 'The connection.',
        hasEtag: true,
      }),
    },
    updateConnection: {
      summary: 'Update a SCIM connection',
      description: `Changes the fields in the body. \`roleMap\` replaces the whole map. ${write}`,
      errors: { ...writeErrors, ...fieldErrors },
      content: describe({
        request: { schema: codec.updateInput(), example: { brake: 'hold' } },
        response: { schema: codec.response(), example: { ...changed, brake: 'hold' } },
        responseDescription: 'The updated connection.',
        acceptsIfMatch: true,
        hasEtag: true,
      }),
    },
    deleteConnection: {
      summary: 'Delete a SCIM connection',
      description: `Deletes the connection and revokes its tokens. Its users and groups stay, and are no longer managed. ${write}`,
      errors: writeErrors,
      content: describe({ responseDescription: 'No content.', acceptsIfMatch: true }),
    },
    createConnectionToken: {
      summary: 'Rotate a token',
      description: `Creates a token and returns it, once. Earlier tokens stay valid for \`overlapSeconds\`, by default one day, and never longer than before. A connection has at most two active tokens: 409, unless \`overlapSeconds\` is 0, which ends all others at once. The new token carries only permissions that the caller holds now. ${write}`,
      errors: {
        ...writeErrors,
        invalid_input: {},
        secret_limit_reached: {
          text: 'the connection already has two active tokens. Delete one, or set `overlapSeconds` to 0',
        },
      },
      content: describe({
        request: { schema: codec.tokenInput(), example: { overlapSeconds: 3600 } },
        response: {
          schema: codec.tokenResponse(),
          example: {
            ...changed,
            tokens: [
              {
                secretId,
                createdTime: exampleCreatedTime,
                expiresTime: '2026-02-01T10:30:00.000Z',
              },
              {
                secretId: '1c2d3e4f5a6b47c8b9d0e1f2a3b4c5d6',
                createdTime: exampleUpdatedTime,
                expiresTime: null,
              },
            ],
            token,
          },
        },
        responseDescription: 'The connection with the new token.',
        acceptsIfMatch: true,
        hasEtag: true,
      }),
    },
    deleteConnectionToken: {
      summary: 'Delete a token',
      description: `Ends a token at once. ${write}`,
      errors: {
        ...writeErrors,
        not_found: {
          text: 'the connection or an active token with this ID does not exist',
          example: new Failure('not_found', 'The app client has no active secret with this ID'),
        },
      },
      content: describe({
        childParameter: {
          name: 'secretId',
          description: 'ID of the token. The ID is not confidential.',
          example: secretId,
        },
        responseDescription: 'No content.',
        acceptsIfMatch: true,
      }),
    },
    listConnectionLog: {
      summary: 'List the log of a connection',
      description: `Returns the requests of the connection, newest first, one page at a time. Entries have personal data and expire after \`logDays\`. Passwords are struck out. The filter \`userId\` selects changes of a user, not reads. ${read}`,
      errors: { not_found: notFound },
      content: describe({
        query: logCodec.logList.query(),
        response: {
          schema: logCodec.logList.response(),
          example: logCodec.logList.toResponse([logEntry], undefined),
        },
        responseDescription: 'A page of entries.',
      }),
    },
    getConnectionHealth: {
      summary: 'Get the health of a connection',
      description: `Summarizes the requests of the last 24 hours, the tokens and the brake. ${read}`,
      errors: { not_found: notFound },
      content: describe({
        response: { schema: logCodec.healthResponse(), example: health },
        responseDescription: 'The health of the connection.',
      }),
    },
    releaseConnectionBrake: {
      summary: 'Release the brake',
      description: `Lets a connection deprovision users again. The brake does not trip for an hour. ${write}`,
      errors: {
        not_found: notFound,
      },
      content: describe({ responseDescription: 'No content.' }),
    },
    approveConnectionUser: {
      summary: 'Let a connection manage a user',
      description: `Lets the connection change an existing user, also one of another connection. The identity provider must match the user by username or email. Requires the permission \`scim:write\`, and all permissions of the user.`,
      errors: { not_found: userNotFound, owner_protected: ownerProtected },
      content: describe({
        childParameter: userParameter,
        responseDescription: 'No content.',
      }),
    },
    releaseConnectionUser: {
      summary: 'End the management of a user',
      description: `The connection can no longer change the user, who stays as they are. A user of another connection stays unchanged. Requires the permission \`scim:write\`, and all permissions of the user.`,
      errors: { not_found: userNotFound },
      content: describe({
        childParameter: userParameter,
        responseDescription: 'No content.',
      }),
    },
  },
};
