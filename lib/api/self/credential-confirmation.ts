import * as z from 'zod';
import {
  confirmableCredentials,
  type ConfirmableCredential,
} from '../../domain/credential-limits/credential-limit.ts';
import type { DialectsServing } from '../routes.ts';
import { buildOnce, type LazySchema } from '../codec.ts';

export const requestConfirmationInput = buildOnce(() =>
  z
    .strictObject({
      credential: z
        .enum(confirmableCredentials)
        .meta({ description: 'Credential of the caller that another user set.' }),
    })
    .meta({ id: 'CredentialConfirmationRequest' }),
);

export const confirmCredentialInput = buildOnce(() =>
  z
    .strictObject({
      token: z
        .string()
        .max(256)
        .meta({ writeOnly: true, description: 'Token of the emailed link, after `#token=`.' }),
    })
    .meta({ id: 'CredentialConfirmation' }),
);

export const requestConfirmationInputs = {
  native: requestConfirmationInput,
} satisfies Record<
  DialectsServing<'requestCredentialConfirmation'>,
  LazySchema<{ readonly credential: ConfirmableCredential }>
>;

export const confirmCredentialInputs = {
  native: confirmCredentialInput,
} satisfies Record<DialectsServing<'confirmCredential'>, LazySchema<{ readonly token: string }>>;
