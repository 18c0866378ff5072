import type { RequestLog } from '../../../domain/connections/request-log.ts';
import { Failure } from '../../../domain/kernel/failure.ts';
import { isJsonObject } from '../../../domain/kernel/json-merge-patch.ts';
import { invalidWireInput } from '../../unknown-names.ts';
import type { Filter } from '../filter/filter.ts';
import { findValuePath, type ValuePath } from '../filter/parse-filter.ts';
import { parseList } from '../parse-value.ts';
import { reportQuirk } from '../quirks.ts';
import { readMember } from '../resource-attributes.ts';
import type { ResourceSchema } from '../schema/attribute.ts';
import {
  assertOperationCount,
  atPosition,
  noOperation,
  type PatchBody,
  type PatchOperation,
  readOperation,
  readOperationList,
} from './patch-operations.ts';
import { findTarget, type PatchTarget } from './resolve-operation.ts';

/** Change of the members of a group. IDs are without repetitions. */
export type MemberOperation =
  | { readonly kind: 'add' | 'remove' | 'replace'; readonly ids: readonly string[] }
  | { readonly kind: 'clear' };

interface SplitPatch {
  /** Operations on other attributes, at the same positions. */
  readonly rest: PatchBody;
  /** In the order of the operations. */
  readonly members: readonly MemberOperation[];
}

/**
 * Separates the changes of members from a PATCH of a group, because members are not part of the
 * group. Their number is limited only by the size of the body.
 */
export function splitMemberOperations(
  body: unknown,
  schema: ResourceSchema,
  log: RequestLog,
): SplitPatch {
  const parts = readOperationList(body).map((operation, index) =>
    atPosition(index + 1, () => splitOperation(operation, index + 1, { schema, log })),
  );
  const rest = parts.map(({ rest }) => rest);
  assertOperationCount(rest);
  return { rest: { Operations: rest }, members: parts.flatMap(({ members }) => members) };
}

interface SplitContext {
  readonly schema: ResourceSchema;
  readonly log: RequestLog;
}

interface SplitPart {
  readonly rest: unknown;
  readonly members: readonly MemberOperation[];
}

function splitOperation(sent: unknown, position: number, context: SplitContext): SplitPart {
  const operation = readOperation(sent, position, context.log);
  const { name, path, value } = operation;
  if (path !== undefined) {
    const target = findTarget(path, context);
    return isMembers(target)
      ? { rest: noOperation, members: toOperations(operation, target, context.log) }
      : { rest: sent, members: [] };
  }
  if (name === 'remove' || !isJsonObject(value)) return { rest: sent, members: [] };
  const fields = Object.entries(value).map(([key, each]) => {
    const target = findValuePath(key, context.schema);
    const field = { ...operation, value: each };
    return isMembers(target)
      ? { members: toOperations(field, target, context.log) }
      : { entry: [key, each] as const };
  });
  const entries = fields.flatMap(({ entry }) => (entry ? [entry] : []));
  return {
    rest:
      entries.length === fields.length
        ? sent
        : { op: sentName(operation), value: Object.fromEntries(entries) },
    members: fields.flatMap(({ members = [] }) => members),
  };
}

/** Preserves the spelling of the operation. */
const sentName = ({ name, isCapitalized }: PatchOperation): string =>
  isCapitalized ? name.charAt(0).toUpperCase() + name.slice(1) : name;

const isMembers = (target: PatchTarget | undefined): target is ValuePath =>
  target !== undefined && 'attribute' in target && target.attribute.name === 'members';

/** Converts an operation on members. Throws `invalid_path` or `invalid_input`. */
function toOperations(
  operation: PatchOperation,
  { attribute, subAttribute, filter }: ValuePath,
  log: RequestLog,
): readonly MemberOperation[] {
  const { name, value } = operation;
  if (subAttribute && subAttribute.name !== 'value') {
    log.skip('read-only attribute', { name: `members.${subAttribute.name}` });
    return [];
  }
  if (filter) return [selectMembers(name, filter)];
  if (name !== 'remove' && value === undefined)
    throw invalidWireInput([{ path: 'value', message: 'is required' }]);
  if (name === 'remove' && value !== undefined && value !== null)
    reportQuirk(log, 'remove-with-value');
  const isEmpty = value === undefined || value === null;
  if (name !== 'add' && isEmpty) return [{ kind: 'clear' }];
  const sent = parseList(attribute, value, { path: attribute.name, log }) ?? [];
  const ids = readMemberIds(sent, log);
  if (name === 'replace') return [ids.length === 0 ? { kind: 'clear' } : { kind: name, ids }];
  return ids.length === 0 ? [] : [{ kind: name, ids }];
}

function selectMembers(kind: PatchOperation['name'], filter: Filter): MemberOperation {
  const ids = collectIds(filter);
  if (ids && kind !== 'replace') return { kind, ids: [...new Set(ids)] };
  throw new Failure(
    'invalid_path',
    'path can select members only by value, and only to add or remove them',
  );
}

/** IDs in a filter such as `value eq "1" or value eq "2"`. Undefined for another filter. */
function collectIds(filter: Filter): readonly string[] | undefined {
  if (filter.kind === 'or') {
    const ids = filter.terms.map(collectIds);
    return ids.every((each) => each !== undefined) ? ids.flat() : undefined;
  }
  if (filter.kind !== 'compare' || filter.operator !== 'eq') return undefined;
  return filter.path.attribute.name === 'value' ? [String(filter.value)] : undefined;
}

/** Reads the ID of a member: `value`, else the last part of `$ref`. */
function readMemberId(member: unknown): string | undefined {
  const [value, ref] = [readMember(member, 'value'), readMember(member, '$ref')];
  if (typeof value === 'string') return value;
  return typeof ref === 'string' ? ref.slice(ref.lastIndexOf('/') + 1) : undefined;
}

/** Reads the IDs of members. Throws `invalid_input` if no member of a list has one. */
export function readMemberIds(members: readonly unknown[], log: RequestLog): readonly string[] {
  const ids = members.map(readMemberId);
  const texts = ids.filter((id) => id !== undefined);
  if (texts.length < ids.length) log.skip('member without value');
  if (members.length > 0 && texts.length === 0)
    throw invalidWireInput([{ path: 'members.0.value', message: 'is required' }]);
  return [...new Set(texts)];
}
