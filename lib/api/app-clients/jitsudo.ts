import * as z from 'zod';
import { Failure } from '../../domain/kernel/failure.ts';
import { toHex, toUuid, uuidPattern } from '../../domain/kernel/ids.ts';
import { type AppClientCodec, byAppClientId, expiresAtField } from './app-client-codec.ts';
import { longName, roleNames } from '../fields.ts';
import { jitsudoList } from '../lists.ts';
import { requestBody } from '../request-body.ts';
import { buildOnce, responseSchema } from '../codec.ts';

const time = () => z.iso.datetime();

const response = responseSchema(() =>
  z
    .strictObject({
      id: z.string(),
      name: z.string(),
      scopes: z.array(z.string()).meta({ description: 'Names of the roles.' }),
      created_by: z.string(),
      last_used_at: time().nullable(),
      expires_at: time().nullable(),
      revoked_at: time().nullable(),
      revoked_by: z.string().nullable(),
      created_at: time(),
      identity_provider_id: z.null(),
    })
    .meta({ id: 'JitsudoApiKey' }),
);

/**
 * API keys of JITSudo, `/v1/api-keys` (jitsudo-docs, operation createApiKey). A key is an app
 * client whose secret is the key. JITSudo does not define its scopes; here they are role names.
 */
export const jitsudoAppClient: AppClientCodec = {
  createInput: buildOnce(() =>
    requestBody(
      {
        name: longName(),
        scopes: roleNames().optional().meta({
          description: 'Names of the roles. Default: the roles that you have and can grant.',
        }),
        expires_at: expiresAtField().optional(),
        identity_provider_id: z
          .null()
          .optional()
          .meta({ description: 'Not supported: omit it or send null.' }),
      },
      'JitsudoApiKeyCreate',
    ).transform(({ name, scopes, expires_at }) => ({
      name,
      roles: scopes,
      expiresAt: expires_at,
      generateSecret: true,
    })),
  ),

  list: jitsudoList({ itemsLabel: 'keys', item: response, id: 'JitsudoApiKeyList' }),

  response,
  createResponse: responseSchema(() =>
    response()
      .extend({
        raw_key: z
          .string()
          .meta({ description: 'API key. Returned only once; only a hash is stored.' }),
        notice: z
          .string()
          .optional()
          .meta({ description: 'Present if the key has no permissions.' }),
      })
      .meta({ id: 'JitsudoApiKeyWithKey' }),
  ),

  pathParameter: {
    name: 'id',
    description: 'ID of the API key.',
    example: '01234567-89ab-4def-8123-456789abcdef',
  },
  parseAppClientId: (id) =>
    byAppClientId.parseAppClientId(
      `cradl:app-client:${uuidPattern.test(id) ? toHex(id).toLowerCase() : id}`,
    ),
  includesRevoked: true,

  toResponse: ({ appClient, lastUsedAt }, { lacksPermissions }, secret) => ({
    body: {
      id: formatKeyId(appClient.appClientId),
      name: appClient.name ?? appClient.appClientId,
      scopes: appClient.roles,
      created_by: appClient.createdBy,
      last_used_at: lastUsedAt ?? null,
      expires_at: appClient.expiresAt ?? null,
      revoked_at: appClient.revocation?.at ?? null,
      revoked_by: appClient.revocation?.by ?? null,
      created_at: appClient.createdAt,
      identity_provider_id: null,
      ...(secret != null && { raw_key: secret }),
      ...(lacksPermissions && {
        notice: 'This key has no permissions, because its roles have none',
      }),
    },
  }),

  mapError: (failure) => {
    const { code, message, details, notices, cause, hasWirePaths } = failure;
    if (hasWirePaths) return failure;
    const rename = (path: string) => path.replace(/^roles\b/, 'scopes');
    const { field, issues } = details;
    const renamedDetails = {
      ...details,
      ...(field !== undefined && { field: rename(field) }),
      ...(issues && { issues: issues.map((issue) => ({ ...issue, path: rename(issue.path) })) }),
    };
    return new Failure(code, message, { details: renamedDetails, notices, cause });
  },
};

/** Formats a generated ID as a UUID. Custom IDs stay as they are. */
const formatKeyId = (appClientId: string): string =>
  /^[0-9a-f]{32}$/.test(appClientId) ? toUuid(appClientId) : appClientId;
