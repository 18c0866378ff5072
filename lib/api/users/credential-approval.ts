import * as z from 'zod';
import type { ApprovableCredential } from '../../domain/credential-limits/approve-credentials.ts';
import { updateBody } from '../request-body.ts';
import { buildOnce } from '../codec.ts';

export const approveCredentialsInput = buildOnce(() =>
  updateBody(
    {
      email: z.literal(true).optional().meta({ description: 'Approves the current email.' }),
      identity: z.literal(true).optional().meta({ description: 'Approves the current identity.' }),
    },
    'CredentialApproval',
  ).transform((body) =>
    (['email', 'identity'] as const).filter(
      (kind): kind is ApprovableCredential => body[kind] === true,
    ),
  ),
);
