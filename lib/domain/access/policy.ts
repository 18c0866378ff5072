import { evaluatePolicies, groupByAction, type PolicyRequest } from './compiled-policy.ts';
import type { DeploymentContext, RequestContext } from './request-context.ts';
import { Failure } from '../kernel/failure.ts';
import { findMissing } from './permissions.ts';
import { compiledPolicies } from './policies/compiled.ts';
import {
  type ActionContexts,
  type DeploymentAction,
  deploymentActions,
} from './policies/schema.ts';

/** Actions of the policies, with the context of each in addition to the dialect. */
export type PolicyContexts = {
  readonly [Action in keyof ActionContexts]: Omit<ActionContexts[Action], 'dialect'>;
};

/** Context of the requests that an action decides about. */
type ContextFor<Name extends keyof PolicyContexts> = Name extends DeploymentAction
  ? DeploymentContext
  : RequestContext;

export interface Policy {
  /**
   * Decides about an action in the tenant of the request, or on the deployment, and adds the
   * decision to the context. Throws `forbidden` with the notices of the deciding policies, or
   * `unavailable` if the evaluation fails.
   */
  authorize<Name extends keyof PolicyContexts>(
    context: ContextFor<Name>,
    action: Name,
    policyContext: PolicyContexts[Name],
  ): void;
}

/** ID of the deployment, which no policy compares. */
const deploymentId = 'deployment';

/** Builds the request that the policies evaluate. */
function buildRequest(
  { principal, tenant, dialect }: DeploymentContext,
  action: keyof PolicyContexts,
  policyContext: object,
): PolicyRequest {
  const { tenantId, permissions, systemAdministrator } = principal;
  const isOnDeployment = deploymentActions.some((each) => each === action);
  const resource = isOnDeployment ? deploymentId : tenant?.tenantId;
  if (resource === undefined) throw new Error(`${action} requires a tenant`);
  return {
    principal: { ...(tenantId && { tenant: tenantId }), permissions, systemAdministrator },
    action,
    resource,
    context: { ...policyContext, dialect },
  };
}

/** Creates a policy from compiled Cedar policies. */
export function createPolicy(policies = compiledPolicies): Policy {
  const policiesByAction = groupByAction(policies);
  return {
    authorize(context: DeploymentContext, action, policyContext) {
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
      const message = context.principal.mustChangePassword
        ? 'Your roles are inactive until you change your password'
        : 'You are not allowed to do this';
      throw new Failure('forbidden', message, {
        notices: reported.map(({ notice }) => notice),
        missingPermissions: findMissing(
          reported.flatMap((policy) => policy.requiredPermissions(request)),
          context.principal.permissions,
        ),
      });
    },
  };
}
