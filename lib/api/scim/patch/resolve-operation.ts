import type { RequestLog } from '../../../domain/connections/request-log.ts';
import { Failure } from '../../../domain/kernel/failure.ts';
import { isJsonObject } from '../../../domain/kernel/json-merge-patch.ts';
import { invalidWireInput } from '../../unknown-names.ts';
import { findValuePath, parseValuePath, type ValuePath } from '../filter/parse-filter.ts';
import { isPassword, isSameId, listFields, skipUnknown } from '../parse-resource.ts';
import { reportQuirk } from '../quirks.ts';
import type { ResourceSchema, Schema } from '../schema/attribute.ts';
import { findPath, formatAttributePath, type SchemaPath } from '../schema/find-attribute.ts';
import type { PatchOperation } from './patch-operations.ts';

/** Change of one attribute, or of a part of its values. */
export interface Step {
  readonly operation: PatchOperation;
  readonly target: ValuePath;
  readonly value: unknown;
}

interface ResolveContext {
  /** ID of the resource, which operations can repeat. */
  readonly id: unknown;
  readonly schema: ResourceSchema;
  readonly log: RequestLog;
}

/** Target of a path: an attribute, or a whole schema. */
export type PatchTarget = ValuePath | SchemaPath;

/**
 * Finds the attributes that an operation changes. Throws `no_target`, `invalid_path`,
 * `immutable_attribute` or `invalid_input`.
 */
export function resolveOperation(
  operation: PatchOperation,
  context: ResolveContext,
): readonly Step[] {
  const { name, path, value } = operation;
  if (name !== 'remove' && value === undefined)
    throw invalidWireInput([{ path: 'value', message: 'is required' }]);
  if (path === undefined) {
    if (name === 'remove')
      throw new Failure('no_target', 'path is required to remove an attribute');
    return resolveFields(value, operation, context);
  }
  const target = findTarget(path, context);
  if (!target) {
    skipUnknown(path, context.log);
    return [];
  }
  if (!('schema' in target)) return resolveTarget(target, value, { operation, context });
  return name === 'remove' || value === null
    ? removeSchema(target.schema, operation, context)
    : resolveFields(value, operation, context, target.schema.id);
}

type FindContext = Pick<ResolveContext, 'schema' | 'log'>;

/** Finds the target of a path. Undefined for a password. Throws `invalid_path`. */
export function findTarget(path: string, { schema, log }: FindContext): PatchTarget | undefined {
  // No filter can compare a password, but operations can set it.
  const found = findPath(path, schema, log);
  return found ?? (isPassword(path) ? undefined : parseValuePath(path, schema, log));
}

/** Resolves the fields of a value without a path. Ignores unknown and read-only ones. */
function resolveFields(
  value: unknown,
  operation: PatchOperation,
  context: ResolveContext,
  urn?: string,
): readonly Step[] {
  if (!isJsonObject(value))
    throw invalidWireInput([{ path: 'value', message: 'must be an object' }]);
  return listFields(value, 'value').flatMap(([name, each]): readonly Step[] => {
    const path = urn === undefined ? name : `${urn}:${name}`;
    const target = findValuePath(path, context.schema, context.log);
    if (!target) {
      skipUnknown(path, context.log);
      return [];
    }
    if ('schema' in target) {
      return each === null
        ? removeSchema(target.schema, operation, context)
        : resolveFields(each, operation, context, target.schema.id);
    }
    if (target.subAttribute || target.filter) reportQuirk(context.log, 'dotted-name');
    if (isReadOnly(target) && target.attribute.name !== 'id') return [];
    return resolveTarget(target, each, { operation, context });
  });
}

const isReadOnly = ({ attribute, subAttribute }: ValuePath): boolean =>
  attribute.mutability === 'readOnly' || subAttribute?.mutability === 'readOnly';

function resolveTarget(
  target: ValuePath,
  value: unknown,
  { operation, context }: { readonly operation: PatchOperation; readonly context: ResolveContext },
): readonly Step[] {
  const { name } = target.attribute;
  const repeatsId = name === 'id' && operation.name !== 'remove' && isSameId(value, context.id);
  if (name === 'schemas' || repeatsId) return [];
  if (isReadOnly(target))
    throw new Failure('immutable_attribute', `${formatAttributePath(target)} cannot be changed`);
  return [{ operation, target, value }];
}

/** Removes every attribute of an extension that can be written. */
function removeSchema(
  { id, attributes }: Schema,
  operation: PatchOperation,
  { schema }: ResolveContext,
): readonly Step[] {
  if (id === schema.core.id)
    throw new Failure('immutable_attribute', `${id} has required attributes and cannot be removed`);
  return attributes
    .filter(({ mutability }) => mutability !== 'readOnly')
    .map((attribute) => ({ operation, target: { extension: id, attribute }, value: null }));
}
