import type { RequestContext } from '../access/request-context.ts';
import { assertNotHeld, type BrakeStore, countDeprovisioning } from '../connections/brake.ts';
import type { Connection } from '../connections/connection.ts';
import type { UserStore } from '../users/user-store.ts';
import type { User } from '../users/user.ts';

interface Dependencies {
  readonly users: Pick<UserStore, 'update'>;
  readonly brakes: BrakeStore;
  readonly onBrakeFailed: (connection: Connection, error: unknown) => void;
  readonly now: () => Date;
}

type UserWrite = Omit<Parameters<UserStore['update']>[0], 'uniqueness' | 'deadline'>;

/**
 * Writes a change that a connection makes. A change that deprovisions the user passes the brake of
 * the connection. Throws `deprovisioning_held`, `user_exists` or `unavailable`.
 */
export async function writeManagedUser(
  change: UserWrite,
  connection: Connection | undefined,
  { tenant: { uniqueness }, deadline }: RequestContext,
  deps: Dependencies,
): Promise<'written' | 'stale' | 'repeated'> {
  const braked = deprovisions(change) ? connection : undefined;
  if (braked) await assertNotHeld(braked, deps);
  const outcome = await deps.users.update({ ...change, uniqueness, deadline });
  if (braked && outcome === 'written') await countDeprovisioning(braked, deps);
  return outcome;
}

/** True if a change deactivates or deletes a user, or removes all mapped roles. */
function deprovisions({ before, after }: { readonly before: User; readonly after: User }): boolean {
  if (before.status === 'deleted') return false;
  const ends = after.status === 'inactive' || after.status === 'deleted';
  if (ends && after.status !== before.status) return true;
  return hasMappedRoles(before) && !hasMappedRoles(after);
}

const hasMappedRoles = ({ managedBy }: User): boolean => (managedBy?.roles ?? []).length > 0;
