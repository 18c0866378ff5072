import type { RequestLog } from '../../../domain/connections/request-log.ts';
import { invalidWireInput } from '../../unknown-names.ts';
import type { Filter } from '../filter/filter.ts';
import { assertRequired } from '../parse-resource.ts';
import { readAttribute } from '../resource-attributes.ts';
import type { ResourceSchema, ScimResource } from '../schema/attribute.ts';
import { applyStep } from './apply-step.ts';
import { atPosition, readOperations } from './patch-operations.ts';
import { resolveOperation, type Step } from './resolve-operation.ts';

/** Bounds the time of operations on long lists of values. */
const maxComparisons = 20_000;

/**
 * Applies a PATCH (RFC 7644 §3.5.2) to a copy of the resource, completely or not at all. Resolves
 * every path before the first change. Throws `malformed_json`, `invalid_input`, `invalid_path`,
 * `no_target` or `immutable_attribute` with the position of the operation.
 */
export function applyPatch(
  resource: ScimResource,
  body: unknown,
  schema: ResourceSchema,
  log: RequestLog,
): ScimResource {
  const context = { id: resource['id'], schema, log };
  const steps = readOperations(body, log).flatMap((operation) =>
    atPosition(operation.position, () => resolveOperation(operation, context)),
  );
  let comparisons = 0;
  const result = steps.reduce((current, step) => {
    comparisons += countComparisons(current, step);
    if (comparisons > maxComparisons) throw tooManyComparisons();
    return atPosition(step.operation.position, () => applyStep(current, step, log));
  }, resource);
  assertRequired(result, schema);
  return result;
}

/** Counts the comparisons of the existing values with the filter, or with the sent values. */
function countComparisons(resource: ScimResource, { target, value }: Step): number {
  const existing = readAttribute(resource, target);
  if (!Array.isArray(existing)) return 0;
  const perValue = target.filter
    ? countTerms(target.filter)
    : Array.isArray(value)
      ? value.length
      : 1;
  return existing.length * perValue;
}

function countTerms(filter: Filter): number {
  if (filter.kind === 'and' || filter.kind === 'or')
    return filter.terms.reduce((count, term) => count + countTerms(term), 0);
  return filter.kind === 'not' ? countTerms(filter.term) : 1;
}

const tooManyComparisons = () =>
  invalidWireInput([
    { path: 'Operations', message: `must compare at most ${maxComparisons} values` },
  ]);
