import type { RequestLog } from '../../../domain/connections/request-log.ts';
import { assertRequired } from '../parse-resource.ts';
import type { ResourceSchema, ScimResource } from '../schema/attribute.ts';
import { applyStep } from './apply-step.ts';
import { atPosition, readOperations } from './patch-operations.ts';
import { resolveOperation } from './resolve-operation.ts';

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
  const result = steps.reduce(
    (current, step) => atPosition(step.operation.position, () => applyStep(current, step, log)),
    resource,
  );
  assertRequired(result, schema);
  return result;
}
