import * as z from 'zod';
import { password } from '../fields.ts';
import { tenantName } from '../password-reset-wire.ts';
import type { SignInWire } from '../sign-in-wire.ts';

/** JITSudo, POST /v1/auth/login (jitsudo-docs, operation postAuthLogin), without second factors. */
export const jitsudoSignIn: SignInWire = {
  request: z
    .object({ email: z.string().max(254), password, tenant_slug: tenantName.optional() })
    .meta({ id: 'JitsudoLogin' })
    .transform((body) => ({ account: { email: body.email }, password: body.password, tenant: body.tenant_slug })),
  tenantField: 'tenant_slug',
  answer: z.strictObject({ token: z.string(), expires_at: z.iso.datetime() }).meta({ id: 'JitsudoLoggedIn' }),
  view: ({ accessToken, expires }) => ({ body: { token: accessToken, expires_at: expires } }),
};
