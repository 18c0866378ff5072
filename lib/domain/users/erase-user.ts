import type { RequestContext } from '../access/request-context.ts';
import type { IfMatch } from '../kernel/entity.ts';
import { Failure } from '../kernel/failure.ts';
import { changeUser, userNotFound, type UserTarget } from './change-user.ts';
import { type TransitionDependencies, transitionUser } from './transition-user.ts';
import type { ErasurePage, ErasureRecord } from './user-store.ts';
import { erasureTime, type User } from './user.ts';

/**
 * Removes the data of a user or tombstone and leaves an erasure record. Change records lose their
 * values now and expire later. Throws `unavailable` if the deadline passes first. Other requests no longer find the user, and a retry removes the rest.
 */
export async function eraseUser(
  { ref, ifMatch }: UserTarget,
  context: RequestContext,
  deps: TransitionDependencies,
): Promise<void> {
  deps.policy.authorize(context, 'eraseUser', {});
  const { tenantId } = context.tenant;
  const user = ref && (await deps.users.get(tenantId, ref, false));
  if (!user) throw userNotFound();
  const { userId } = user;
  await writeTombstone({ user, ifMatch }, context, deps);
  const { isComplete, removedItems } = await deps.users.erase(tenantId, userId, context.deadline);
  if (!isComplete) {
    throw new Failure(
      'unavailable',
      'The user is deleted, but some of their data is not erased yet. Repeat the request to erase the rest.',
      { details: { erasure: 'incomplete', removedItems } },
    );
  }
}

/**
 * Writes a tombstone that cannot be restored, releases all identifiers, and records the erasure.
 */
async function writeTombstone(
  { user, ifMatch }: { readonly user: User; readonly ifMatch: IfMatch },
  context: RequestContext,
  deps: TransitionDependencies,
): Promise<void> {
  const { userId, status, deletion = { status, at: '' } } = user;
  const target = { ref: { userId }, ifMatch };
  const fields = {
    status: 'deleted',
    deletion: { ...deletion, at: erasureTime },
  } as const;
  if (status === 'deleted') {
    const change = () => ({ fields });
    await changeUser(
      { ...target, action: 'erase', includeDeleted: 'only', erases: true, change },
      context,
      deps,
    );
  } else {
    const toFields = () => fields;
    await transitionUser(
      { ...target, transition: 'delete', toFields, erases: true },
      context,
      deps,
    );
  }
}

/** Formats the position of an erasure in the list. */
export const toErasurePosition = ({ at, userId }: ErasureRecord): string => `${at}#${userId}`;

/** Lists the erasures of the tenant, newest first. */
export async function listErasures(
  page: { readonly after: string | undefined; readonly limit: number },
  context: RequestContext,
  deps: Pick<TransitionDependencies, 'policy' | 'users'>,
): Promise<ErasurePage> {
  deps.policy.authorize(context, 'eraseUser', {});
  return deps.users.listErasures(context.tenant.tenantId, page);
}
