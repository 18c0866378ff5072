import * as z from 'zod';
import { invalidInput } from '../../domain/kernel/failure.ts';
import {
  signInMethods,
  type TenantName,
  type TenantSignIn,
} from '../../domain/sign-in/sign-in-methods.ts';
import { tenantSlugPattern } from '../../domain/tenants/slug.ts';
import { trimText } from '../characters.ts';
import { buildOnce, type LazySchema, type Reply, responseSchema } from '../codec.ts';
import { domainName } from '../domains/domain-codec.ts';
import type { DialectsServing } from '../routes.ts';

/** Sign-in methods of a tenant in one dialect. */
interface SignInMethodsCodec {
  readonly response: LazySchema;
  toResponse(signIn: TenantSignIn): Reply;
}

/** Query parameters in every dialect. */
export const signInMethodsQuery = buildOnce(() =>
  z.strictObject({
    domain: domainName().optional().meta({ description: 'Verified domain of the tenant.' }),
    slug: z
      .string()
      .overwrite((text) => trimText(text).toLowerCase())
      .regex(tenantSlugPattern, 'must be the slug of a tenant')
      .optional()
      .meta({ description: 'Slug of the tenant.', examples: ['acme'] }),
  }),
);

/** Converts the query. Throws `invalid_input` unless it has exactly one of both parameters. */
export function toTenantName({
  domain,
  slug,
}: z.infer<ReturnType<typeof signInMethodsQuery>>): TenantName {
  if (domain !== undefined && slug === undefined) return { domain };
  if (domain === undefined && slug !== undefined) return { slug };
  throw invalidInput({
    path: 'domain',
    message: 'is required unless slug is set, and cannot be combined with it',
  });
}

const methods = () =>
  z.array(z.enum(signInMethods)).meta({
    description:
      '`local` is a password, `oidc` a token of another issuer that the deployment accepts for the tenant.',
  });

/** Codecs of every dialect that routes.ts lists for sign-in methods. */
export const signInMethodsCodecs: Readonly<
  Record<DialectsServing<'getSignInMethods'>, SignInMethodsCodec>
> = {
  native: {
    response: responseSchema(() =>
      z.strictObject({ tenantId: z.string(), methods: methods() }).meta({ id: 'SignInMethods' }),
    ),
    toResponse: (signIn) => ({ body: signIn }),
  },
  // jitsudo-docs, operation getAuthProviders.
  jitsudo: {
    response: responseSchema(() =>
      z
        .strictObject({ tenant_id: z.string(), methods: methods() })
        .meta({ id: 'JitsudoAuthProviders' }),
    ),
    toResponse: ({ tenantId, ...signIn }) => ({ body: { tenant_id: tenantId, ...signIn } }),
  },
};
