import {
  type AccessToken,
  type IssuerDependencies,
  issueAccessToken,
  resolveAudience,
} from './access-token.ts';
import type { AppClientStore } from '../app-clients/app-client-store.ts';
import { parseClientId, verifySecret } from '../app-clients/verify-secret.ts';
import { Failure, unauthenticated } from '../kernel/failure.ts';
import { formatId, type IdPrefix } from '../kernel/ids.ts';
import { fitsLimit } from '../credential-limits/credential-limit.ts';
import { collectPermissions, systemAdministratorRole } from '../roles/role.ts';
import { findUsableTenant, type UsableTenants } from '../tenants/usable-tenant.ts';

export interface ClientTokenDependencies extends IssuerDependencies {
  readonly appClients: AppClientStore;
  readonly tenants: UsableTenants;
  readonly idPrefix: IdPrefix;
}

interface TokenRequest {
  readonly clientId: string;
  readonly secret: string;
  readonly audience: string | undefined;
  /** The parameter that names the audience. */
  readonly audienceField: string;
}

/**
 * Issues an access token to an app client for its secret: for Roster itself or for the resource server that the request names. Throws
 * `unauthenticated` for an unknown client or a wrong secret, without distinguishing them; `tenant_suspended`
 * while its tenant is suspended, unless it stands above tenants, one of which can then resume that one; `unavailable` when nothing can be
 * signed.
 */
export async function issueClientToken(
  { clientId, secret, audience: named, audienceField }: TokenRequest,
  deps: ClientTokenDependencies,
): Promise<AccessToken> {
  const { ownIssuer, appClients, tenants, idPrefix } = deps;
  const audience = resolveAudience(named, ownIssuer, audienceField);
  const found = parseClientId(secret) === clientId ? await verifySecret(secret, deps) : undefined;
  if (!found) throw unauthenticated('invalid_credentials', 'The client ID or secret is not valid');
  const { tenantId, appClientId, roles: assignedRoles, systemAdministrator } = found.appClient;
  const { secretId, limit } = found.secret;
  const tenant = await findUsableTenant(tenantId, assignedRoles, tenants);
  if (!systemAdministrator && tenant?.status !== 'active')
    throw new Failure('tenant_suspended', 'This tenant is suspended');
  // Only roles that the secret carries completely.
  const roles = assignedRoles.filter(
    (slug) => tenant?.roles.has(slug) && fitsLimit(collectPermissions([slug], tenant.roles), limit),
  );
  const subject = formatId(idPrefix, 'app-client', appClientId);
  const grantedRoles = systemAdministrator ? [...roles, systemAdministratorRole] : roles;
  const token = await issueAccessToken(
    { subject, clientId, audience, tenantId, roles: grantedRoles, secretId },
    deps,
  );
  await appClients.recordUse(tenantId, appClientId);
  return token;
}
