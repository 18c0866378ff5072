import { join } from 'node:path';
import type { Context } from 'aws-lambda';
import { accountApi } from '../../functions/account.ts';
import { appClientsApi } from '../../functions/app-clients.ts';
import { bulkUsersApi } from '../../functions/bulk-users.ts';
import { documentsApi } from '../../functions/documents.ts';
import { domainsApi } from '../../functions/domains.ts';
import { feedApi } from '../../functions/feed.ts';
import { groupsApi } from '../../functions/groups.ts';
import { invitationLinksApi } from '../../functions/invitation-links.ts';
import { linkRedemptionApi } from '../../functions/link-redemption.ts';
import { logosApi } from '../../functions/logos.ts';
import { passwordsApi } from '../../functions/passwords.ts';
import { scimApi } from '../../functions/scim.ts';
import { signInApi } from '../../functions/sign-in.ts';
import { tenantsApi } from '../../functions/tenants.ts';
import { tokensApi } from '../../functions/tokens.ts';
import { usersApi } from '../../functions/users.ts';
import { connectionsApi } from '../../functions/connections.ts';
import { webhooksApi } from '../../functions/webhooks.ts';
import type { DeployedFunction } from '../../infra/build/bundle.ts';
import type { Environment } from '../../lib/deps/environment.ts';
import { createCheckpointDeps } from '../../lib/deps/events/checkpoint-deps.ts';
import { createDomainCheckDeps } from '../../lib/deps/events/domain-check-deps.ts';
import { createAccountDeps } from '../../lib/deps/account-deps.ts';
import { createAppClientDeps } from '../../lib/deps/app-client-deps.ts';
import { createBulkUserDeps } from '../../lib/deps/bulk-user-deps.ts';
import { createDomainDeps } from '../../lib/deps/domain-deps.ts';
import { createFeedDeps } from '../../lib/deps/feed-deps.ts';
import { createUserDeps, type TestOverrides } from '../../lib/deps/http-deps.ts';
import { createFeedExportDeps } from '../../lib/deps/events/feed-export-deps.ts';
import { createGroupCleanupDeps } from '../../lib/deps/events/group-cleanup-deps.ts';
import { createConnectionDeps } from '../../lib/deps/scim/connection-deps.ts';
import { createWebhookDeps } from '../../lib/deps/webhook-deps.ts';
import { createTenantErasureDeps } from '../../lib/deps/events/tenant-erasure-deps.ts';
import { createGroupDeps } from '../../lib/deps/group-deps.ts';
import { createPasswordDeps } from '../../lib/deps/password-deps.ts';
import { createTenantDeps } from '../../lib/deps/tenant-deps.ts';
import { createInvitationLinkDeps } from '../../lib/deps/invitation-link-deps.ts';
import { createInviteRequestDeps } from '../../lib/deps/events/invite-request-deps.ts';
import { createLinkRedemptionDeps } from '../../lib/deps/link-redemption-deps.ts';
import { createMailerDeps } from '../../lib/deps/events/mailer-deps.ts';
import { createScimDeps } from '../../lib/deps/scim/scim-deps.ts';
import { createSequencerDeps } from '../../lib/deps/events/sequencer-deps.ts';
import { createWebhookDeliveryDeps } from '../../lib/deps/events/webhook-delivery-deps.ts';
import { createSignInDeps, createTokenDeps } from '../../lib/deps/token-deps.ts';
import { createCheckpoints } from '../../lib/events/checkpoints.ts';
import { createDomainChecks } from '../../lib/events/domain-checks.ts';
import { createFeedExport } from '../../lib/events/feed-export.ts';
import { createGroupCleanup } from '../../lib/events/group-cleanup.ts';
import { createTenantErasure } from '../../lib/events/tenant-erasure.ts';
import { inviteOnRequest } from '../../lib/events/invite-requests.ts';
import { createWebhookDelivery } from '../../lib/events/webhook-delivery.ts';
import { createMailer } from '../../lib/events/mailer.ts';
import { createSequencer } from '../../lib/events/sequencer.ts';
import { withGrants } from './database/granted.ts';
import { extendTimeLimits } from './faults/time-limits.ts';

extendTimeLimits();

/** Overrides of all functions. */
export type Overrides = TestOverrides &
  NonNullable<Parameters<typeof createMailerDeps>[1]> &
  NonNullable<Parameters<typeof createWebhookDeliveryDeps>[1]>;
type Handler = (event: never, context: Context) => unknown;

/**
 * Returns a function that invokes the deployed functions by name, each with only the rights of its
 * role. A function is created on its first invocation and has caches of its own, as on Lambda.
 */
export function createTestFunctions(env: Environment, overrides: Overrides) {
  const create: Readonly<Record<DeployedFunction, () => Handler>> = {
    account: () => accountApi(createAccountDeps(env, overrides)),
    'app-clients': () => appClientsApi(createAppClientDeps(env, overrides)),
    'bulk-users': () => bulkUsersApi(createBulkUserDeps(env, overrides)),
    checkpoints: () => createCheckpoints(createCheckpointDeps(env, overrides)),
    documents: () => documentsApi(join(import.meta.dirname, '../../lib/api/documents')),
    'domain-checks': () => createDomainChecks(createDomainCheckDeps(env, overrides)),
    domains: () => domainsApi(createDomainDeps(env, overrides)),
    feed: () => feedApi(createFeedDeps(env, overrides)),
    'group-cleanup': () => createGroupCleanup(createGroupCleanupDeps(env, overrides)),
    'tenant-erasure': () => createTenantErasure(createTenantErasureDeps(env, overrides)),
    'webhook-delivery': () => createWebhookDelivery(createWebhookDeliveryDeps(env, overrides)),
    'feed-export': () => createFeedExport(createFeedExportDeps(env, overrides)),
    groups: () => groupsApi(createGroupDeps(env, overrides)),
    'invitation-links': () => invitationLinksApi(createInvitationLinkDeps(env, overrides)),
    'invite-requests': () => {
      const deps = createInviteRequestDeps(env, overrides);
      return (event, context) => inviteOnRequest(event, context, deps);
    },
    'link-redemption': () => linkRedemptionApi(createLinkRedemptionDeps(env, overrides)),
    logos: () => logosApi(env),
    mailer: () => createMailer(createMailerDeps(env, overrides)),
    passwords: () => passwordsApi(createPasswordDeps(env, overrides)),
    scim: () => scimApi(createScimDeps(env, overrides)),
    sequencer: () => createSequencer(createSequencerDeps(env, overrides)),
    'sign-in': () => signInApi(createSignInDeps(env, overrides)),
    tenants: () => tenantsApi(createTenantDeps(env, overrides)),
    tokens: () => tokensApi(createTokenDeps(env, overrides)),
    users: () => usersApi(createUserDeps(env, overrides)),
    webhooks: () => webhooksApi(createWebhookDeps(env, overrides)),
    connections: () => connectionsApi(createConnectionDeps(env, overrides)),
  };
  // Nearly every test uses it, and an invalid environment is reported at once.
  const handlers = new Map<DeployedFunction, Handler>([['users', create.users()]]);

  return (name: DeployedFunction, event: unknown, context: Context): unknown => {
    const handler = handlers.get(name) ?? create[name]();
    handlers.set(name, handler);
    return withGrants(name, () => handler(event as never, context));
  };
}
