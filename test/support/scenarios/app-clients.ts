/** App clients: creation, requests, and their items. */
import { keys } from '../../../lib/store/keys.ts';
import {
  type TestResponse,
  adminToken,
  type TestRequest,
  type Service,
  type TenantSlug,
  tenantId,
} from '../service.ts';

/** Response to the creation of an app client, with its secret. */
export interface CreatedAppClient {
  readonly appClientId: string;
  readonly clientId: string;
  readonly secret: string;
  readonly secrets: readonly { readonly secretId: string }[];
}

/** Creates an app client as an administrator of the tenant. */
export async function createAppClient(
  service: Service,
  slug: TenantSlug,
  fields: object = {},
  token = adminToken(slug),
): Promise<CreatedAppClient> {
  const { body } = await service.post(
    '/v1/app-clients',
    { name: 'Nightly import', ...fields },
    { token },
  );
  return body;
}

/** Sends a native request about an app client, by default as an administrator of acme. */
export const requestAppClient = (
  service: Service,
  method: string,
  { appClientId }: { appClientId: string },
  path = '',
  sent: TestRequest = {},
): Promise<TestResponse> =>
  service.send(method, `/v1/app-clients/${appClientId}${path}`, {
    token: adminToken('acme'),
    ...sent,
  });

const getIdName = (appClientId: string): string => appClientId.split(':')[2] ?? '';

/** Items of its secrets, oldest first. */
export const listSecrets = async (
  { stored }: Service,
  { appClientId }: { appClientId: string },
  slug: TenantSlug = 'acme',
) => {
  const { pk } = keys.appClientSecret(tenantId[slug], getIdName(appClientId), '');
  return (await stored.all(stored.secrets)).filter((item) => item['pk'] === pk);
};

/** Change records of an app client, oldest first. */
export const listChangeRecords = async (
  { stored }: Service,
  { appClientId }: { appClientId: string },
  slug: TenantSlug = 'acme',
) => {
  const { pk } = keys.appClientChange(tenantId[slug], getIdName(appClientId), 1);
  const records = (await stored.all()).filter(
    (item) => item['pk'] === pk && String(item['sk']).startsWith('CHANGE#'),
  );
  return records.toSorted((a, b) => a['version'] - b['version']);
};
