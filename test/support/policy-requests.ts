/** Requests of the policies, and the outcomes of Cedar's engine for them. */
import { decodeOutcomes, readEngineAnswers } from '../../infra/build/policies/engine-answers.ts';
import type { Outcome } from '../../infra/build/policies/engine.ts';
import {
  createRequestSpace,
  type RequestSpace,
  type SampleRequest,
} from '../../infra/build/policies/request-space.ts';
import { parseSchema } from '../../infra/build/policies/schema.ts';
import { readPolicies, readSchema } from '../../infra/build/policies/sources.ts';
import {
  type CompiledPolicy,
  evaluatePolicies,
  groupByAction,
  type PolicyRequest,
} from '../../lib/domain/access/compiled-policy.ts';

export const policies = readPolicies();
export const schema = parseSchema(readSchema());
export const actions = Object.keys(schema.contexts);
export const engineAnswers = readEngineAnswers();

interface AnsweredSpace {
  readonly space: RequestSpace;
  /** Outcome of each request. */
  readonly outcomes: readonly string[];
}

const spaces = new Map<string, AnsweredSpace>();
/** Gets the requests of an action with the outcomes of the engine. */
export function getSpace(action: string): AnsweredSpace {
  const cached = spaces.get(action);
  if (cached) return cached;
  const encoded = engineAnswers.actions[action];
  const created = {
    space: createRequestSpace(action, policies, schema),
    outcomes: encoded ? decodeOutcomes(encoded) : [],
  };
  spaces.set(action, created);
  return created;
}

const groups = new WeakMap<readonly CompiledPolicy[], ReturnType<typeof groupByAction>>();
/** Decides a request with compiled policies. */
export function decide(compiled: readonly CompiledPolicy[], request: SampleRequest): Outcome {
  const group = groups.get(compiled) ?? groupByAction(compiled);
  groups.set(compiled, group);
  const { allowed, deciding, errors } = evaluatePolicies(
    group.get(request.action) ?? [],
    request as unknown as PolicyRequest,
  );
  return {
    allowed,
    deciding: deciding.map(({ id }) => id),
    errors: errors.map(({ policy }) => policy.id),
  };
}
