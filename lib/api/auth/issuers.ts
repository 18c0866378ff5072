import * as z from 'zod';

const publicJwk = z
  .looseObject({ kty: z.enum(['EC', 'RSA', 'OKP']), kid: z.string().min(1) })
  .refine((key) => !('d' in key), 'must be a public key, and this one has its private part (d)');

/** HTTPS, or plain HTTP on this very machine (a deployment refuses that too, see `infra/config.ts`). */
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
 * One token issuer that the service trusts, and how far. A token is accepted when it names this issuer, is signed by one of
 * its keys, is meant for us (`audience`, or `clientIds` as Cognito does it) and is an access token (`typ` header as in
 * RFC 9068, or a `token_use` claim).
 */
export const issuerSchema = z
  .strictObject({
    issuer: url.refine(
      (value) => URL.canParse(value) && !/[?#]/.test(value),
      'the issuer must have no query and no fragment',
    ),
    /** Where the keys are fetched. Defaults to `<issuer>/.well-known/jwks.json`, unless `jwks` is there. */
    jwksUri: keyUrl.optional(),
    /** The keys by value, which spares a cold start the fetch. Others are looked for at `jwksUri`, and nowhere without one. */
    jwks: z.strictObject({ keys: z.array(publicJwk).min(1).max(100) }).optional(),
    audience: z.string().min(1).optional(),
    clientIds: z.array(z.string().min(1)).min(1).optional(),
    typ: z.string().min(1).optional(),
    tokenUse: z.string().min(1).optional(),
    tenantClaim: z.string().min(1).default('tenant_id'),
    rolesClaim: z.string().min(1).default('roles'),
    /** The tenant ids that this issuer may name. None unless it is told; `"*"` is all of them. */
    tenants: z.union([z.literal('*'), z.array(z.guid().toLowerCase())]).default([]),
    /** Whether the subjects of its tokens are ids of Roster's users. Others are users by the identity that those were given. */
    subjectsAreUsers: z.boolean().default(false),
    /** Whether a token of this issuer may name a system administrator. */
    system: z.boolean().default(false),
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
    'keys are looked for at the issuer, which must be an https URL',
  );

export type Issuer = z.infer<typeof issuerSchema>;

/** Besides Roster itself, each named once: the `ISSUERS` environment variable as JSON, and the `issuers` of a deployment. */
export const issuersSchema = z
  .array(issuerSchema)
  .refine(
    (issuers) => new Set(issuers.map(({ issuer }) => issuer)).size === issuers.length,
    'each issuer may stand here once',
  );
