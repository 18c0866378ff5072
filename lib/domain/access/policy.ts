import { evaluatePolicies, groupByAction, type PolicyRequest } from './compiled-policy.ts';
import type { RequestContext } from './request-context.ts';
import { Failure } from '../kernel/failure.ts';
import { findMissing } from './permissions.ts';
import { compiledPolicies } from './policies/compiled.ts';
import type { ActionContexts } from './policies/schema.ts';

/** Actions of the policies, with the context of each in addition to the dialect. */
export type PolicyContexts = {
  readonly [Action in keyof ActionContexts]: Omit<ActionContexts[Action], 'dialect'>;
};

export interface Policy {
  /**
   * Decides about an action in the tenant of the request and adds the decision to the context.
   * Throws `forbidden` with the notices of the deciding policies, or `unavailable` if the
   * evaluation fails.
   */
  authorize<Name extends keyof PolicyContexts>(
    context: RequestContext,
    action: Name,
    policyContext: PolicyContexts[Name],
  ): void;
}

/** Builds the request that the policies evaluate. */
function buildRequest(
  { principal, tenant, dialect }: RequestContext,
  action: keyof PolicyContexts,
  policyContext: object,
): PolicyRequest {
  const { tenantId, permissions, systemAdministrator } = principal;
  return {
    principal: { ...(tenantId && { tenant: tenantId }), permissions, systemAdministrator },
    action,
    resource: tenant.tenantId,
    context: { ...policyContext, dialect },
  };
}

/** Creates a policy from compiled Cedar policies. */
export function createPolicy(policies = compiledPolicies): Policy {
  const policiesByAction = groupByAction(policies);
  return {
    authorize(context, action, policyContext) {
      const request = buildRequest(context, action, policyContext);
      const candidates = policiesByAction.get(action) ?? [];
      const { allowed, deciding, errors } = evaluatePolicies(candidates, request);
      // Without the failed policy, a permit could win over a forbid.
      if (errors.length > 0)
        throw new Failure('unavailable', 'The policies cannot be evaluated', {
          cause: errors[0]?.error,
        });
      const reported =
        deciding.length > 0
          ? deciding
          : candidates.filter(
              ({ effect, action: scope }) => effect === 'permit' && scope === action,
            );
      context.decisions.push({ allowed, policies: reported.map(({ id }) => id) });
      if (allowed) return;
      throw new Failure('forbidden', 'You are not allowed to do this', {
        notices: reported.map(({ notice }) => notice),
        missingPermissions: findMissing(
          reported.flatMap((policy) => policy.requiredPermissions(request)),
          context.principal.permissions,
        ),
      });
    },
  };
}
