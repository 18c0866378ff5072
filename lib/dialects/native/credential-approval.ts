import * as z from 'zod';
import type { ApprovableCredential } from '../../domain/users/approve-credentials.ts';
import { namesSomething, nothingNamed } from '../fields.ts';

/** Request body that names the credentials to approve. */
export const credentialApproval = z
  .strictObject({
    email: z.literal(true).optional().meta({ description: 'Approves the current email.' }),
    identity: z.literal(true).optional().meta({ description: 'Approves the current identity.' }),
  })
  .meta({ id: 'CredentialApproval', minProperties: 1 })
  .refine(namesSomething, nothingNamed)
  .transform((body) => (['email', 'identity'] as const).filter((kind): kind is ApprovableCredential => body[kind] === true));
