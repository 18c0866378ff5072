import {
  type AuthorizationCall,
  preparsePolicySet,
  statefulIsAuthorized,
} from '@cedar-policy/cedar-wasm/nodejs';
import type { SampleRequest } from './request-space.ts';
import { namespace, type PolicySchema } from './schema.ts';
import { type ParsedPolicy, toPolicySet } from './sources.ts';

/** Decision, with the IDs of the policies that decided or failed to evaluate. */
export interface Outcome {
  readonly allowed: boolean;
  readonly deciding: readonly string[];
  readonly errors: readonly string[];
}

/** Formats an outcome for comparison. The engine returns IDs in random order. */
export const formatOutcome = ({ allowed, deciding, errors }: Outcome): string =>
  [
    allowed ? 'allow' : 'deny',
    ...deciding.toSorted(),
    ...errors.toSorted().map((id) => `error:${id}`),
  ].join(' ');

const preparsedPolicySetId = 'policies';

/** Creates a function that decides with Cedar's own engine. */
export function createEngine(
  policies: readonly ParsedPolicy[],
  { resourceTypes }: PolicySchema,
): (request: SampleRequest) => Outcome {
  const parseAnswer = preparsePolicySet(preparsedPolicySetId, {
    staticPolicies: toPolicySet(policies),
  });
  if (parseAnswer.type === 'failure') throw new Error('The engine rejects the policies');
  return (request) => {
    const engineRequest = toEngineRequest(request, resourceTypes[request.action] ?? '');
    const answer = statefulIsAuthorized({ ...engineRequest, preparsedPolicySetId });
    if (answer.type === 'failure')
      throw new Error(answer.errors.map(({ message }) => message).join('; '));
    const { decision, diagnostics } = answer.response;
    return {
      allowed: decision === 'allow',
      deciding: diagnostics.reason,
      errors: diagnostics.errors.map(({ policyId }) => policyId),
    };
  };
}

function toEngineRequest(
  { principal, action, resource, context }: SampleRequest,
  resourceType: string,
) {
  const uid = { type: `${namespace}::Principal`, id: 'caller' };
  const { tenant, ...attributes } = principal;
  const attrs = {
    ...attributes,
    ...(tenant !== undefined && {
      tenant: { __entity: { type: `${namespace}::Tenant`, id: tenant } },
    }),
  } as AuthorizationCall['entities'][number]['attrs'];
  return {
    principal: uid,
    action: { type: `${namespace}::Action`, id: action },
    resource: { type: resourceType, id: resource },
    context: context as AuthorizationCall['context'],
    entities: [{ uid, attrs, parents: [] }],
  };
}
