import * as z from 'zod';
import { password, tenantSlugOrId } from '../fields.ts';
import { signInName } from '../users/fields/user-name.ts';
import { requestBody } from '../request-body.ts';
import type { SignInCodec } from './sign-in-codec.ts';
import { buildOnce, responseSchema } from '../codec.ts';

/**
 * `POST /v1/auth/login` of JITSudo (jitsudo-docs, operation postAuthLogin), without second factors.
 */
export const jitsudoSignIn: SignInCodec = {
  signInInput: buildOnce(() =>
    requestBody(
      { email: signInName(), password: password(), tenant_slug: tenantSlugOrId().optional() },
      'JitsudoLogin',
    ).transform((body) => ({
      account: { email: body.email },
      password: body.password,
      tenant: body.tenant_slug,
    })),
  ),
  tenantField: 'tenant_slug',
  response: responseSchema(() =>
    z
      .strictObject({ token: z.string(), expires_at: z.iso.datetime() })
      .meta({ id: 'JitsudoLoggedIn' }),
  ),
  toResponse: ({ accessToken, expiresAt }) => ({
    body: { token: accessToken, expires_at: expiresAt },
  }),
};
