import { createHmac, randomBytes, randomUUID } from 'node:crypto';
import { systemAdministratorRole } from '../../../lib/domain/roles/role.ts';
import type { Tables } from '../../../lib/store/dynamodb/tables.ts';
import { type Credentials, provisionAppClient } from '../../cli/provision.ts';
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
  const key = loadOrCreateSecret(keyFile, () => randomBytes(32).toString('hex'));
  const derived = (what: string) => createHmac('sha256', key).update(what).digest();
  return Promise.all(
    sampleTenants.map(async ({ slug, tenantId }) => {
      const clientId = derived(`client ${tenantId}`).toString('hex', 0, 16);
      const clientSecret = `roster_${clientId}_${derived(`secret ${tenantId}`).toString('base64url')}`;
      const appClientId = `local-${clientId.slice(0, 8)}`;
      await provisionAppClient(
        { tenantId, appClientId, clientId, secret: clientSecret, name: 'Local', roles: ['admin'] },
        tables,
      );
      return { slug, clientId, clientSecret };
    }),
  );
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
