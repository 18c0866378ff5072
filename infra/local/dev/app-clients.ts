import { createHmac, randomBytes, randomUUID } from 'node:crypto';
import { nativeConnection } from '../../../lib/api/connections/native.ts';
import { toUuid } from '../../../lib/domain/kernel/ids.ts';
import { systemAdministratorRole } from '../../../lib/domain/roles/role.ts';
import type { Tables } from '../../../lib/store/dynamodb/tables.ts';
import { type Credentials, provisionAppClient, provisionConnection } from '../../cli/provision.ts';
import { loadOrCreateSecret } from '../fakes/secret-file.ts';
import { sampleTenants } from './samples.ts';

/** App client of a sample tenant. */
export interface SampleAppClient {
  readonly slug: string;
  readonly clientId: string;
  readonly clientSecret: string;
}

/**
 * Creates an administrator app client for each sample tenant. IDs and secrets derive from the key
 * in `keyFile`, because the next start prints them again and the tables contain only hashes.
 */
export async function createSampleAppClients(
  tables: Tables,
  keyFile: string,
): Promise<readonly SampleAppClient[]> {
  const derive = createDerivation(keyFile);
  return Promise.all(
    sampleTenants.map(async ({ slug, tenantId }) => {
      const clientId = derive(`client ${tenantId}`).toString('hex', 0, 16);
      const clientSecret = `roster_${clientId}_${derive(`secret ${tenantId}`).toString('base64url')}`;
      const appClientId = `local-${clientId.slice(0, 8)}`;
      await provisionAppClient(
        { tenantId, appClientId, clientId, secret: clientSecret, name: 'Local', roles: ['admin'] },
        tables,
      );
      return { slug, clientId, clientSecret };
    }),
  );
}

const createDerivation = (keyFile: string) => {
  const key = loadOrCreateSecret(keyFile, () => randomBytes(32).toString('hex'));
  return (purpose: string) => createHmac('sha256', key).update(purpose).digest();
};

/**
 * Creates a SCIM connection for the first sample tenant. Returns its token, or undefined if the
 * connection was deleted. The token derives from the key in `keyFile`.
 */
export async function createSampleConnection(
  tables: Tables,
  keyFile: string,
): Promise<string | undefined> {
  const [{ tenantId }] = sampleTenants;
  const derive = createDerivation(keyFile);
  const clientId = derive(`connection client ${tenantId}`).toString('hex', 0, 16);
  const token = `roster_${clientId}_${derive(`connection secret ${tenantId}`).toString('base64url')}`;
  const { tokenExpiresAt: _, ...settings } = nativeConnection
    .createInput()
    .parse({ name: 'Local' });
  const exists = await provisionConnection(
    {
      ...settings,
      tenantId,
      connectionId: toUuid(derive(`connection ${tenantId}`).toString('hex', 0, 16)),
      appClientId: `local-scim-${clientId.slice(0, 8)}`,
      clientId,
      token,
    },
    tables,
  );
  return exists ? token : undefined;
}

/** Creates an app client with these roles. `system_admin` makes it a system administrator. */
export async function createLocalAppClient(
  tenantId: string,
  roles: readonly string[],
  tables: Tables,
): Promise<Credentials & { readonly appClientId: string }> {
  const appClientId = randomUUID().replaceAll('-', '');
  const systemAdministrator = roles.includes(systemAdministratorRole);
  const own = roles.filter((role) => role !== systemAdministratorRole);
  const appClient = await provisionAppClient(
    {
      tenantId,
      appClientId,
      name: 'Local',
      roles: own,
      ...(systemAdministrator && { systemAdministrator }),
    },
    tables,
  );
  return { appClientId: `cradl:app-client:${appClientId}`, ...appClient };
}
