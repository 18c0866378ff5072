import * as z from 'zod';
import { isActive } from '../../domain/app-clients/app-client.ts';
import { expiresAtField } from '../app-clients/app-client-codec.ts';
import { buildOnce, responseSchema } from '../codec.ts';
import { credibleGroup, credibleName } from '../groups/credible.ts';
import type { GroupTokenCodec } from './group-token-codec.ts';

const time = () => z.iso.datetime();

const response = responseSchema(() =>
  z
    .strictObject({
      name: z.string().meta({ description: 'Name of the token.' }),
      groupName: z.string().meta({ description: 'Name of the group.' }),
      createdAt: time(),
      expiresAt: time().nullable().meta({ description: 'Expiration time. Null for none.' }),
      expired: z.boolean().meta({ description: 'True after the expiration time.' }),
    })
    .meta({ id: 'CredibleGroupToken' }),
);

/** Tokens of Credible's groups, `…/groups/{groupName}/tokens` (admin API). */
export const credibleGroupToken: GroupTokenCodec = {
  group: credibleGroup,
  parameter: { name: 'tokenName', description: 'Name of the token.', example: 'nightly-import' },

  createQuery: buildOnce(() =>
    z.strictObject({
      name: credibleName().meta({
        description: 'Name of the token, unique in the organization without regard to case.',
        examples: ['nightly-import'],
      }),
      expiresAt: expiresAtField()
        .optional()
        .meta({ description: 'Expiration time. Default: 365 days after the creation.' }),
    }),
  ),
  toCreateInput: ({ name, expiresAt }) => ({
    name: name as string,
    expiresAt: expiresAt as string | undefined,
  }),

  response,
  createResponse: responseSchema(() =>
    response()
      .extend({
        token: z
          .string()
          .meta({ description: 'Token. Returned only once; only a hash is stored.' }),
      })
      .meta({ id: 'CredibleGroupTokenWithToken' }),
  ),
  listResponse: responseSchema(() => z.array(response()).meta({ id: 'CredibleGroupTokenList' })),

  // The expiration can be removed through the native API.
  toResponse: (client, { group, now }, secret) => ({
    name: client.groupToken.name,
    groupName: group.name,
    createdAt: client.createdAt,
    expiresAt: client.expiresAt ?? null,
    expired: !isActive(client, now),
    ...(secret !== undefined && { token: secret }),
  }),
};
