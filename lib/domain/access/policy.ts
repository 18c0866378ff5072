import {
  type AuthorizationAnswer,
  type PolicyJson,
  preparsePolicySet,
  statefulIsAuthorized,
} from '@cedar-policy/cedar-wasm/nodejs';
import type { RequestContext } from './request-context.ts';
import { Failure } from '../kernel/failure.ts';
import { listRequired } from './required-permissions.ts';
import { findMissing, type Permission } from './permissions.ts';
import compiled from './policies/compiled.json' with { type: 'json' };

/** Actions of the policies, with the context of each in addition to the dialect. */
export interface PolicyContexts {
  createUser: GrantContext;
  getUser: EmptyContext;
  updateUser: GrantContext & {
    readonly self: boolean;
    readonly setsPassword: boolean;
    readonly administratorsSetPasswords: boolean;
  };
  deleteUser: EmptyContext;
  eraseUser: EmptyContext;
  inviteUser: EmptyContext;
  copyInvitationLink: EmptyContext;
  useOwnAccount: EmptyContext;

  readAppClient: EmptyContext;
  writeAppClient: GrantContext;
  readRole: EmptyContext;
  writeRole: Pick<GrantContext, 'grantedPermissions'>;
  createTenant: EmptyContext;
  readTenant: { readonly all: boolean };
  updateTenant: { readonly fields: readonly string[]; readonly owner: boolean };
  suspendTenant: EmptyContext;
  transferOwnership: { readonly owner: boolean };
}

type EmptyContext = Record<never, never>;

interface GrantContext {
  readonly grantedPermissions: readonly Permission[];
  readonly assignsRoles: boolean;
}

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

const maxCachedDecisions = 1000;
let policySetCount = 0;

type EvaluationContext = Pick<RequestContext, 'principal' | 'tenant' | 'dialect'>;

/** Builds a Cedar request. Policies read attributes only, so it does not identify the caller. */
function buildRequest(
  { principal, tenant, dialect }: EvaluationContext,
  action: string,
  policyContext: object,
) {
  const { tenantId, permissions, systemAdministrator } = principal;
  const uid = { type: 'Roster::Principal', id: 'caller' };
  const tenantAttribute = tenantId && {
    tenant: { __entity: { type: 'Roster::Tenant', id: tenantId } },
  };
  const attrs = { ...tenantAttribute, permissions: [...permissions], systemAdministrator };
  return {
    principal: uid,
    action: { type: 'Roster::Action', id: action },
    resource: { type: 'Roster::Tenant', id: tenant.tenantId },
    context: { dialect, ...policyContext },
    entities: [{ uid, attrs, parents: [] }],
  };
}

/** Creates a policy from Cedar policies in JSON format. Parses and warms up the engine. */
export function createPolicy(policies: Readonly<Record<string, unknown>> = compiled): Policy {
  const staticPolicies = policies as Record<string, PolicyJson>;
  const preparsedPolicySetId = `policies-${++policySetCount}`;
  const parseAnswer = preparsePolicySet(preparsedPolicySetId, { staticPolicies });
  const decisionCache = new Map<string, AuthorizationAnswer>();

  // Callers with equal attributes share cached decisions.
  const evaluate = (context: EvaluationContext, action: string, policyContext: object) => {
    const request = { ...buildRequest(context, action, policyContext), preparsedPolicySetId };
    const key = JSON.stringify(request);
    const cachedDecision = decisionCache.get(key);
    if (cachedDecision) return cachedDecision;
    const answer = statefulIsAuthorized(request);
    if (decisionCache.size >= maxCachedDecisions) decisionCache.clear();
    decisionCache.set(key, answer);
    return answer;
  };

  const buildForbidden = (
    decidingIds: readonly string[],
    { principal }: RequestContext,
    policyContext: object,
  ): Failure => {
    const decidingPolicies = decidingIds.flatMap((id) => staticPolicies[id] ?? []);
    return new Failure('forbidden', 'You are not allowed to do this', {
      notices: decidingPolicies.flatMap(({ annotations }) => annotations?.['notice'] ?? []),
      missingPermissions: findMissing(
        decidingPolicies.flatMap((policy) => listRequired(policy, policyContext)),
        principal.permissions,
      ),
    });
  };
  const listPermitting = (action: string): string[] =>
    Object.keys(staticPolicies).filter((id) => permits(staticPolicies[id], action));

  // The first decision compiles the engine (tens of milliseconds). Requests must not wait for it.
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
      // Cedar skips a policy that fails to evaluate. If that is a forbid, a permit could win.
      if (
        parseAnswer.type === 'failure' ||
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
      if (!allowed) throw buildForbidden(policies, context, policyContext);
    },
  };
}

let deployedPolicy: Policy | undefined;
/** Policies of this deployment, created once per process. */
export const getDeployedPolicy = (): Policy => (deployedPolicy ??= createPolicy());

const permits = (policy: PolicyJson | undefined, action: string): boolean =>
  policy?.effect === 'permit' &&
  policy.action.op === '==' &&
  'entity' in policy.action &&
  JSON.stringify(policy.action.entity).includes(`"${action}"`);
