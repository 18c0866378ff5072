import * as z from 'zod';
import { tokenLifetimeSeconds } from '../../domain/sign-in/access-token.ts';
import { buildOnce, type Reply, responseSchema } from '../codec.ts';

/**
 * Parameters of the token endpoint, in the form or, except the secret, in the query string. Cradl's
 * clients mix both.
 */
export const tokenForm = buildOnce(() =>
  z
    .object({
      grant_type: z.literal('client_credentials'),
      audience: z.string().optional().meta({ description: 'Alternative name of `resource`.' }),
      resource: z.string().optional().meta({
        description:
          'The service that the token is for (RFC 8707): one of the `resourceServers` of the deployment, or Roster itself, which is the default. Roster does not accept tokens for other services.',
      }),
      client_id: z.string().optional(),
      client_secret: z.string().optional().meta({
        description:
          'Secret of the app client, unless it is in `Authorization: Basic`. Not allowed in the query.',
      }),
      scope: z
        .string()
        .optional()
        .meta({ description: 'Ignored: the roles of the app client define its permissions.' }),
    })
    .meta({ id: 'TokenRequest' }),
);

/** RFC 6749 §5.1. */
export const tokenResponse = responseSchema(() =>
  z
    .strictObject({
      access_token: z.string().meta({ description: 'JWT access token (RFC 9068).' }),
      token_type: z.literal('Bearer'),
      expires_in: z.literal(tokenLifetimeSeconds).meta({ description: 'Lifetime in seconds.' }),
    })
    .meta({ id: 'TokenAnswer' }),
);

export const toTokenResponse = ({
  accessToken,
  expiresIn,
}: {
  readonly accessToken: string;
  readonly expiresIn: number;
}): Reply => ({
  body: { access_token: accessToken, token_type: 'Bearer', expires_in: expiresIn },
  headers: { pragma: 'no-cache' },
});
