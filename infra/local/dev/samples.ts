import { type DynamoDBDocumentClient, GetCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import { type Key, keys } from '../../../lib/store/keys.ts';
import type { Tables } from '../../../lib/store/dynamodb/tables.ts';
import { putTenant } from '../../../lib/store/tenants/put-tenant.ts';

/** Tenants that `npm start` creates. `acme` has the ID from JITSudo's documentation. */
export const sampleTenants = [
  {
    slug: 'acme',
    tenantId: '2489e9ad-2ee2-8e00-8ec9-32d5f69181c0',
    name: 'Acme',
    uniqueness: 'tenant',
  },
  {
    slug: 'globex',
    tenantId: 'f1b6c7de-6d5a-4c35-9f0e-5a3c1d0e7b42',
    name: 'Globex',
    uniqueness: 'tenant',
  },
  {
    slug: 'north',
    tenantId: '0b9d4a66-2f8c-4e1b-a7d3-6c5e8f90a1b2',
    name: 'North',
    uniqueness: 'system',
  },
  {
    slug: 'south',
    tenantId: 'c3e7a915-84d2-4b6f-8e0a-d19f2b7c6e53',
    name: 'South',
    uniqueness: 'system',
  },
] as const;

/**
 * Creates missing sample tenants. All of them get `origin` as the base of their mail links, because
 * it contains the port.
 */
export async function createSampleTenants(tables: Tables, origin: string): Promise<void> {
  const createdAt = new Date().toISOString();
  const tenants = sampleTenants.map(
    (sample) => ({ ...sample, origin, status: 'active', locale: 'en', createdAt }) as const,
  );
  await Promise.all(
    tenants.map(async (tenant) => {
      if ((await putTenant(tables, tenant)) === 'created') return;
      const set = {
        UpdateExpression: 'SET origin = :origin',
        ExpressionAttributeValues: { ':origin': origin },
      };
      await tables.client.send(
        new UpdateCommand({
          TableName: tables.directory,
          Key: { ...keys.tenant(tenant.tenantId) },
          ...set,
        }),
      );
    }),
  );
}

/** Finds the ID of a tenant by slug or ID. `npm run bootstrap` may have created it. */
export async function findTenantId(
  client: DynamoDBDocumentClient,
  table: string,
  slugOrId: string,
): Promise<string | undefined> {
  const read = async (key: Key) =>
    (await client.send(new GetCommand({ TableName: table, Key: key }))).Item?.tenantId as
      | string
      | undefined;
  return (
    (await read(keys.slugClaim(slugOrId.toLowerCase()))) ??
    (await read(keys.tenant(slugOrId.toLowerCase())))
  );
}
