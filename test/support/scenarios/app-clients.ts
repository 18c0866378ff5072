/** Steps of the tests on app clients: one that is made, what becomes of it, and what lies in the tables about it. */
import { keys } from '../../../lib/store/keys.ts';
import {
  type Answer,
  anAdminOf,
  type Sent,
  type Service,
  type TenantSlug,
  tenantId,
} from '../service.ts';

/** An app client as it was answered when it was made, its secret included. */
export interface Made {
  readonly appClientId: string;
  readonly clientId: string;
  readonly secret: string;
  readonly secrets: readonly { readonly secretId: string }[];
}

/** An app client that an administrator of the tenant has made. */
export async function aClientIn(
  service: Service,
  slug: TenantSlug,
  fields: object = {},
  token = anAdminOf(slug),
): Promise<Made> {
  const { body } = await service.posts(
    '/v1/app-clients',
    { name: 'Nightly import', ...fields },
    { token },
  );
  return body;
}

/** A native call about one app client, by an administrator of acme unless it is said otherwise. */
export const calls = (
  service: Service,
  method: string,
  { appClientId }: { appClientId: string },
  path = '',
  sent: Sent = {},
): Promise<Answer> =>
  service.send(method, `/v1/app-clients/${appClientId}${path}`, {
    token: anAdminOf('acme'),
    ...sent,
  });

const nameOf = (appClientId: string): string => appClientId.split(':')[2] ?? '';

/** The items of its secrets, oldest first. */
export const secretsOf = async (
  { stored }: Service,
  { appClientId }: { appClientId: string },
  slug: TenantSlug = 'acme',
) => {
  const { pk } = keys.appClientSecret(tenantId[slug], nameOf(appClientId), '');
  return (await stored.all(stored.secrets)).filter((item) => item['pk'] === pk);
};

/** The records of its changes, oldest first. */
export const recordsOf = async (
  { stored }: Service,
  { appClientId }: { appClientId: string },
  slug: TenantSlug = 'acme',
) => {
  const { pk } = keys.appClientChange(tenantId[slug], nameOf(appClientId), 1);
  const records = (await stored.all()).filter(
    (item) => item['pk'] === pk && String(item['sk']).startsWith('CHANGE#'),
  );
  return records.toSorted((a, b) => a['version'] - b['version']);
};
