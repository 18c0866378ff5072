import {
  type AuthorizationAnswer,
  type PolicyJson,
  preparsePolicySet,
  statefulIsAuthorized,
} from '@cedar-policy/cedar-wasm/nodejs';
import type { RequestContext } from './request-context.ts';
import { Failure } from '../kernel/failure.ts';
import { findMissing, listRequired } from './missing-permissions.ts';
import compiled from './policies/compiled.json' with { type: 'json' };
import type { Permission } from '../roles/role.ts';

/** The operations that the policies know, with what each has to say besides who, where and in which dialect. */
export interface PolicyContexts {
  createUser: {
    readonly grantedPermissions: readonly Permission[];
    readonly assignsRoles: boolean;
  };
  getUser: Record<never, never>;
  updateUser: {
    readonly grantedPermissions: readonly Permission[];
    readonly assignsRoles: boolean;
    readonly self: boolean;
    readonly setsPassword: boolean;
    readonly administratorsSetPasswords: boolean;
  };
  deleteUser: Record<never, never>;
  eraseUser: Record<never, never>;
  inviteUser: Record<never, never>;
  copyInvitationLink: Record<never, never>;
  useOwnAccount: Record<never, never>;

  readAppClient: Record<never, never>;
  writeAppClient: {
    readonly grantedPermissions: readonly Permission[];
    readonly assignsRoles: boolean;
  };
  readRole: Record<never, never>;
  writeRole: { readonly grantedPermissions: readonly Permission[] };
  createTenant: Record<never, never>;
  readTenant: { readonly all: boolean };
  updateTenant: { readonly fields: readonly string[]; readonly owner: boolean };
  suspendTenant: Record<never, never>;
  transferOwnership: { readonly owner: boolean };
}

/** Decision of the policies: the IDs of those that decided, or of those that would have permitted it. */
export interface Decision {
  readonly allowed: boolean;
  readonly policies: readonly string[];
}

export interface Policy {
  /**
   * Asks whether the call may do this in its tenant, and notes the decision on the call. Throws `forbidden` with the
   * notices of the policies that denied, and `unavailable` when the policies cannot be evaluated: never a permit.
   */
  authorize<Name extends keyof PolicyContexts>(
    context: RequestContext,
    action: Name,
    policyContext: PolicyContexts[Name],
  ): void;
}

const maxCachedDecisions = 1000;
let policySets = 0;

/** A policy engine (Cedar) over these policies, parsed and warm. */
export function createPolicy(policies: Readonly<Record<string, unknown>> = compiled): Policy {
  const staticPolicies = policies as Record<string, PolicyJson>;
  const preparsedPolicySetId = `policies-${++policySets}`;
  const parsed = preparsePolicySet(preparsedPolicySetId, { staticPolicies });
  const decisionCache = new Map<string, AuthorizationAnswer>();

  const evaluate = (
    { principal, tenant, dialect }: Pick<RequestContext, 'principal' | 'tenant' | 'dialect'>,
    action: string,
    more: object,
  ) => {
    const resource = { type: 'Roster::Tenant', id: tenant.tenantId };
    const { tenantId, permissions, systemAdministrator } = principal;
    // Who it is decides nothing, what they hold does: so one decision serves all who hold the same.
    const uid = { type: 'Roster::Principal', id: 'caller' };
    const tenantOfPrincipal = tenantId && {
      tenant: { __entity: { type: 'Roster::Tenant', id: tenantId } },
    };
    const question = {
      principal: uid,
      action: { type: 'Roster::Action', id: action },
      resource,
      context: { dialect, ...more },
      entities: [
        {
          uid,
          attrs: { ...tenantOfPrincipal, permissions: [...permissions], systemAdministrator },
          parents: [],
        },
      ],
      preparsedPolicySetId,
    };
    const key = JSON.stringify(question);
    const cachedDecision = decisionCache.get(key);
    if (cachedDecision) return cachedDecision;
    const answer = statefulIsAuthorized(question);
    if (decisionCache.size >= maxCachedDecisions) decisionCache.clear();
    decisionCache.set(key, answer);
    return answer;
  };

  /** The denial by the policies that decided; where none did, by those that would have permitted the action. */
  const deny = (
    deciding: readonly string[],
    { principal }: RequestContext,
    policyContext: object,
  ): Failure => {
    const found = deciding.flatMap((id) => staticPolicies[id] ?? []);
    return new Failure('forbidden', 'You are not allowed to do this', {
      notices: found.flatMap(({ annotations }) => annotations?.['notice'] ?? []),
      missingPermissions: findMissing(
        found.flatMap((policy) => listRequired(policy, policyContext)),
        principal.permissions,
      ),
    });
  };
  const listPermitting = (action: string): string[] =>
    Object.keys(staticPolicies).filter((id) => permits(staticPolicies[id], action));

  // The first decision compiles the engine's code (tens of milliseconds), so it is made here and not in a request.
  const warmupPrincipal = {
    issuer: '',
    subject: '',
    subjectIsUser: false,
    roles: [],
    permissions: [],
    systemAdministrator: false,
  };
  evaluate(
    {
      principal: warmupPrincipal,
      tenant: { tenantId: '' } as RequestContext['tenant'],
      dialect: '',
    },
    'getUser',
    {},
  );

  return {
    authorize(context, action, policyContext) {
      const answer = evaluate(context, action, policyContext);
      // A policy that failed to evaluate is skipped by Cedar; had it been a forbid, a permit could win.
      if (
        parsed.type === 'failure' ||
        answer.type === 'failure' ||
        answer.response.diagnostics.errors.length > 0
      ) {
        throw new Failure('unavailable', 'The policies cannot be evaluated', {
          cause: new Error('policy evaluation failed'),
        });
      }
      const { decision, diagnostics } = answer.response;
      const allowed = decision === 'allow';
      const isDecided = allowed || diagnostics.reason.length > 0;
      const policies = isDecided ? diagnostics.reason : listPermitting(action);
      context.decisions.push({ allowed, policies });
      if (!allowed) throw deny(policies, context, policyContext);
    },
  };
}

let deployed: Policy | undefined;
/** The policies of this deployment: parsed and warmed once, for all functions that share a process. */
export const getDeployedPolicy = (): Policy => (deployed ??= createPolicy());

const permits = (policy: PolicyJson | undefined, action: string): boolean =>
  policy?.effect === 'permit' &&
  policy.action.op === '==' &&
  'entity' in policy.action &&
  JSON.stringify(policy.action.entity).includes(`"${action}"`);
