import * as z from 'zod';
import { invalidInput } from '../../domain/kernel/failure.ts';
import {
  signInMethods,
  type TenantName,
  type TenantSignIn,
} from '../../domain/sign-in/sign-in-methods.ts';
import { tenantSlugPattern } from '../../domain/tenants/slug.ts';
import type { Slug, Uuid } from '../../domain/kernel/ids.ts';
import { trimText } from '../characters.ts';
import { pageBrandingResponse, toPageBrandingResponse } from '../branding/responses.ts';
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

/**
 * Converts the query. Without parameters, `X-Tenant-ID` or the host names the tenant. Throws
 * `invalid_input` for a request with two parameters or without any name.
 */
export function toTenantName(
  { domain, slug }: z.infer<ReturnType<typeof signInMethodsQuery>>,
  readHint: () => { readonly tenantId: Uuid | undefined; readonly slug: Slug | undefined },
): TenantName {
  if (domain !== undefined && slug === undefined) return { domain };
  if (domain === undefined && slug !== undefined) return { slug };
  const hint = domain === undefined ? readHint() : undefined;
  if (hint?.tenantId !== undefined) return { tenantId: hint.tenantId };
  if (hint?.slug !== undefined) return { slug: hint.slug };
  throw invalidInput({
    path: 'domain',
    message:
      'is required, unless slug, X-Tenant-ID or the host names the tenant, and cannot be combined with slug',
  });
}

const methodsField = () =>
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
      z
        .strictObject({
          tenantId: z.string(),
          methods: methodsField(),
          branding: pageBrandingResponse().nullable(),
        })
        .meta({ id: 'SignInMethods' }),
    ),
    toResponse: ({ tenant, methods }) => ({
      body: { tenantId: tenant.tenantId, methods, branding: toPageBrandingResponse(tenant) },
    }),
  },
  // jitsudo-docs, operation getAuthProviders.
  jitsudo: {
    response: responseSchema(() =>
      z
        .strictObject({ tenant_id: z.string(), methods: methodsField() })
        .meta({ id: 'JitsudoAuthProviders' }),
    ),
    toResponse: ({ tenant, methods }) => ({ body: { tenant_id: tenant.tenantId, methods } }),
  },
};
