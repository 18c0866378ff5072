import * as z from 'zod';
import { confirmableCredentials } from '../../domain/credential-limits/credential-limit.ts';

/** Request body that names the credential to confirm. */
export const requestConfirmationInput = z
  .strictObject({
    credential: z
      .enum(confirmableCredentials)
      .meta({ description: 'Credential of the caller that another user set.' }),
  })
  .meta({ id: 'CredentialConfirmationRequest' });

/** Request body with the token of the mailed link. */
export const confirmCredentialInput = z
  .strictObject({
    token: z
      .string()
      .max(256)
      .meta({ writeOnly: true, description: 'Token of the mailed link, after `#token=`.' }),
  })
  .meta({ id: 'CredentialConfirmation' });
