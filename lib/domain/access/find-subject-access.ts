import { type AppClientWithGroups, findActiveSecret, isActive } from '../app-clients/app-client.ts';
import type { AppClientStore } from '../app-clients/app-client-store.ts';
import { idPatterns, getIdName, parseUserId } from '../kernel/ids.ts';
import type { FindSubjectAccess, FindUserGroups, SubjectAccess } from './token-subject.ts';
import type { UserStore } from '../users/user-store.ts';
import type { User } from '../users/user.ts';
import { createCache } from '../kernel/cache.ts';
import type { DurationMs, EpochMs } from '../kernel/time.ts';

/**
 * Documented time after which a suspension, new password or changed role applies to issued tokens.
 */
const cacheTtlMs: DurationMs = 30_000;
const maxEndedTokens = 1000;

/** Creates the function that finds the access of a token's subject. Caches it for 30 s. */
export function createSubjectAccessFinder(
  users: Pick<UserStore, 'getWithGroups'>,
  appClients: Pick<AppClientStore, 'find' | 'get'>,
  now: () => EpochMs,
): FindSubjectAccess {
  // Permanently invalid tokens. Repeated requests with them must not cost reads.
  const endedTokens = new Set<string>();
  const markEnded = (key: string): undefined => {
    if (endedTokens.size >= maxEndedTokens) endedTokens.clear();
    endedTokens.add(key);
  };

  // One entry per generation, so a new token never gets the cached access of an earlier one.
  const findUserAccess = createCache(cacheTtlMs, now, async (key) => {
    const [tenantId = '', userId = '', generation] = key.split(' ');
    const isCurrent = ({ status, tokenGeneration = 0 }: User): boolean =>
      status === 'active' && String(tokenGeneration) === generation;
    const user = await users.getWithGroups(tenantId, { userId }, false, isCurrent);
    // Generations only grow.
    if ((user?.tokenGeneration ?? 0) > Number(generation)) return markEnded(key);
    return user && isCurrent(user)
      ? {
          roles: user.roles,
          groups: user.groups,
          systemAdministrator: false,
          limit: user.credentialLimits?.password,
          mustChangePassword: user.mustChangePassword,
          isPasswordSetByOther: user.isPasswordSetByOther,
        }
      : undefined;
  });

  const findAppClientAccess = (
    appClient: AppClientWithGroups | undefined,
    secretId: string,
  ): SubjectAccess | undefined => {
    const time = new Date(now());
    const secret =
      appClient && isActive(appClient, time)
        ? findActiveSecret(appClient, secretId, time)
        : undefined;
    if (!appClient || !secret) return undefined;
    const { appClientId, connectionId, roles, groups, systemAdministrator = false } = appClient;
    const { limit } = secret;
    return { roles, groups, systemAdministrator, appClientId, connectionId, secretId, limit };
  };

  return async ({ tenantId, subject, generation, secretId }, needsCurrent) => {
    if (idPatterns['app-client'].test(subject)) {
      if (secretId === undefined) return undefined;
      const appClientId = getIdName(subject);
      const key = `${tenantId} ${appClientId} ${secretId}`;
      if (endedTokens.has(key)) return undefined;
      const cachedAccess = needsCurrent
        ? undefined
        : findAppClientAccess(await appClients.find(tenantId, appClientId), secretId);
      if (cachedAccess) return cachedAccess;
      // The cache may lack a new secret.
      const current = await appClients.get(tenantId, appClientId);
      // Removed secrets and revoked app clients never return.
      if (current && (current.revocation || !findActiveSecret(current, secretId, new Date(now()))))
        return markEnded(key);
      return findAppClientAccess(current, secretId);
    }
    const userId = parseUserId(subject);
    const key = `${tenantId} ${userId} ${generation}`;
    return userId === undefined || endedTokens.has(key)
      ? undefined
      : findUserAccess(key, needsCurrent);
  };
}

/** Creates the function that finds the groups of a user. Caches them for 30 s. */
export function createUserGroupsFinder(
  users: Pick<UserStore, 'getWithGroups'>,
  now: () => EpochMs,
): FindUserGroups {
  const find = createCache(cacheTtlMs, now, async (key): Promise<readonly string[]> => {
    const [tenantId = '', userId = ''] = key.split(' ');
    const user = await users.getWithGroups(tenantId, { userId }, false);
    return user?.status === 'active' ? user.groups : [];
  });
  return ({ tenantId, userId }, needsCurrent) => find(`${tenantId} ${userId}`, needsCurrent);
}
