import {
  type AccessToken,
  type IssuerDependencies,
  issueAccessToken,
  resolveAudience,
} from './access-token.ts';
import type { AppClientStore } from '../app-clients/app-client-store.ts';
import { parseClientId, verifySecret } from '../app-clients/verify-secret.ts';
import { collectAssignedRoles } from '../groups/group-roles.ts';
import { Failure, unauthenticated } from '../kernel/failure.ts';
import { formatId, type IdPrefix } from '../kernel/ids.ts';
import { systemAdministratorRole } from '../roles/role.ts';
import { findUsableTenant, type UsableTenants } from '../tenants/usable-tenant.ts';
import { buildTokenRights } from './token-rights.ts';

export interface ClientTokenDependencies extends IssuerDependencies {
  readonly appClients: AppClientStore;
  readonly tenants: UsableTenants;
  readonly idPrefix: IdPrefix;
}

interface TokenRequest {
  readonly clientId: string;
  readonly secret: string;
  readonly audience: string | undefined;
  /** Request parameter of the audience, for error messages. */
  readonly audienceField: string;
}

/**
 * Issues an access token to an app client for its secret. Throws `unauthenticated` for an unknown
 * client or a wrong secret, without distinguishing them, `tenant_suspended` unless the app client
 * is a system administrator, and `unavailable`.
 */
export async function issueClientToken(
  { clientId, secret, audience: requestedAudience, audienceField }: TokenRequest,
  deps: ClientTokenDependencies,
): Promise<AccessToken> {
  const { ownIssuer, appClients, tenants, idPrefix } = deps;
  const audience = resolveAudience(requestedAudience, ownIssuer, audienceField);
  const client = parseClientId(secret) === clientId ? await verifySecret(secret, deps) : undefined;
  if (!client) throw invalidClient();
  const { tenantId, appClientId, systemAdministrator } = client.appClient;
  const { secretId, limit } = client.secret;
  const tenant = await findUsableTenant(tenantId, client.appClient, tenants);
  // A deleted tenant.
  if (!tenant) throw invalidClient();
  if (!systemAdministrator && tenant.status !== 'active')
    throw new Failure('tenant_suspended', 'This tenant is suspended');
  const assignedRoles = collectAssignedRoles(client.appClient, tenant);
  const { roles, permissions } = buildTokenRights(assignedRoles, tenant, limit);
  const subject = formatId(idPrefix, 'app-client', appClientId);
  const grantedRoles = systemAdministrator ? [...roles, systemAdministratorRole] : roles;
  const token = await issueAccessToken(
    { subject, clientId, audience, tenantId, roles: grantedRoles, permissions, secretId },
    deps,
  );
  await appClients.recordUse(tenantId, appClientId);
  return token;
}

const invalidClient = () =>
  unauthenticated('invalid_credentials', 'The client ID or secret is not valid');
