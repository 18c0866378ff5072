import type { Uuid } from '../kernel/ids.ts';
import type { IdempotencyRecord, StoredResponse, UserRef, UserStore } from '../users/user-store.ts';
import type { User } from '../users/user.ts';
import { hasIdentifier } from './identifiers.ts';
import type { WriteChecks } from './write-checks.ts';

type Users = Pick<UserStore, 'get' | 'getWithGroups' | 'create' | 'update'>;

/** Store that checks writes like the table and remembers them instead of writing. */
export interface Forecast {
  readonly users: UserStore;
  readonly findStoredResponse: WriteChecks['findStoredResponse'];
  /** True for a user who exists only in the forecast. */
  readonly isNew: (userId: Uuid) => boolean;
}

/**
 * Creates a forecast for one request. Later rows see the users as earlier rows would leave them.
 */
export function createForecast(stored: UserStore, checks: WriteChecks): Forecast {
  const changedUsers = new Map<Uuid, User>();
  const newUserIds = new Set<Uuid>();
  const responses = new Map<string, StoredResponse>();

  const findStoredResponse: WriteChecks['findStoredResponse'] = async (tenantId, id) =>
    responses.get(id) ?? checks.findStoredResponse(tenantId, id);

  const findChanged = (ref: UserRef): User | undefined =>
    [...changedUsers.values()].find((user) => hasIdentifier(user, ref));

  /** Applies earlier rows to a user as read. */
  const applyChanges = <Found extends User>(ref: UserRef, found: Found | undefined) => {
    const changed = found && changedUsers.get(found.userId);
    if (!changed) return found;
    return hasIdentifier(changed, ref) ? { ...found, ...changed } : undefined;
  };

  const remember = (user: User, record: IdempotencyRecord | undefined): void => {
    changedUsers.set(user.userId, user);
    if (record) responses.set(record.id, record);
  };

  const users: Users = {
    get: async (tenantId, ref, withAvatar) =>
      findChanged(ref) ?? applyChanges(ref, await stored.get(tenantId, ref, withAvatar)),

    async getWithGroups(tenantId, ref, withAvatar) {
      const changed = findChanged(ref);
      if (changed && newUserIds.has(changed.userId)) return { ...changed, groups: [] };
      const storedRef = changed ? { userId: changed.userId } : ref;
      return applyChanges(ref, await stored.getWithGroups(tenantId, storedRef, withAvatar));
    },

    async create(user, { uniqueness, idempotencyRecord }) {
      const { tenantId, userId } = user;
      const response =
        idempotencyRecord && (await findStoredResponse(tenantId, idempotencyRecord.id));
      if (response) return response;
      await checks.assertAvailable(user, {
        uniqueness,
        changedUsers: [...changedUsers.values()],
      });
      newUserIds.add(userId);
      remember(user, idempotencyRecord);
      return undefined;
    },

    async update({ after, uniqueness, idempotencyRecord }) {
      await checks.assertAvailable(after, {
        uniqueness,
        changedUsers: [...changedUsers.values()],
      });
      remember(after, idempotencyRecord);
      return 'written';
    },
  };
  return {
    users: { ...stored, ...users },
    findStoredResponse,
    isNew: (userId) => newUserIds.has(userId),
  };
}
