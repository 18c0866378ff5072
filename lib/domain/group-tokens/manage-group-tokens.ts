import { buildAuditEntry, buildChangeRecord, changeEntity } from '../access/change-entity.ts';
import type { RequestContext } from '../access/request-context.ts';
import type { AppClientStore } from '../app-clients/app-client-store.ts';
import { type AppClient, createClientId } from '../app-clients/app-client.ts';
import { assertWithinCallerPermissions, isCaller } from '../app-clients/change-app-client.ts';
import { createSecret } from '../app-clients/create-secret.ts';
import { buildAppClient } from '../app-clients/new-app-client.ts';
import { assertInFuture } from '../app-clients/manage-app-clients.ts';
import { authorizeMemberChange, groupIsFull } from '../groups/change-members.ts';
import { type Group, maxListedMembers } from '../groups/group.ts';
import { isGroupAdministrator } from '../groups/group-administrator.ts';
import type { EndedMembershipStore } from '../groups/group-store.ts';
import { tooManyMembers } from '../groups/list-members.ts';
import { type GroupDependencies, readGroup } from '../groups/manage-groups.ts';
import { Failure } from '../kernel/failure.ts';
import type { Uuid } from '../kernel/ids.ts';
import type { DurationMs, Timestamp } from '../kernel/time.ts';
import type { GroupTokenStore, TokenClaim } from './group-token-store.ts';

export interface GroupTokenDependencies extends GroupDependencies {
  readonly appClients: AppClientStore;
  readonly groupTokens: GroupTokenStore;
  readonly endedMemberships: EndedMembershipStore;
}

/** App client of a group token. */
export type GroupTokenClient = AppClient & Required<Pick<AppClient, 'groupToken'>>;

/** Lifetime of a token without an expiration in the request. */
const defaultLifetimeMs: DurationMs = 365 * 24 * 3600 * 1000;

interface CreateGroupTokenInput {
  readonly groupId: Uuid | undefined;
  readonly name: string;
  readonly expiresAt?: Timestamp | undefined;
}

/**
 * Creates a token of a group: an app client without roles that is a member of the group. Its secret
 * is returned only here. Throws `forbidden`, also for a permission of the group that the caller
 * lacks, `not_found`, `invalid_input` for an expiration in the past, `group_token_exists`,
 * `group_limit_reached` or `unavailable`.
 */
export async function createGroupToken(
  { groupId, name, expiresAt }: CreateGroupTokenInput,
  context: RequestContext,
  deps: GroupTokenDependencies,
): Promise<{ readonly group: Group; readonly client: GroupTokenClient; readonly secret: string }> {
  await authorizeMemberChange(groupId, context, deps);
  const group = await readGroup(groupId, context, deps);
  const now = deps.now();
  assertInFuture(expiresAt, now);
  const { tenantId } = context.tenant;
  const clientId = createClientId();
  const { secret, hash } = createSecret(clientId);
  const fields = {
    clientId,
    name,
    groupToken: { groupId: group.groupId, name },
    roles: [],
    expiresAt: expiresAt ?? new Date(now.getTime() + defaultLifetimeMs).toISOString(),
  };
  const client = buildAppClient({ fields, hasSecret: true }, context, now);
  const record = buildChangeRecord<AppClient>({ action: 'create', after: client }, context);
  const change = { before: undefined, after: client, record, deadline: context.deadline };
  const membership = {
    groupId: group.groupId,
    member: { kind: 'appClient', id: client.appClientId },
    status: 'member',
    joinedAt: client.createdAt,
    addedBy: context.principal.subject,
  } as const;
  const audit = buildAuditEntry(context, client.createdAt);
  while (deps.now().getTime() < context.deadline) {
    const claim = await deps.groupTokens.findClaim(tenantId, name);
    if (claim && (await isClaimInUse(claim, context, deps)))
      throw new Failure(
        'group_token_exists',
        'A group token with this name already exists in this tenant',
        { details: { field: 'name' } },
      );
    const outcome = await deps.groupTokens.create(change, { hash, membership, audit, claim });
    if (outcome === 'written') return { group, client, secret };
    if (outcome === 'full') throw groupIsFull();
  }
  throw new Failure('unavailable', 'Too many concurrent changes. Try again.');
}

/** False for a token that is revoked or has left its group, and for a token of a deleted group. */
async function isClaimInUse(
  { groupId, appClientId }: TokenClaim,
  { tenant: { tenantId } }: RequestContext,
  { appClients, groups }: GroupTokenDependencies,
): Promise<boolean> {
  const client = await appClients.get(tenantId, appClientId);
  if (!client || client.revocation || !client.groups.includes(groupId)) return false;
  const group = await groups.get(tenantId, groupId);
  return group !== undefined && group.deletion === undefined;
}

/**
 * Lists the tokens of a group, in the order of their names. Throws `forbidden`, `not_found`, or
 * `too_many_results` for a group with more than 1,000 app clients.
 */
export async function listGroupTokens(
  groupId: Uuid | undefined,
  context: RequestContext,
  deps: GroupTokenDependencies,
): Promise<{ readonly group: Group; readonly clients: readonly GroupTokenClient[] }> {
  deps.policy.authorize(context, 'readGroup', {
    groupAdministrator: await isGroupAdministrator(groupId, context, deps),
  });
  const group = await readGroup(groupId, context, deps);
  const { tenantId } = context.tenant;
  const { memberships, next } = await deps.memberships.listMembers(tenantId, group.groupId, {
    kind: 'appClient',
    after: undefined,
    limit: maxListedMembers,
  });
  if (next !== undefined) throw tooManyMembers();
  const ids = memberships.map(({ member: { id } }) => id);
  const found = await deps.appClients.getAll(tenantId, ids);
  const clients = [...found.values()].filter((client) => isTokenInGroup(client, group));
  return { group, clients: clients.toSorted(compareNames) };
}

const isTokenInGroup = (client: AppClient, { groupId }: Group): client is GroupTokenClient =>
  client.revocation === undefined && client.groupToken?.groupId === groupId;

const compareNames = (a: GroupTokenClient, b: GroupTokenClient): number =>
  a.groupToken.name < b.groupToken.name ? -1 : 1;

/**
 * Revokes the app client of a group token and removes it from the group. Throws `forbidden`,
 * `not_found`, `self_protected` for the caller itself, or `unavailable`.
 */
export async function deleteGroupToken(
  { groupId, name }: { readonly groupId: Uuid | undefined; readonly name: string },
  context: RequestContext,
  deps: GroupTokenDependencies,
): Promise<void> {
  await authorizeMemberChange(groupId, context, deps);
  const group = await readGroup(groupId, context, deps);
  const { tenantId } = context.tenant;
  const claim = await deps.groupTokens.findClaim(tenantId, name);
  if (claim?.groupId !== group.groupId) throw groupTokenNotFound();
  const member = { kind: 'appClient', id: claim.appClientId } as const;
  await changeEntity<AppClient>(
    {
      action: 'revoke',
      read: async () => {
        const client = await deps.appClients.get(tenantId, claim.appClientId);
        if (!client || client.revocation) throw groupTokenNotFound();
        assertWithinCallerPermissions(context, client);
        if (isCaller(client, context))
          throw new Failure('self_protected', 'An app client cannot revoke itself');
        return client;
      },
      change: () => ({
        revocation: { at: deps.now().toISOString(), by: context.principal.subject },
        secrets: [],
      }),
      write: async (change) =>
        deps.groupTokens.revoke(change, {
          membership: await deps.memberships.get(tenantId, group.groupId, member),
          audit: buildAuditEntry(context, deps.now().toISOString()),
        }),
    },
    context,
    deps.now,
  );
  // The native API can add the app client to other groups.
  await deps.endedMemberships.removeAll(tenantId, member, context.deadline);
}

const groupTokenNotFound = (): Failure =>
  new Failure('not_found', 'The group has no token with this name');
