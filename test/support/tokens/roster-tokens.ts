/**
 * App clients and tokens of Roster, including tokens with its signature that it would never issue.
 */
import { randomUUID } from 'node:crypto';
import { createSecret } from '../../../lib/domain/app-clients/create-secret.ts';
import { type AppClient, createClientId } from '../../../lib/domain/app-clients/app-client.ts';
import { schemaVersion } from '../../../lib/store/dynamodb/tables.ts';
import { keys } from '../../../lib/store/keys.ts';
import { part, seconds } from './token-signer.ts';
import {
  type TestResponse,
  aws,
  type TestRequest,
  type Service,
  type TenantSlug,
  tenantId,
} from '../service.ts';

export const ownIssuer = 'https://roster.example.com';
export const toKeyArn = (id: string): string => `arn:aws:kms:local:000000000000:key/${id}`;

/** Writes an app client with one secret like the store. */
export async function createTokenAppClient(
  { stored }: Service,
  slug: TenantSlug,
  changes: Partial<AppClient> = {},
) {
  const clientId = createClientId();
  const [appClientId, secretId] = [`client-${randomUUID()}`, randomUUID()];
  const { secret, hash } = createSecret(clientId);
  const createdAt = '2026-01-01T00:00:00.000Z';
  const appClient: AppClient = {
    tenantId: tenantId[slug],
    appClientId,
    clientId,
    roles: ['admin'],
    callbackUrls: [],
    logoutUrls: [],
    loginUrls: [],
    secrets: [{ secretId, createdAt }],
    version: 1,
    createdAt,
    createdBy: 'a-test',
    ...changes,
  };
  const write = (more: Partial<AppClient> = {}) =>
    stored.put({
      ...keys.appClient(tenantId[slug], appClientId),
      ...appClient,
      ...more,
      schemaVersion,
    });
  const keeps = (more: object = {}) =>
    stored.put(
      { ...keys.appClientSecret(tenantId[slug], appClientId, secretId), secretId, hash, ...more },
      stored.secrets,
    );
  await write();
  await stored.put({ ...keys.clientIdClaim(clientId), tenantId: tenantId[slug], appClientId });
  await keeps();
  return {
    appClientId,
    clientId,
    secret,
    subject: `cradl:app-client:${appClientId}`,
    /** Claims of a token that was obtained with the secret. */
    claims: { sub: `cradl:app-client:${appClientId}`, secret_id: secretId },
    /** Overrides of the app client. */
    becomes: write,
    /** Overrides of the secret. */
    keeps,
    key: { 'x-api-key': secret },
  };
}

export type Client = Awaited<ReturnType<typeof createTokenAppClient>>;

export const toBasicAuth = (id: string, secret: string): string =>
  `Basic ${Buffer.from(`${id}:${secret}`).toString('base64')}`;

/** Requests a token with form parameters only (RFC 6749). */
export const requestAccessToken = (
  service: Service,
  { clientId, secret }: Pick<Client, 'clientId' | 'secret'>,
  { form = {}, ...sent }: TestRequest & { form?: Record<string, string> } = {},
): Promise<TestResponse> =>
  service.send('POST', '/oauth2/token', {
    body: new URLSearchParams({
      grant_type: 'client_credentials',
      client_id: clientId,
      client_secret: secret,
      ...form,
    }).toString(),
    ...sent,
    headers: { 'content-type': 'application/x-www-form-urlencoded', ...sent.headers },
  });

/** Creates a signer with a deployment key, which only the deployment has. */
export async function createOwnSigner(id = 'current') {
  const { createKmsSigningKey: kmsSigningKey } = await import(
    '../../../lib/aws/kms-signing-key.ts'
  );
  const key = await kmsSigningKey(toKeyArn(id), { endpoint: (await aws()).endpoint })();
  const header = (changes: object = {}) => ({
    alg: 'ES256',
    kid: key.keyId,
    typ: 'at+jwt',
    ...changes,
  });
  const claims = (changes: object = {}) => ({
    iss: ownIssuer,
    aud: ownIssuer,
    sub: 'cradl:app-client:none',
    tenant_id: tenantId.acme,
    roles: [],
    iat: seconds(),
    exp: seconds() + 3600,
    ...changes,
  });
  const signsText = async (text: string) =>
    `${text}.${(await key.sign(Buffer.from(text))).toString('base64url')}`;
  return {
    kid: key.keyId,
    header,
    claims,
    signsText,
    signs: (changes: object = {}, headerChanges: object = {}) =>
      signsText(`${part(header(headerChanges))}.${part(claims(changes))}`),
  };
}
