import { issuer, type Service, systemToken, type TestRequest } from '../service.ts';

let tenants = 0;

/**
 * Creates an empty tenant with a SCIM connection, and returns requests with its token. Paths are
 * below `/scim/v2`. The connection sees only the users that it manages.
 */
export async function createScimClient(service: Service, settings: object = {}) {
  tenants += 1;
  const slug = `scim-${process.pid}-${tenants}`;
  const created = await service.post(
    '/v1/tenants',
    { name: slug, slug, ownerEmail: `${slug}@example.com` },
    { token: systemToken() },
  );
  if (created.status !== 201) throw new Error(created.text);
  const { tenantId } = created.body;
  const adminToken = issuer.mintAccessToken({ sub: 'admin', tenantId, roles: ['admin'] });
  const connect = async (input: object) => {
    const answer = await service.post(
      '/v1/scim/connections',
      { name: 'Identity provider', provider: 'other', visible: 'managed', ...input },
      { token: adminToken },
    );
    if (answer.status !== 201) throw new Error(answer.text);
    return createClient(answer.body);
  };
  const createClient = ({ connectionId, token }: { connectionId: string; token: string }) => ({
    tenantId,
    adminToken,
    connectionId,
    token,
    /** Adds another connection of the tenant. */
    connect,
    send: (method: string, path: string, { body, headers }: TestRequest = {}) =>
      service.send(method, `/scim/v2${path}`, {
        body,
        headers: {
          authorization: `Bearer ${token}`,
          ...(body !== undefined && { 'content-type': 'application/scim+json' }),
          ...headers,
        },
      }),
  });
  return connect(settings);
}

export type ScimClient = Awaited<ReturnType<typeof createScimClient>>;
