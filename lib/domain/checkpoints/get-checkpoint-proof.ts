import type { Policy } from '../access/policy.ts';
import type { RequestContext } from '../access/request-context.ts';
import { type ActivityStore, requireEvents } from '../feed/activity.ts';
import { Failure } from '../kernel/failure.ts';
import type { Anchor, AnchorStore } from './checkpoint-store.ts';

export interface ProofDependencies {
  readonly policy: Policy;
  readonly anchors: Pick<AnchorStore, 'find'>;
  /** Undefined if the deployment has no event feed. */
  readonly activity: Pick<ActivityStore, 'count'> | undefined;
}

/**
 * Gets the proof that the latest checkpoint contains the feed of the tenant. Throws `forbidden`,
 * `events_disabled` or `not_found`.
 */
export async function getCheckpointProof(
  context: RequestContext,
  deps: ProofDependencies,
): Promise<Anchor> {
  deps.policy.authorize(context, 'readAuditLog', {});
  requireEvents(deps);
  const anchor = await deps.anchors.find(context.tenant.tenantId);
  if (!anchor) throw new Failure('not_found', 'No checkpoint contains this tenant yet');
  return anchor;
}
