import { type AppClientStore, isLive } from '../domain/app-clients.ts';
import { idPatterns, nameOf, userIdOf } from '../domain/ids.ts';
import type { FindStanding } from '../domain/standing.ts';
import type { UserStore } from '../domain/users/user.ts';
import { cached } from './cache.ts';

/** The documented bound within which a suspended user, or one with another password or other roles, is so to their tokens too. */
const staleness = 30_000;

/** Of users and of app clients, which are remembered for up to 30 s. `now` is in epoch milliseconds. */
export function standings(
  users: Pick<UserStore, 'get'>,
  appClients: Pick<AppClientStore, 'find' | 'get'>,
  now: () => number,
): FindStanding {
  // Of each generation by itself, so that a token that was made a moment ago never meets what is remembered of those before it.
  const findUserAccess = cached(staleness, now, async (key) => {
    const [tenantId = '', userId = '', generation] = key.split(' ');
    const user = await users.get(tenantId, { userId }, false);
    return user?.status === 'active' && String(user.tokenGeneration ?? 0) === generation
      ? {
          roles: user.mustChangePassword ? [] : user.roles,
          systemAdministrator: false,
          limit: user.credentialLimits?.password,
          isPasswordSetByOther: user.isPasswordSetByOther,
        }
      : undefined;
  });

  return async ({ tenantId, subject, generation }, isCurrent) => {
    if (idPatterns['app-client'].test(subject)) {
      const appClient = await (isCurrent ? appClients.get : appClients.find)(tenantId, nameOf(subject));
      if (!appClient || !isLive(appClient, new Date(now()))) return undefined;
      const { appClientId, roles, systemAdministrator = false } = appClient;
      return { roles, systemAdministrator, appClientId };
    }
    const userId = userIdOf(subject);
    return userId === undefined ? undefined : findUserAccess(`${tenantId} ${userId} ${generation}`, isCurrent);
  };
}
