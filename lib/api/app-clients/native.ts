import * as z from 'zod';
import {
  type AppClient,
  isActive,
  selectActiveSecrets,
} from '../../domain/app-clients/app-client.ts';
import { formatId, idPatterns } from '../../domain/kernel/ids.ts';
import {
  type UpdatableAppClientCodec,
  byAppClientId,
  expiresAtField,
  url,
  urls,
} from './app-client-codec.ts';
import { description, longName, roleIds } from '../fields.ts';
import { nativeList } from '../lists.ts';
import { updateBody, requestBody } from '../request-body.ts';
import { buildOnce, responseSchema } from '../codec.ts';

const time = () => z.iso.datetime();

const response = responseSchema(() =>
  z
    .strictObject({
      appClientId: z.string().regex(idPatterns['app-client']),
      tenantId: z.guid(),
      clientId: z
        .string()
        .meta({ description: '`client_id` at the token endpoint. Never reused.' }),
      name: z.string().nullable(),
      description: z.string().nullable(),
      roleIds: z.array(z.string().regex(idPatterns.role)),
      isSystemAdministrator: z
        .boolean()
        .meta({ description: 'True if the app client is a system administrator.' }),
      callbackUrls: z.array(z.string()),
      logoutUrls: z.array(z.string()),
      loginUrls: z.array(z.string()),
      defaultLoginUrl: z.string().nullable(),
      hasSecret: z.boolean(),
      secrets: z
        .array(
          z.strictObject({
            secretId: z.string(),
            createdTime: time(),
            expiresTime: time().nullable(),
          }),
        )
        .meta({
          description: 'Active secrets, oldest first, without their values.',
        }),
      status: z.enum(['active', 'expired', 'revoked']),
      expiresTime: time().nullable(),
      revokedTime: time().nullable(),
      revokedBy: z.string().nullable(),
      lastUsedTime: time()
        .nullable()
        .meta({ description: 'Time of the last token request or call, accurate to a minute.' }),
      version: z.int().meta({ description: 'Version of the app client, starting at 1.' }),
      createdTime: time(),
      createdBy: z
        .string()
        .meta({ description: '`sub` of the token that created the app client.' }),
      updatedTime: time().nullable(),
      updatedBy: z.string().nullable(),
    })
    .meta({ id: 'AppClient' }),
);

const fields = () => ({
  name: longName().nullable().optional(),
  description: description().nullable().optional(),
  roleIds: roleIds().optional(),
  callbackUrls: urls().optional(),
  logoutUrls: urls().optional(),
  loginUrls: urls().optional(),
  defaultLoginUrl: url().nullable().optional(),
  expiresTime: expiresAtField().nullable().optional(),
});

/** App clients of the native API: those of Cradl plus expiration, several secrets and last use. */
export const nativeAppClient: UpdatableAppClientCodec = {
  createInput: buildOnce(() =>
    requestBody(
      {
        ...fields(),
        generateSecret: z.boolean().default(true).meta({
          description: 'If false, the app client gets no secret and cannot call. Default: true.',
        }),
      },
      'AppClientCreate',
    ).transform(
      ({ name, description, roleIds: roles = [], defaultLoginUrl, expiresTime, ...rest }) => ({
        ...rest,
        name: name ?? undefined,
        description: description ?? undefined,
        defaultLoginUrl: defaultLoginUrl ?? undefined,
        expiresAt: expiresTime ?? undefined,
        roles,
      }),
    ),
  ),

  updateInput: buildOnce(() =>
    updateBody(fields(), 'AppClientChange').transform(
      ({ roleIds: roles, expiresTime, ...rest }) => ({
        ...rest,
        roles,
        expiresAt: expiresTime,
      }),
    ),
  ),

  list: nativeList({
    itemsLabel: 'app clients',
    field: 'appClients',
    item: response,
    id: 'AppClientList',
  }),

  response,
  createResponse: responseSchema(() =>
    response()
      .extend({
        secret: z
          .string()
          .nullable()
          .meta({ description: 'Secret. Returned only once; only a hash is stored.' }),
      })
      .meta({ id: 'AppClientWithSecret' }),
  ),

  ...byAppClientId,
  includesRevoked: true,

  toResponse: ({ appClient, lastUsedAt }, { idPrefix, now }, secret) => ({
    headers: { etag: `"${appClient.version}"` },
    body: {
      appClientId: formatId(idPrefix, 'app-client', appClient.appClientId),
      tenantId: appClient.tenantId,
      clientId: appClient.clientId,
      name: appClient.name ?? null,
      description: appClient.description ?? null,
      roleIds: appClient.roles.map((slug) => formatId(idPrefix, 'role', slug)),
      isSystemAdministrator: appClient.systemAdministrator ?? false,
      callbackUrls: appClient.callbackUrls,
      logoutUrls: appClient.logoutUrls,
      loginUrls: appClient.loginUrls,
      defaultLoginUrl: appClient.defaultLoginUrl ?? null,
      hasSecret: selectActiveSecrets(appClient, now).length > 0,
      secrets: selectActiveSecrets(appClient, now).map(({ secretId, createdAt, expiresAt }) => ({
        secretId,
        createdTime: createdAt,
        expiresTime: expiresAt ?? null,
      })),
      status: getStatus(appClient, now),
      expiresTime: appClient.expiresAt ?? null,
      revokedTime: appClient.revocation?.at ?? null,
      revokedBy: appClient.revocation?.by ?? null,
      lastUsedTime: lastUsedAt ?? null,
      version: appClient.version,
      createdTime: appClient.createdAt,
      createdBy: appClient.createdBy,
      updatedTime: appClient.updatedAt ?? null,
      updatedBy: appClient.updatedBy ?? null,
      ...(secret !== undefined && { secret }),
    },
  }),
  getLocation: ({ appClientId }, idPrefix) =>
    `/v1/app-clients/${formatId(idPrefix, 'app-client', appClientId)}`,
};

function getStatus(appClient: AppClient, now: Date): 'active' | 'expired' | 'revoked' {
  if (appClient.revocation) return 'revoked';
  return isActive(appClient, now) ? 'active' : 'expired';
}

const day = 24 * 3600;

export const rotateSecretInput = buildOnce(() =>
  requestBody(
    {
      overlapSeconds: z
        .int()
        .min(0)
        .max(30 * day)
        .default(day)
        .meta({
          description:
            'Seconds for which earlier secrets stay valid: 0 to 30 days. Default: 1 day.',
        }),
    },
    'SecretCreate',
  ),
);
