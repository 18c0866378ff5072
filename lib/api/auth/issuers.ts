import * as z from 'zod';

/** Shared, because every cold start builds these schemas. */
const text = z.string().min(1);

const publicJwk = z
  .looseObject({
    kty: z.enum(['EC', 'RSA', 'OKP']).describe('Key type (RFC 7517)'),
    kid: text.describe('Key ID'),
  })
  .refine((key) => !('d' in key), 'must be a public key, without the private part (d)');

/** True for HTTPS, and for HTTP on this machine, which `infra/config.ts` rejects in deployments. */
const isSafe = (value: string): boolean => {
  const { protocol, hostname } = new URL(value);
  return (
    protocol === 'https:' ||
    (protocol === 'http:' && ['127.0.0.1', 'localhost', '[::1]'].includes(hostname))
  );
};

const url = z.url({ abort: true });
const keyUrl = url.refine(isSafe, 'must be an https URL');

/**
 * Trusted token issuer. Its tokens name the issuer, are signed by one of its keys, are meant for
 * Roster (`audience`, or `clientIds` as in Cognito) and are access tokens (`typ` header of RFC
 * 9068, or a `token_use` claim).
 */
export const issuerSchema = z
  .strictObject({
    issuer: url
      .refine(
        (value) => URL.canParse(value) && !/[?#]/.test(value),
        'the issuer must have no query and no fragment',
      )
      .describe('`iss` claim'),
    jwksUri: keyUrl
      .optional()
      .describe(
        'URL of the key set. Default: `<issuer>/.well-known/jwks.json`, unless `jwks` is set',
      ),
    jwks: z
      .strictObject({ keys: z.array(publicJwk).min(1).max(100).describe('Public keys (JWK)') })
      .optional()
      .describe(
        'Key set by value, which saves a fetch in cold starts. Other keys are fetched only if `jwksUri` is set',
      ),
    audience: text.optional().describe('Expected `aud` claim. Required unless `clientIds` is set'),
    clientIds: z
      .array(text)
      .min(1)
      .optional()
      .describe('Accepted `client_id` claims. Required unless `audience` is set'),
    typ: text.optional().describe('Expected `typ` header. Required unless `tokenUse` is set'),
    tokenUse: text.optional().describe('Expected `token_use` claim. Required unless `typ` is set'),
    tenantClaim: text.default('tenant_id').describe('Claim with the tenant ID'),
    rolesClaim: text.default('roles').describe('Claim with the roles'),
    tenants: z
      .union([z.literal('*'), z.array(z.guid().toLowerCase())])
      .default([])
      .describe('IDs of the tenants that the issuer can name, or `"*"` for all'),
    subjectsAreUsers: z
      .boolean()
      .default(false)
      .describe(
        'If true, `sub` is the ID of a Roster user. Otherwise it is matched with the `identity` of users',
      ),
    system: z.boolean().default(false).describe('If true, a token can name a system administrator'),
  })
  .refine(
    (issuer) => (issuer.audience === undefined) !== (issuer.clientIds === undefined),
    'needs either audience or clientIds',
  )
  .refine(
    (issuer) => (issuer.typ === undefined) !== (issuer.tokenUse === undefined),
    'needs either typ or tokenUse',
  )
  .refine(
    ({ issuer, jwksUri, jwks }) => jwksUri !== undefined || jwks !== undefined || isSafe(issuer),
    'the issuer must be an https URL, because its keys are fetched from there',
  );

export type Issuer = z.infer<typeof issuerSchema>;

/** Issuers other than Roster: the `ISSUERS` variable and the `issuers` of the configuration. */
export const issuersSchema = z
  .array(issuerSchema)
  .refine(
    (issuers) => new Set(issuers.map(({ issuer }) => issuer)).size === issuers.length,
    'each issuer must be unique',
  );
