import { describe, expect, it } from 'vitest';
import { createIssuer } from '../../../infra/local/fakes/issuer.ts';
import { issuersSchema } from '../../../lib/api/auth/issuers.ts';
import { createTokenAppClient, requestAccessToken } from '../../support/tokens/roster-tokens.ts';
import { createSigner } from '../../support/tokens/token-signer.ts';
import { adminToken, createTestService, tenantId } from '../../support/service.ts';

const { jwk } = createSigner();
const plain = { issuer: 'https://id.example.com', audience: 'roster', typ: 'at+jwt' };
const isAccepted = (issuers: unknown) => issuersSchema.safeParse(issuers).success;

describe('the issuer configuration', () => {
  it.each<[string, unknown]>([
    ['undefined', undefined],
    ['an object instead of a list', plain],
    ['null', null],
    ['a list with the same issuer twice', [plain, { ...plain, audience: 'other' }]],
    ['a list with a valid and an invalid issuer', [plain, {}]],
  ])('is rejected if it is %s', (_, issuers) => {
    expect(isAccepted(issuers)).toBe(false);
  });

  it.each<[string, object]>([
    ['a name that is not a URL', { issuer: 'id.example.com' }],
    ['an empty name', { issuer: '' }],
    ['no name', { issuer: undefined }],
    ['a null name, which would disable the check', { issuer: null }],
    ['a name with a query', { issuer: 'https://id.example.com/?pool=1' }],
    ['a name with a fragment', { issuer: 'https://id.example.com/#pool' }],
    ['neither audience nor client IDs', { audience: undefined }],
    ['both audience and client IDs', { clientIds: ['web'] }],
    ['a null audience, which would disable the check', { audience: null }],
    ['an empty audience', { audience: '' }],
    ['a list of audiences', { audience: ['roster', 'billing'] }],
    ['an empty list of client IDs', { audience: undefined, clientIds: [] }],
    ['an empty client ID', { audience: undefined, clientIds: [''] }],
    ['client IDs in a string', { audience: undefined, clientIds: 'web' }],
    ['neither type nor token use', { typ: undefined }],
    ['both type and token use', { tokenUse: 'access' }],
    ['an empty type', { typ: '' }],
    ['an empty token use', { typ: undefined, tokenUse: '' }],
    ['an empty tenant claim', { tenantClaim: '' }],
    ['an empty roles claim', { rolesClaim: '' }],
    ['tenants by slug', { tenants: ['acme'] }],
    ['a wildcard in the list of tenants', { tenants: ['*'] }],
    ['another word for all tenants', { tenants: 'all' }],
    ['a tenant outside a list', { tenants: tenantId.acme }],
    ['null tenants', { tenants: null }],
    ['a string as the system flag', { system: 'true' }],
    ['a number as the system flag', { system: 1 }],
    ['keys over HTTP', { jwksUri: 'http://id.example.com/keys' }],
    [
      'keys over HTTP from a host that starts with localhost',
      { jwksUri: 'http://localhost.example.com/keys' },
    ],
    [
      'keys over HTTP with localhost as the username',
      { jwksUri: 'http://localhost@id.example.com/keys' },
    ],
    ['keys from a file', { jwksUri: 'file:///etc/keys.json' }],
    ['keys in a data URL', { jwksUri: 'data:application/json,{"keys":[]}' }],
    ['a relative URL of keys', { jwksUri: '/keys' }],
    ['an HTTP name as the source of its keys', { issuer: 'http://id.example.com' }],
    ['an FTP name as the source of its keys', { issuer: 'ftp://id.example.com' }],
    ['an empty key set', { jwks: { keys: [] } }],
    ['keys that are not a list', { jwks: { keys: jwk } }],
    ['a key instead of a key set', { jwks: jwk }],
    ['a symmetric key', { jwks: { keys: [{ kty: 'oct', kid: '1', k: 'c2VjcmV0' }] } }],
    [
      'a symmetric key among others',
      { jwks: { keys: [jwk, { kty: 'oct', kid: '1', k: 'c2VjcmV0' }] } },
    ],
    ['a private key', { jwks: { keys: [{ ...jwk, d: 'c2VjcmV0' }] } }],
    ['a key without an ID', { jwks: { keys: [{ ...jwk, kid: undefined }] } }],
    ['a key with an empty ID', { jwks: { keys: [{ ...jwk, kid: '' }] } }],
    [
      'more than 100 keys',
      { jwks: { keys: Array.from({ length: 101 }, (_, n) => ({ ...jwk, kid: `${n}` })) } },
    ],
    ['a misspelled setting', { tenant: '*' }],
    ['a library setting that would relax a check', { graceSeconds: 3600 }],
  ])('is rejected if an issuer has %s', (_, changes) => {
    expect(isAccepted([{ ...plain, ...changes }])).toBe(false);
  });

  it.each<[string, object]>([
    ['only the required settings', {}],
    [
      'client IDs and a token use',
      { audience: undefined, typ: undefined, clientIds: ['web'], tokenUse: 'access' },
    ],
    ['a path in its name', { issuer: 'https://login.example.com/pool/v2.0' }],
    ['keys on another host', { jwksUri: 'https://keys.example.com/v1?pool=1' }],
    ['keys on the loopback address', { jwksUri: 'http://127.0.0.1:4000/keys' }],
    ['keys on localhost', { jwksUri: 'http://localhost:4000/keys' }],
    ['inline keys', { jwks: { keys: [jwk] } }],
    ['a list of tenant IDs', { tenants: [tenantId.acme, tenantId.globex] }],
    ['all tenants', { tenants: '*' }],
  ])('is accepted if an issuer has %s', (_, changes) => {
    expect(isAccepted([{ ...plain, ...changes }])).toBe(true);
  });

  it('grants an issuer nothing by default', () => {
    const defaults = {
      tenants: [],
      subjectsAreUsers: false,
      system: false,
      tenantClaim: 'tenant_id',
      rolesClaim: 'roles',
    };
    expect(issuersSchema.parse([plain])).toEqual([{ ...plain, ...defaults }]);
  });

  it('can be empty: Roster then accepts only its own tokens', async () => {
    const service = await createTestService({ environment: { ISSUERS: '[]' } });
    const client = await createTokenAppClient(service, 'acme', { roles: ['admin'] });
    const { access_token: token } = (await requestAccessToken(service, client)).body;
    expect(await service.get('/v1/users', { token })).toMatchObject({ status: 200 });
    expect(await service.get('/v1/users', { token: adminToken('acme') })).toMatchObject({
      status: 401,
    });
  });

  it('does not let an external issuer sign in the name of Roster', async () => {
    const own = 'https://api.example.com';
    const impostor = createIssuer({ issuer: own });
    const service = await createTestService({
      environment: {
        ISSUERS: JSON.stringify([impostor.settings]),
        OWN_ISSUER: JSON.stringify({ issuer: own, audience: 'roster' }),
      },
    });
    const token = impostor.mintAccessToken({
      sub: 'somebody',
      tenantId: tenantId.acme,
      roles: ['admin'],
    });
    expect(await service.get('/v1/users', { token })).toMatchObject({ status: 401 });
  });

  it.each([
    '',
    '{}',
    'null',
    'https://id.example.com',
    JSON.stringify([{ ...plain, audience: undefined }]),
  ])('prevents startup if it is %j', async (ISSUERS) => {
    await expect(createTestService({ environment: { ISSUERS } })).rejects.toThrow();
  });
});
