import { describe, expect, it } from 'vitest';
import { createIssuer } from '../../../infra/local/fakes/issuer.ts';
import { issuersSchema } from '../../../lib/api/auth/issuers.ts';
import { anAppClient, asksForToken } from '../../support/tokens/roster-tokens.ts';
import { aSigner } from '../../support/tokens/token-signer.ts';
import { anAdminOf, aService, tenantId } from '../../support/service.ts';

const { jwk } = aSigner();
const plain = { issuer: 'https://id.example.com', audience: 'roster', typ: 'at+jwt' };
const isAccepted = (issuers: unknown) => issuersSchema.safeParse(issuers).success;

describe('what is trusted is said in full, or a function does not start', () => {
  it.each<[string, unknown]>([
    ['nothing at all', undefined],
    ['one that is not in a list', plain],
    ['null', null],
    ['the same issuer twice', [plain, { ...plain, audience: 'other' }]],
    ['one good and one bad', [plain, {}]],
  ])('%s is refused', (_, issuers) => {
    expect(isAccepted(issuers)).toBe(false);
  });

  it.each<[string, object]>([
    ['a name that is no URL', { issuer: 'id.example.com' }],
    ['an empty name', { issuer: '' }],
    ['no name', { issuer: undefined }],
    ['null for a name, which would switch the check off', { issuer: null }],
    ['a name with a query', { issuer: 'https://id.example.com/?pool=1' }],
    ['a name with a fragment', { issuer: 'https://id.example.com/#pool' }],
    ['neither audience nor clients', { audience: undefined }],
    ['both audience and clients', { clientIds: ['web'] }],
    ['null for the audience, which would switch the check off', { audience: null }],
    ['an empty audience', { audience: '' }],
    ['audiences in a list', { audience: ['roster', 'billing'] }],
    ['an empty list of clients', { audience: undefined, clientIds: [] }],
    ['an empty client', { audience: undefined, clientIds: [''] }],
    ['clients as text', { audience: undefined, clientIds: 'web' }],
    ['neither type nor token use', { typ: undefined }],
    ['both type and token use', { tokenUse: 'access' }],
    ['an empty type', { typ: '' }],
    ['an empty token use', { typ: undefined, tokenUse: '' }],
    ['an empty tenant claim', { tenantClaim: '' }],
    ['an empty roles claim', { rolesClaim: '' }],
    ['tenants by slug', { tenants: ['acme'] }],
    ['a wildcard in a list', { tenants: ['*'] }],
    ['another word for all', { tenants: 'all' }],
    ['a tenant that is not in a list', { tenants: tenantId.acme }],
    ['null for the tenants', { tenants: null }],
    ['a system that is a word', { system: 'true' }],
    ['a system that is a number', { system: 1 }],
    ['keys over plain http', { jwksUri: 'http://id.example.com/keys' }],
    [
      'keys over plain http from a host that begins like this machine',
      { jwksUri: 'http://localhost.example.com/keys' },
    ],
    [
      'keys over plain http with this machine as a user name',
      { jwksUri: 'http://localhost@id.example.com/keys' },
    ],
    ['keys from a file', { jwksUri: 'file:///etc/keys.json' }],
    ['keys in the URL itself', { jwksUri: 'data:application/json,{"keys":[]}' }],
    ['an address of keys that is none', { jwksUri: '/keys' }],
    [
      'a name over plain http, where the keys would be looked for',
      { issuer: 'http://id.example.com' },
    ],
    [
      'a name of another scheme, where the keys would be looked for',
      { issuer: 'ftp://id.example.com' },
    ],
    ['an empty key set', { jwks: { keys: [] } }],
    ['keys that are no list', { jwks: { keys: jwk } }],
    ['a key alone', { jwks: jwk }],
    ['a symmetric key', { jwks: { keys: [{ kty: 'oct', kid: '1', k: 'c2VjcmV0' }] } }],
    [
      'a symmetric key among others',
      { jwks: { keys: [jwk, { kty: 'oct', kid: '1', k: 'c2VjcmV0' }] } },
    ],
    ['a private key', { jwks: { keys: [{ ...jwk, d: 'c2VjcmV0' }] } }],
    ['a key without an id', { jwks: { keys: [{ ...jwk, kid: undefined }] } }],
    ['a key with an empty id', { jwks: { keys: [{ ...jwk, kid: '' }] } }],
    [
      'more than a hundred keys',
      { jwks: { keys: Array.from({ length: 101 }, (_, n) => ({ ...jwk, kid: `${n}` })) } },
    ],
    ['a setting that is misspelt', { tenant: '*' }],
    ['a setting of the library, which would loosen a check', { graceSeconds: 3600 }],
  ])('%s is refused', (_, changes) => {
    expect(isAccepted([{ ...plain, ...changes }])).toBe(false);
  });

  it.each<[string, object]>([
    ['nothing more than it needs', {}],
    [
      'clients and a token use',
      { audience: undefined, typ: undefined, clientIds: ['web'], tokenUse: 'access' },
    ],
    ['a path', { issuer: 'https://login.example.com/pool/v2.0' }],
    ['keys elsewhere', { jwksUri: 'https://keys.example.com/v1?pool=1' }],
    ['keys on this machine', { jwksUri: 'http://127.0.0.1:4000/keys' }],
    ['keys on this machine by name', { jwksUri: 'http://localhost:4000/keys' }],
    ['keys by value', { jwks: { keys: [jwk] } }],
    ['tenants by id', { tenants: [tenantId.acme, tenantId.globex] }],
    ['all tenants', { tenants: '*' }],
  ])('%s is accepted', (_, changes) => {
    expect(isAccepted([{ ...plain, ...changes }])).toBe(true);
  });

  it('nothing is trusted further than it is told', () => {
    const defaults = {
      tenants: [],
      subjectsAreUsers: false,
      system: false,
      tenantClaim: 'tenant_id',
      rolesClaim: 'roles',
    };
    expect(issuersSchema.parse([plain])).toEqual([{ ...plain, ...defaults }]);
  });

  it('Roster alone is enough', async () => {
    const service = await aService({ environment: { ISSUERS: '[]' } });
    const client = await anAppClient(service, 'acme', { roles: ['admin'] });
    const { access_token: token } = (await asksForToken(service, client)).body;
    expect(await service.gets('/v1/users', { token })).toMatchObject({ status: 200 });
    expect(await service.gets('/v1/users', { token: anAdminOf('acme') })).toMatchObject({
      status: 401,
    });
  });

  it('whoever is listed under the name of Roster itself is not believed', async () => {
    const own = 'https://api.example.com';
    const impostor = createIssuer({ issuer: own });
    const service = await aService({
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
    expect(await service.gets('/v1/users', { token })).toMatchObject({ status: 401 });
  });

  it.each([
    '',
    '{}',
    'null',
    'https://id.example.com',
    JSON.stringify([{ ...plain, audience: undefined }]),
  ])('a service with the issuers %j does not start', async (ISSUERS) => {
    await expect(aService({ environment: { ISSUERS } })).rejects.toThrow();
  });
});
