import * as z from 'zod';
import { formatId, cradlIdPatterns } from '../../domain/kernel/ids.ts';
import { selectActiveSecrets } from '../../domain/app-clients/app-client.ts';
import { type UpdatableAppClientCodec, byAppClientId, url, urls } from './app-client-codec.ts';
import { description, longName, roleIds } from '../fields.ts';
import { cradlList } from '../lists.ts';
import { updateBody, requestBody } from '../request-body.ts';
import { buildOnce, responseSchema } from '../codec.ts';

const time = () => z.iso.datetime();

const response = responseSchema(() =>
  z
    .strictObject({
      appClientId: z.string().regex(cradlIdPatterns['app-client']),
      clientId: z.string(),
      hasSecret: z.boolean(),
      callbackUrls: z.array(z.string()),
      logoutUrls: z.array(z.string()),
      loginUrls: z.array(z.string()),
      defaultLoginUrl: z.string().nullable(),
      roleIds: z.array(z.string().regex(cradlIdPatterns.role)),
      name: z.string().nullable(),
      description: z.string().nullable(),
      createdTime: time(),
      createdBy: z.string(),
      updatedTime: time().nullable(),
      updatedBy: z.string().nullable(),
    })
    .meta({ id: 'CradlAppClient' }),
);

/** App clients of Cradl, `/appClients` (cradl-docs, static/oas.json). */
export const cradlAppClient: UpdatableAppClientCodec = {
  createInput: buildOnce(() =>
    requestBody(
      {
        name: longName().optional(),
        description: description().optional(),
        generateSecret: z.boolean().default(true),
        logoutUrls: urls().optional(),
        callbackUrls: urls().optional(),
        loginUrls: urls().optional(),
        defaultLoginUrl: url().optional(),
        roleIds: roleIds().optional(),
      },
      'CradlAppClientCreate',
    ).transform(({ roleIds: roles = [], ...rest }) => ({ ...rest, roles })),
  ),

  updateInput: buildOnce(() =>
    updateBody(
      {
        name: longName().nullable().optional(),
        description: description().nullable().optional(),
        loginUrls: urls().optional(),
        defaultLoginUrl: url().nullable().optional(),
        roleIds: roleIds().optional(),
      },
      'CradlAppClientChange',
    ).transform(({ roleIds: roles, ...rest }) => ({ ...rest, roles })),
  ),

  list: cradlList({
    itemsLabel: 'app clients',
    field: 'appClients',
    item: response,
    id: 'CradlAppClientList',
  }),

  response,
  createResponse: responseSchema(() =>
    response()
      .extend({
        clientSecret: z
          .string()
          .optional()
          .meta({ description: 'Secret. Returned only once; only a hash is stored.' }),
      })
      .meta({ id: 'CradlAppClientWithSecret' }),
  ),

  ...byAppClientId,
  // Cradl deletes app clients instead of revoking them.
  includesRevoked: false,

  toResponse: ({ appClient }, { idPrefix, now }, secret) => ({
    body: {
      appClientId: formatId(idPrefix, 'app-client', appClient.appClientId),
      clientId: appClient.clientId,
      hasSecret: selectActiveSecrets(appClient, now).length > 0,
      callbackUrls: appClient.callbackUrls,
      logoutUrls: appClient.logoutUrls,
      loginUrls: appClient.loginUrls,
      defaultLoginUrl: appClient.defaultLoginUrl ?? null,
      roleIds: appClient.roles.map((slug) => formatId(idPrefix, 'role', slug)),
      name: appClient.name ?? null,
      description: appClient.description ?? null,
      createdTime: appClient.createdAt,
      createdBy: appClient.createdBy,
      updatedTime: appClient.updatedAt ?? null,
      updatedBy: appClient.updatedBy ?? null,
      ...(secret != null && { clientSecret: secret }),
    },
  }),
};
