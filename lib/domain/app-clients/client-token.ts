import { type AccessToken, type IssuerDependencies, issueAccessToken } from '../access-tokens.ts';
import type { AppClientStore } from '../app-clients.ts';
import { clientIdIn, proved } from './prove-secret.ts';
import { Failure, unauthenticated } from '../failure.ts';
import { idOf, type IdPrefix } from '../ids.ts';
import { systemAdministratorRole } from '../roles.ts';
import type { TenantStore } from '../tenants.ts';

interface Dependencies extends IssuerDependencies {
  readonly appClients: AppClientStore;
  readonly tenants: Pick<TenantStore, 'find'>;
  readonly idPrefix: IdPrefix;
}

/** What Cradl's own clients name, wherever they are pointed at: its API of today, and of before. */
const audiencesOfCradl: readonly string[] = ['https://api.cradl.ai/v1', 'https://api.lucidtech.ai/v1'];

/**
 * An access token for an app client that shows its secret. An `audience` may be named that the deployment answers to, and changes
 * nothing: the token is for the deployment. Throws `unauthenticated` for whoever is no app client, and why is not told; `tenant_suspended`
 * while its tenant is suspended, unless it stands above tenants, one of which can then resume that one; `unavailable` when nothing can be
 * signed.
 */
export async function issueClientToken(
  { clientId, secret, audience }: { readonly clientId: string; readonly secret: string; readonly audience: string | undefined },
  deps: Dependencies,
): Promise<AccessToken> {
  const { ownIssuer, appClients, tenants, idPrefix } = deps;
  if (audience !== undefined && !isKnown(audience, ownIssuer)) {
    throw new Failure('invalid_input', 'There is no such audience here', { details: { error: 'invalid_target' } });
  }
  const found = clientIdIn(secret) === clientId ? await proved(secret, deps) : undefined;
  if (!found) throw unauthenticated('invalid_credentials', 'The client or its secret is not known');
  const { tenantId, appClientId, roles, systemAdministrator } = found.appClient;
  if (!systemAdministrator && (await tenants.find(tenantId))?.status !== 'active')
    throw new Failure('tenant_suspended', 'This tenant is suspended');
  const subject = idOf(idPrefix, 'app-client', appClientId);
  const named = systemAdministrator ? [...roles, systemAdministratorRole] : roles;
  const token = await issueAccessToken({ subject, clientId, tenantId, roles: named }, deps);
  await appClients.noteUse(tenantId, appClientId);
  return token;
}

/** The deployment's own, an address below it such as a dialect's, or what Cradl's clients say of themselves. */
const isKnown = (named: string, { issuer, audience }: Dependencies['ownIssuer']): boolean =>
  named === audience || named === issuer || named.startsWith(`${issuer}/`) || audiencesOfCradl.includes(named);
