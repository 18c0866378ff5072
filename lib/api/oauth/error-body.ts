import * as z from 'zod';
import { responseSchema } from '../codec.ts';

/** Error body of the token endpoint (RFC 6749 §5.2). */
export const oauthErrorBody = responseSchema(() =>
  z
    .strictObject({
      error: z.string().meta({ description: 'Error code (RFC 6749 §5.2).' }),
      error_description: z.string().meta({ description: 'Human-readable message.' }),
    })
    .meta({ id: 'OAuthProblem' }),
);
