import * as z from 'zod';
import { toHex, formatId, idPatterns } from '../../domain/kernel/ids.ts';
import type { AcceptanceCodec } from './acceptance-codec.ts';
import { linkToken, password } from '../fields.ts';
import { requestBody } from '../request-body.ts';
import { buildOnce, responseSchema } from '../codec.ts';
import { getAccountName } from '../../domain/users/user.ts';

export const nativeAcceptance: AcceptanceCodec = {
  acceptInput: buildOnce(() =>
    requestBody({ token: linkToken(), password: password() }, 'InvitationAcceptance'),
  ),
  response: responseSchema(() =>
    z
      .strictObject({
        userId: z.string().regex(idPatterns.user),
        email: z.string(),
        status: z.literal('active'),
        refusedRoleIds: z.array(z.string().regex(idPatterns.role)).meta({
          description:
            'Roles that were not assigned, because they no longer exist or the inviter can no longer grant them.',
        }),
        continueUrl: z
          .string()
          .meta({ description: 'URL to continue at, the origin of the tenant.' }),
      })
      .meta({ id: 'AcceptedInvitation' }),
  ),
  toResponse: ({ user, tenant }, idPrefix) => ({
    body: {
      userId: formatId(idPrefix, 'user', toHex(user.userId)),
      email: getAccountName(user),
      status: 'active',
      refusedRoleIds: (user.invitation?.refusedRoles ?? []).map((slug) =>
        formatId(idPrefix, 'role', slug),
      ),
      continueUrl: tenant.origin,
    },
  }),
};
