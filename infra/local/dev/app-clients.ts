import { createHmac, randomBytes, randomUUID } from 'node:crypto';
import { systemAdministratorRole } from '../../../lib/domain/roles/role.ts';
import type { Tables } from '../../../lib/store/dynamodb/tables.ts';
import { type Credentials, setUpAppClient } from '../../cli/provision.ts';
import { keptSecret } from '../fakes/secret-file.ts';
import { sampleTenants } from './samples.ts';

/** The app client that a sample tenant has from the start. */
export interface SampleAppClient {
  readonly slug: string;
  readonly clientId: string;
  readonly clientSecret: string;
}

/**
 * An administrating app client for each sample tenant. What they are called and their secrets follow from a key in `keyFile`, so that
 * the next start can print them again, which no table could tell it.
 */
export async function createSampleAppClients(
  tables: Tables,
  keyFile: string,
): Promise<readonly SampleAppClient[]> {
  const key = keptSecret(keyFile, () => randomBytes(32).toString('hex'));
  const derived = (what: string) => createHmac('sha256', key).update(what).digest();
  return Promise.all(
    sampleTenants.map(async ({ slug, tenantId }) => {
      const clientId = derived(`client ${tenantId}`).toString('hex', 0, 16);
      const clientSecret = `roster_${clientId}_${derived(`secret ${tenantId}`).toString('base64url')}`;
      const appClientId = `local-${clientId.slice(0, 8)}`;
      await setUpAppClient(
        { tenantId, appClientId, clientId, secret: clientSecret, name: 'Local', roles: ['admin'] },
        tables,
      );
      return { slug, clientId, clientSecret };
    }),
  );
}

/** A new app client with these roles, of which `system_admin` puts it above all tenants. */
export async function createLocalAppClient(
  tenantId: string,
  roles: readonly string[],
  tables: Tables,
): Promise<Credentials & { readonly appClientId: string }> {
  const appClientId = randomUUID().replaceAll('-', '');
  const systemAdministrator = roles.includes(systemAdministratorRole);
  const own = roles.filter((role) => role !== systemAdministratorRole);
  const made = await setUpAppClient(
    {
      tenantId,
      appClientId,
      name: 'Local',
      roles: own,
      ...(systemAdministrator && { systemAdministrator }),
    },
    tables,
  );
  return { appClientId: `cradl:app-client:${appClientId}`, ...made };
}
