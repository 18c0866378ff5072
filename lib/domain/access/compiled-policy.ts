import type { Permission } from './permissions.ts';
import type { ActionContexts, PrincipalAttributes } from './policies/schema.ts';

/** Request for a decision. IDs represent the entities. */
export interface PolicyRequest<Action extends keyof ActionContexts = keyof ActionContexts> {
  readonly principal: PrincipalAttributes;
  readonly action: Action;
  /** ID of the tenant. */
  readonly resource: string;
  readonly context: ActionContexts[Action];
}

/** Cedar policy in TypeScript. `npm run policies` writes it. */
export interface CompiledPolicy<Action extends keyof ActionContexts = keyof ActionContexts> {
  readonly id: string;
  readonly effect: 'permit' | 'forbid';
  /** Text for denied callers. */
  readonly notice: string;
  /** Scope: an action is `action == …`, a list is `action in […]`. */
  readonly action: Action | readonly Action[];
  /** Permissions with which a permit applies, or a forbid does not. */
  requiredPermissions(request: PolicyRequest<Action>): readonly Permission[];
  /** The policy applies if all clauses hold. A clause throws if it cannot be evaluated. */
  readonly clauses: readonly Clause<Action>[];
}

type Clause<Action extends keyof ActionContexts> =
  | { when(request: PolicyRequest<Action>): boolean }
  | { unless(request: PolicyRequest<Action>): boolean };

/** Checks the types of a policy against the contexts of its actions. */
export const definePolicy = <Action extends keyof ActionContexts>(
  policy: CompiledPolicy<Action>,
): CompiledPolicy => policy;

export interface Evaluation {
  readonly allowed: boolean;
  /** Policies that decided, in the order of the sources: all forbids that apply, else all permits. */
  readonly deciding: readonly CompiledPolicy[];
  readonly errors: readonly PolicyError[];
}

interface PolicyError {
  readonly policy: CompiledPolicy;
  readonly error: unknown;
}

/**
 * Evaluates the policies of an action like Cedar: a forbid wins, then a permit, else the request is
 * denied. Evaluates every policy, because an error in any of them invalidates the decision.
 */
export function evaluatePolicies(
  policies: readonly CompiledPolicy[],
  request: PolicyRequest,
): Evaluation {
  const errors: PolicyError[] = [];
  const applies = (policy: CompiledPolicy): boolean => {
    try {
      return policy.clauses.every((clause) =>
        'when' in clause ? clause.when(request) : !clause.unless(request),
      );
    } catch (error) {
      errors.push({ policy, error });
      return false;
    }
  };
  const applicable = policies.filter(applies);
  const forbids = applicable.filter(({ effect }) => effect === 'forbid');
  const allowed = forbids.length === 0 && applicable.length > 0;
  return { allowed, deciding: forbids.length > 0 ? forbids : applicable, errors };
}

/** Groups policies by the actions of their scopes, in the order of the sources. */
export function groupByAction(
  policies: readonly CompiledPolicy[],
): ReadonlyMap<string, readonly CompiledPolicy[]> {
  const groups = new Map<string, CompiledPolicy[]>();
  for (const policy of policies) {
    const actions = typeof policy.action === 'string' ? [policy.action] : policy.action;
    for (const action of actions) {
      const group = groups.get(action);
      if (group) group.push(policy);
      else groups.set(action, [policy]);
    }
  }
  return groups;
}
