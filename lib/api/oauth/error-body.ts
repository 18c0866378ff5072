import * as z from 'zod';

/** The body of every failure of the token endpoint (RFC 6749 §5.2). */
export const oauthErrorBody = z
  .strictObject({
    error: z.string().meta({ description: 'For machines.' }),
    error_description: z.string().meta({ description: 'For people.' }),
  })
  .meta({ id: 'OAuthProblem' });
