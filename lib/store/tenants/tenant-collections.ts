import type { Tenant } from '../../domain/tenants/tenant.ts';
import {
  appClientPrefix,
  connectionKeys,
  connectionPrefix,
  domainPrefix,
  erasurePartition,
  groupPrefix,
  type Key,
  keys,
  removedConnectionPrefix,
  removedDomainPrefix,
  removedWebhookPrefix,
  rolePrefix,
  webhookKeys,
  webhookPrefix,
} from '../keys.ts';

type Item = Readonly<Record<string, unknown>>;

/** Everything that belongs to the item of a user or another resource. */
export interface Owner {
  /** Partitions of the directory table. */
  readonly partitions?: readonly string[];
  /** Keys and partitions of the secrets table. */
  readonly secrets?: readonly Key[];
  readonly secretPartitions?: readonly string[];
  /** Claims across tenants. */
  readonly claims?: readonly Key[];
  /** True for the list entry of a user. */
  readonly isUser?: boolean;
}

/** Items from which the erasure of a tenant finds partitions with other keys. */
export interface OwnerCollection {
  readonly range: { readonly pk: string; readonly prefix?: string };
  /** True for the list entries of users, whose number is the progress of the erasure. */
  readonly isCounted?: boolean;
  /** Names of the attributes that `toOwner` reads, and `sk`. */
  readonly attributes: readonly string[];
  toOwner(item: Item): Owner;
}

/**
 * Lists the items of a tenant, except the tenant itself and items that expire: collections in the
 * order of their erasure, and the other partitions.
 */
export function listTenantCollections({
  tenantId,
  uniqueness,
}: Pick<Tenant, 'tenantId' | 'uniqueness'>): {
  readonly owners: readonly OwnerCollection[];
  readonly partitions: readonly string[];
} {
  const toUser = (userId: unknown): Owner => {
    const { pk } = keys.user(tenantId, String(userId));
    const activity = keys.userActivity(tenantId, String(userId));
    return { partitions: [pk, activity.pk], secrets: [keys.userSecret(tenantId, String(userId))] };
  };
  const toWebhook = ({ webhookId }: Item): Owner => ({
    partitions: [
      webhookKeys.webhookChange(tenantId, String(webhookId), 0).pk,
      keys.sink(tenantId, String(webhookId)).pk,
    ],
  });
  const toConnection = ({ connectionId }: Item): Owner => ({
    partitions: [connectionKeys.connectionChange(tenantId, String(connectionId), 0).pk],
  });
  const emailPrefix = keys.emailClaim(tenantId, '').sk;
  const deletedUserPrefix = keys.deletedUser(tenantId, '').sk;
  const userNamePrefix = keys.userNameClaim(tenantId, '').sk;
  const listSystemClaims = (sk: string): readonly Key[] => {
    if (uniqueness === 'tenant') return [];
    if (sk.startsWith(emailPrefix)) return [keys.systemEmailClaim(sk.slice(emailPrefix.length))];
    return sk.startsWith(userNamePrefix)
      ? [keys.systemUserNameClaim(sk.slice(userNamePrefix.length))]
      : [];
  };
  const users = keys.emailClaim(tenantId, '').pk;
  const owners: readonly OwnerCollection[] = [
    {
      range: { pk: users },
      isCounted: true,
      attributes: ['sk', 'userId', 'alias'],
      toOwner: ({ sk, userId, alias }) => {
        const key = String(sk);
        const isUser =
          (key.startsWith(emailPrefix) && alias !== true) || key.startsWith(deletedUserPrefix);
        return { isUser, ...(isUser && toUser(userId)), claims: listSystemClaims(key) };
      },
    },
    // Users whose own erasure was interrupted.
    {
      range: erasurePartition(tenantId),
      attributes: ['sk', 'userId'],
      toOwner: ({ userId }) => toUser(userId),
    },
    {
      range: appClientPrefix(tenantId),
      attributes: ['sk', 'appClientId', 'clientId'],
      toOwner: ({ appClientId, clientId }) => ({
        partitions: [keys.appClientLastUse(tenantId, String(appClientId)).pk],
        secretPartitions: [keys.appClientSecret(tenantId, String(appClientId), '').pk],
        claims: [keys.clientIdClaim(String(clientId))],
      }),
    },
    {
      range: groupPrefix(tenantId),
      attributes: ['sk', 'groupId'],
      toOwner: ({ groupId }) => ({
        partitions: [keys.groupChange(tenantId, String(groupId), 0).pk],
      }),
    },
    {
      range: rolePrefix(tenantId),
      attributes: ['sk', 'slug'],
      toOwner: ({ slug }) => ({ partitions: [keys.roleChange(tenantId, String(slug), 0).pk] }),
    },
    {
      range: domainPrefix(tenantId),
      attributes: ['sk', 'domainId', 'name'],
      toOwner: ({ domainId, name }) => ({
        partitions: [keys.domainChange(tenantId, String(domainId), 0).pk],
        claims: [keys.domainClaim(String(name))],
      }),
    },
    {
      range: removedDomainPrefix(tenantId),
      attributes: ['sk', 'domainId'],
      toOwner: ({ domainId }) => ({
        partitions: [keys.domainChange(tenantId, String(domainId), 0).pk],
      }),
    },
    {
      range: webhookPrefix(tenantId),
      attributes: ['sk', 'webhookId'],
      toOwner: toWebhook,
    },
    {
      range: removedWebhookPrefix(tenantId),
      attributes: ['sk', 'webhookId'],
      toOwner: toWebhook,
    },
    {
      range: connectionPrefix(tenantId),
      attributes: ['sk', 'connectionId'],
      toOwner: toConnection,
    },
    {
      range: removedConnectionPrefix(tenantId),
      attributes: ['sk', 'connectionId'],
      toOwner: toConnection,
    },
  ];
  const partitions = [
    keys.tenant(tenantId).pk,
    keys.groupCount(tenantId).pk,
    keys.domainCount(tenantId).pk,
    webhookKeys.webhookCount(tenantId).pk,
    keys.roleCount(tenantId).pk,
    keys.tenantChange(tenantId, 0).pk,
    keys.tenantActivity(tenantId, '').pk,
  ];
  return { owners, partitions };
}
