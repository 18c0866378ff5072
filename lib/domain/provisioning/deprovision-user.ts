import type { RequestContext } from '../access/request-context.ts';
import { retryStaleWrite } from '../access/change-entity.ts';
import type { IfMatch } from '../kernel/entity.ts';
import type { Uuid } from '../kernel/ids.ts';
import { buildUserChange } from '../users/build-user-change.ts';
import { userNotFound } from '../users/change-user.ts';
import { toDeletion } from '../users/transition-user.ts';
import { assertManaged } from './assert-managed.ts';
import type { ProvisioningDependencies, ProvisioningRequest } from './change-provisioned-user.ts';
import { writeManagedUser } from './write-managed-user.ts';

interface DeletionRequest extends ProvisioningRequest {
  readonly userId: Uuid | undefined;
  readonly ifMatch?: IfMatch | undefined;
}

/**
 * Replaces a managed user by a tombstone and releases the identifiers. Throws `forbidden`,
 * `not_found`, `not_managed`, `precondition_failed`, `deprovisioning_held` or `unavailable`.
 */
export async function deprovisionUser(
  { userId, ifMatch, connection }: DeletionRequest,
  context: RequestContext,
  deps: ProvisioningDependencies,
): Promise<void> {
  deps.policy.authorize(context, 'deleteUser', {});
  const { tenantId } = context.tenant;
  await retryStaleWrite(
    {
      read: async () => {
        const user =
          userId === undefined
            ? undefined
            : await deps.users.getWithGroups(tenantId, { userId }, false);
        if (!user || user.status === 'deleted') throw userNotFound();
        await assertManaged(user, connection, context, deps);
        return user;
      },
      ifMatch,
      build: async (user) => {
        const changes = {
          fields: toDeletion(user, deps.now()),
          notifies: connection === undefined,
        };
        return buildUserChange({ action: 'delete', before: user, changes }, context, deps.now);
      },
      write: (change) => writeManagedUser(change, connection, context, deps),
    },
    context,
    deps.now,
  );
}
