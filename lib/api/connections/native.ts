import * as z from 'zod';
import { selectActiveSecrets } from '../../domain/app-clients/app-client.ts';
import type { ConnectionView } from '../../domain/connections/change-connection.ts';
import type {
  ConnectionSettings,
  CreateConnectionInput,
} from '../../domain/connections/manage-connections.ts';
import {
  formatId,
  idPatterns,
  type IdPrefix,
  parseConnectionId,
  toHex,
} from '../../domain/kernel/ids.ts';
import { expiresAtField } from '../app-clients/app-client-codec.ts';
import { buildOnce, type LazySchema, type Reply, responseSchema } from '../codec.ts';
import { roleIds, shortName } from '../fields.ts';
import { nativeList } from '../lists.ts';
import { requestBody, updateBody } from '../request-body.ts';
import { extension, roleMap, settingFields } from './fields.ts';

const time = () => z.iso.datetime();

const response = responseSchema(() =>
  z
    .strictObject({
      connectionId: z.string().regex(idPatterns.connection),
      name: z.string(),
      ...settingFields(),
      appClientId: z.string().regex(idPatterns['app-client']).meta({
        description: 'App client of the connection. Its secrets are the tokens.',
      }),
      roleIds: z.array(z.string().regex(idPatterns.role)),
      roleMap: z.record(z.string(), z.string().regex(idPatterns.role)).meta({
        description: 'Role ID by value of the SCIM attributes `roles` and `entitlements`.',
      }),
      extension: extension().nullable(),
      baseUrl: z.string().meta({ description: 'Base URL to enter in the identity provider.' }),
      tokens: z
        .array(
          z.strictObject({
            secretId: z.string(),
            createdTime: time(),
            expiresTime: time().nullable(),
          }),
        )
        .meta({ description: 'Active tokens, oldest first, without their values.' }),
      version: z.int().meta({ description: 'Version of the connection, starting at 1.' }),
      createdTime: time(),
      createdBy: z
        .string()
        .meta({ description: '`sub` of the token that created the connection.' }),
      updatedTime: time().nullable(),
      updatedBy: z.string().nullable(),
    })
    .meta({ id: 'ScimConnection' }),
);

const optional = <Fields extends z.ZodRawShape>(fields: Fields) =>
  Object.fromEntries(
    Object.entries(fields).map(([name, field]) => [name, (field as z.ZodType).optional()]),
  ) as { [Name in keyof Fields]: z.ZodOptional<Fields[Name] & z.ZodType> };

const tokenExpiresTime = () =>
  expiresAtField().meta({
    description: 'Expiration of the token. The health has a warning from 30 days before.',
    examples: ['2027-01-31T12:00:00.000Z'],
  });

const roleIdsField = () =>
  roleIds().meta({
    description:
      'Roles of the connection. It can change only users whose permissions they have, and grant no other permissions. You can include only roles whose permissions you hold. Default: `provisioner`.',
  });

const defaults = {
  provider: 'other',
  authProvider: 'saml',
  onUnmanagedMatch: 'refuse',
  roleMap: {},
  changePassword: false,
  groupNames: 'unique',
  afterDelete: 'new',
  visible: 'all',
  lockManaged: true,
  brake: 'warn',
  logDays: 30,
  status: 'live',
} as const satisfies Partial<ConnectionSettings>;

interface UpdateInput {
  readonly settings: Partial<ConnectionSettings>;
  readonly roles: readonly string[] | undefined;
}

const createInput: LazySchema<CreateConnectionInput> = buildOnce(() =>
  requestBody(
    {
      name: shortName(),
      ...optional(settingFields()),
      roleIds: roleIdsField().optional(),
      roleMap: roleMap().optional(),
      extension: extension().optional(),
      tokenExpiresTime: tokenExpiresTime().optional(),
    },
    'ScimConnectionCreate',
  ).transform(
    ({ roleIds: roles = ['provisioner'], tokenExpiresTime: tokenExpiresAt, ...input }) => ({
      ...defaults,
      ...input,
      roles,
      tokenExpiresAt,
    }),
  ),
);

const updateInput: LazySchema<UpdateInput> = buildOnce(() =>
  updateBody(
    {
      name: shortName().optional(),
      ...optional(settingFields()),
      roleIds: roleIdsField().optional(),
      roleMap: roleMap().optional(),
      extension: extension().nullable().optional(),
    },
    'ScimConnectionChange',
  ).transform(({ roleIds: roles, extension: declared, ...settings }) => ({
    roles,
    settings: {
      ...settings,
      ...(declared !== undefined && { extension: declared ?? undefined }),
    },
  })),
);

const day = 24 * 3600;

const tokenInput = buildOnce(() =>
  requestBody(
    {
      overlapSeconds: z
        .int()
        .min(0)
        .max(30 * day)
        .default(day)
        .meta({
          description: 'Seconds for which earlier tokens stay valid: 0 to 30 days. Default: 1 day.',
        }),
      expiresTime: tokenExpiresTime().optional(),
    },
    'ScimTokenCreate',
  ),
);

interface ResponseContext {
  readonly idPrefix: IdPrefix;
  readonly apiUrl: string;
  readonly now: Date;
}

/** SCIM connections of the native API. */
export const nativeConnection = {
  createInput,
  updateInput,
  tokenInput,
  response,
  tokenResponse: responseSchema(() =>
    response()
      .extend({
        token: z.string().meta({
          description: 'Bearer token. Returned only once; only a hash is stored.',
        }),
      })
      .meta({ id: 'ScimConnectionWithToken' }),
  ),
  list: nativeList({
    itemsLabel: 'connections',
    field: 'connections',
    item: response,
    id: 'ScimConnectionList',
  }),
  pathParameter: {
    name: 'connectionId',
    description: 'ID of the connection.',
    example: 'cradl:connection:0123456789ab4def8123456789abcdef',
  },
  parseConnectionId,
  getLocation: ({ connection: { connectionId } }: ConnectionView, idPrefix: IdPrefix): string =>
    `/v1/scim/connections/${formatId(idPrefix, 'connection', toHex(connectionId))}`,
  toResponse: (
    { connection, appClient }: ConnectionView,
    { idPrefix, apiUrl, now }: ResponseContext,
    token?: string,
  ): Reply => ({
    headers: { etag: `"${connection.version}"` },
    body: {
      connectionId: formatId(idPrefix, 'connection', toHex(connection.connectionId)),
      name: connection.name,
      provider: connection.provider,
      authProvider: connection.authProvider,
      onUnmanagedMatch: connection.onUnmanagedMatch,
      changePassword: connection.changePassword,
      groupNames: connection.groupNames,
      afterDelete: connection.afterDelete,
      visible: connection.visible,
      lockManaged: connection.lockManaged,
      brake: connection.brake,
      logDays: connection.logDays,
      status: connection.status,
      appClientId: formatId(idPrefix, 'app-client', connection.appClientId),
      roleIds: appClient.roles.map((slug) => formatId(idPrefix, 'role', slug)),
      roleMap: Object.fromEntries(
        Object.entries(connection.roleMap).map(([value, slug]) => [
          value,
          formatId(idPrefix, 'role', slug),
        ]),
      ),
      extension: connection.extension ?? null,
      baseUrl: `${apiUrl}/scim/v2`,
      tokens: selectActiveSecrets(appClient, now).map(({ secretId, createdAt, expiresAt }) => ({
        secretId,
        createdTime: createdAt,
        expiresTime: expiresAt ?? null,
      })),
      version: connection.version,
      createdTime: connection.createdAt,
      createdBy: connection.createdBy,
      updatedTime: connection.updatedAt ?? null,
      updatedBy: connection.updatedBy ?? null,
      ...(token !== undefined && { token }),
    },
  }),
};
