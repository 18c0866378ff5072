import type { RequestLog } from '../../../domain/connections/request-log.ts';
import { Failure } from '../../../domain/kernel/failure.ts';
import { isJsonObject } from '../../../domain/kernel/json-merge-patch.ts';
import type { Filter } from '../filter/filter.ts';
import { matches } from '../filter/matches.ts';
import type { ValuePath } from '../filter/parse-filter.ts';
import { assertList, isUnassigned, parseList, parseSingle, parseValue } from '../parse-value.ts';
import { reportQuirk } from '../quirks.ts';
import { readAttribute, writeAttribute, writeMember } from '../resource-attributes.ts';
import type { Attribute, ScimResource } from '../schema/attribute.ts';
import { findByName, formatAttributePath } from '../schema/find-attribute.ts';
import { addValues, removeValues } from './value-lists.ts';
import type { Step } from './resolve-operation.ts';

/** Applies a change. Throws `invalid_input`, `no_target` or `immutable_attribute`. */
export function applyStep(resource: ScimResource, step: Step, log: RequestLog): ScimResource {
  const { operation, target, value } = step;
  const current = readAttribute(resource, target);
  const isRemoval = operation.name === 'remove' || isUnassigned(value);
  if (isRemoval) {
    if (operation.name === 'add') return resource;
    return writeAttribute(resource, target, remove(current, step, log));
  }
  const next = set(current, step, log);
  if (next === undefined) assertRemovable(target);
  if (Array.isArray(next)) assertList(target.attribute, next, formatAttributePath(target));
  return writeAttribute(resource, target, next);
}

/** Throws `immutable_attribute` if the whole attribute is required. */
function assertRemovable({ attribute, subAttribute, filter }: ValuePath): void {
  if (!attribute.required || subAttribute || filter) return;
  throw new Failure('immutable_attribute', `${attribute.name} is required and cannot be removed`);
}

/** Returns the rest of a value after a removal. Undefined for none. */
function remove(current: unknown, { operation, target, value }: Step, log: RequestLog): unknown {
  assertRemovable(target);
  const { attribute, subAttribute, filter } = target;
  const removesListed =
    operation.name === 'remove' && attribute.multiValued && value !== undefined && value !== null;
  if (!filter && !subAttribute) {
    if (!removesListed) return undefined;
    reportQuirk(log, 'remove-with-value');
    const listed = parseList(attribute, value, { path: attribute.name, log }) ?? [];
    return removeValues(attribute, toList(current), listed);
  }
  const rest = toList(current).flatMap((each) => {
    if (filter && !matches(filter, each)) return [each];
    const reduced = subAttribute ? writeMember(each, subAttribute.name, undefined) : {};
    return Object.keys(reduced).length > 0 ? [reduced] : [];
  });
  return fromList(attribute, rest);
}

const toList = (value: unknown): readonly ScimResource[] => {
  if (Array.isArray(value)) return value as readonly ScimResource[];
  return value === undefined ? [] : [value as ScimResource];
};

const fromList = ({ multiValued }: Attribute, list: readonly ScimResource[]): unknown =>
  multiValued ? list : list[0];

/** Returns the value after an `add` or `replace`. */
function set(current: unknown, step: Step, log: RequestLog): unknown {
  const { operation, target, value } = step;
  const { attribute, subAttribute, filter } = target;
  const context = { path: formatAttributePath(target), log };
  if (attribute.type !== 'complex') return parseValue(attribute, value, context);
  if (filter || subAttribute || !attribute.multiValued) return setParts(current, step, log);
  const values = parseList(attribute, value, context);
  return operation.name === 'add' ? addValues(attribute, toList(current), values ?? []) : values;
}

/** Sets a sub-attribute, or several, of the selected values. */
function setParts(current: unknown, step: Step, log: RequestLog): unknown {
  const { attribute, filter } = step.target;
  const merge = parseParts(step, log);
  const list = toList(current);
  const isSelected = list.map((each) => !filter || matches(filter, each));
  if (!isSelected.includes(true)) {
    const created = merge(createValue(step, list, log));
    return fromList(attribute, addValues(attribute, list, [created]).filter(hasMembers));
  }
  const changed = list.map((each, index) => (isSelected[index] ? merge(each) : each));
  const isNewPrimary = changed.some((each, index) => isSelected[index] && each['primary'] === true);
  const result = changed.map((each, index) =>
    isNewPrimary && !isSelected[index] ? withoutPrimary(each) : each,
  );
  return fromList(attribute, result.filter(hasMembers));
}

const withoutPrimary = (value: ScimResource): ScimResource =>
  value['primary'] === true ? { ...value, primary: false } : value;

const hasMembers = (value: ScimResource): boolean => Object.keys(value).length > 0;

/** Parses the new parts of a value. Unassigned parts are removed. */
function parseParts(
  { target, value }: Step,
  log: RequestLog,
): (value: ScimResource) => ScimResource {
  const { attribute, subAttribute } = target;
  const context = { path: formatAttributePath(target), log };
  if (subAttribute) {
    const parsed = parseValue(subAttribute, value, context);
    return (each) => writeMember(each, subAttribute.name, parsed);
  }
  const [single] = Array.isArray(value) && value.length === 1 ? (value as unknown[]) : [value];
  if (single !== value) reportQuirk(log, 'single-value-list');
  const parsed = (parseSingle(attribute, single, context) ?? {}) as ScimResource;
  const removed = isJsonObject(single) ? findUnassigned(attribute, single) : [];
  return (each) =>
    removed.reduce((rest, name) => writeMember(rest, name, undefined), { ...each, ...parsed });
}

const findUnassigned = ({ subAttributes = [] }: Attribute, value: ScimResource) =>
  Object.entries(value).flatMap(([name, each]) => {
    const attribute = isUnassigned(each) ? findByName(subAttributes, name) : undefined;
    return attribute && attribute.mutability !== 'readOnly' ? [attribute.name] : [];
  });

/** Creates the value that a path selects, if its filter has only equalities. */
function createValue(
  { operation, target: { attribute, filter } }: Step,
  list: readonly ScimResource[],
  log: RequestLog,
): ScimResource {
  if (!filter) return {};
  const members = toMembers(filter);
  const isEntra = operation.name === 'replace' && operation.isCapitalized;
  const canCreate = operation.name === 'add' || isEntra;
  if (!members || !canCreate || (!attribute.multiValued && list.length > 0))
    throw new Failure('no_target', `no value of ${attribute.name} matches the filter of path`);
  if (isEntra) reportQuirk(log, 'replace-creates');
  return members;
}

/** Sub-attributes of a filter of equalities joined by `and`. Undefined for another filter. */
function toMembers(filter: Filter): ScimResource | undefined {
  if (filter.kind === 'and') {
    const terms = filter.terms.map(toMembers);
    return terms.every((term) => term !== undefined) ? Object.assign({}, ...terms) : undefined;
  }
  if (filter.kind !== 'compare' || filter.operator !== 'eq') return undefined;
  const { name, mutability } = filter.path.attribute;
  return mutability === 'readOnly' ? undefined : { [name]: filter.value };
}
