import type { RequestContext } from '../access/request-context.ts';
import type { IfMatch } from '../access/change-entity.ts';
import { Failure } from '../kernel/failure.ts';
import { changeUser, userNotFound } from './change-user.ts';
import { type TransitionDependencies, transitionUser } from './transition-user.ts';
import type { ErasureRecord, User, UserRef } from './user.ts';

/**
 * Removes a user, deleted before or not, and every item about them. Only a record with IDs remains. Throws `unavailable`
 * if there is more than the deadline allows: the user is gone for all other calls, and repeating the call removes the rest.
 */
export async function eraseUser(
  reference: UserRef | undefined,
  ifMatch: IfMatch,
  context: RequestContext,
  deps: TransitionDependencies,
): Promise<void> {
  deps.policy.authorize(context, 'eraseUser', {});
  const { tenantId } = context.tenant;
  const user = reference && (await deps.users.get(tenantId, reference, false));
  if (!user) throw userNotFound();
  const { userId } = user;
  await writeTombstone(user, ifMatch, context, deps);
  const { isComplete, removed } = await deps.users.erase(tenantId, userId, context.deadline);
  if (!isComplete) {
    throw new Failure(
      'unavailable',
      'The user is deleted, but some of their data is not erased yet. Repeat the request to erase the rest.',
      {
        details: { erasure: 'incomplete', removedItems: removed },
      },
    );
  }
}

/** Leaves a tombstone that frees all names and that no restore accepts, together with the record of the erasure. */
async function writeTombstone(
  { userId, status, deletion = { status, at: '' } }: User,
  ifMatch: IfMatch,
  context: RequestContext,
  deps: TransitionDependencies,
) {
  const tombstone = {
    status: 'deleted',
    deletion: { ...deletion, at: new Date(0).toISOString() },
  } as const;
  if (status !== 'deleted')
    await transitionUser('delete', { userId }, ifMatch, context, deps, () => tombstone, true);
  else {
    const change = () => ({ fields: tombstone });
    await changeUser(
      {
        action: 'erase',
        ref: { userId },
        ifMatch,
        includeDeleted: 'only',
        erases: true,
        change,
      },
      context,
      deps,
    );
  }
}

/** The place of an erasure in their list. */
export const toErasurePosition = ({ at: time, userId }: ErasureRecord): string =>
  `${time}#${userId}`;

/** The erasures in the tenant of the call, the last first. */
export async function listErasures(
  page: { readonly after: string | undefined; readonly limit: number },
  context: RequestContext,
  deps: Pick<TransitionDependencies, 'policy' | 'users'>,
): Promise<{ readonly erasures: readonly ErasureRecord[]; readonly next: string | undefined }> {
  deps.policy.authorize(context, 'eraseUser', {});
  return deps.users.listErasures(context.tenant.tenantId, page);
}
