import type { RequestLog } from '../../../domain/connections/request-log.ts';
import { Failure } from '../../../domain/kernel/failure.ts';
import { isJsonObject } from '../../../domain/kernel/json-merge-patch.ts';
import { invalidWireInput } from '../../unknown-names.ts';
import { reportQuirk } from '../quirks.ts';

const operationNames = ['add', 'replace', 'remove'] as const;

/** Operation of a PATCH (RFC 7644 §3.5.2). */
export interface PatchOperation {
  /** Position in the request, counted from 1. */
  readonly position: number;
  readonly name: (typeof operationNames)[number];
  /** True for `Replace`, as Entra ID spells it. */
  readonly isCapitalized: boolean;
  readonly path?: string;
  /** Undefined if absent. */
  readonly value: unknown;
}

/** Body of a PATCH. */
export interface PatchBody {
  readonly Operations: readonly unknown[];
}

const maxOperations = 1000;

/** Operation without an effect, which preserves the positions of the others. */
export const noOperation: object = Object.freeze({ op: 'add', value: {} });

/** Reads the operations of a body. Throws `malformed_json`, or `invalid_input` above 1,000. */
export function readOperations(body: unknown, log: RequestLog): readonly PatchOperation[] {
  const operations = readOperationList(body);
  assertOperationCount(operations);
  return operations.map((operation, index) =>
    atPosition(index + 1, () => readOperation(operation, index + 1, log)),
  );
}

/** Finds the list of operations in a body. Throws `malformed_json` without one. */
export function readOperationList(body: unknown): readonly unknown[] {
  const operations = readField(body, 'operations');
  if (Array.isArray(operations)) return operations;
  throw malformed('Operations must be a list of operations');
}

/** Throws `invalid_input` for too many operations. */
export function assertOperationCount(operations: readonly unknown[]): void {
  const count = operations.filter((operation) => operation !== noOperation).length;
  if (count <= maxOperations) return;
  throw invalidWireInput([
    { path: 'Operations', message: `must have at most ${maxOperations} operations` },
  ]);
}

/** Reads an operation. Throws `malformed_json` or `invalid_path`. */
export function readOperation(
  operation: unknown,
  position: number,
  log: RequestLog,
): PatchOperation {
  const op = readField(operation, 'op');
  const name = operationNames.find((each) => typeof op === 'string' && each === op.toLowerCase());
  if (!name) throw malformed('op must be add, replace or remove');
  if (op !== name) reportQuirk(log, 'capitalized-operation');
  const path = readField(operation, 'path') ?? undefined;
  if (path !== undefined && typeof path !== 'string')
    throw new Failure('invalid_path', 'path must be a string');
  if (path === '') reportQuirk(log, 'empty-path');
  return {
    position,
    name,
    isCapitalized: op !== name,
    ...(path !== undefined && path.trim() !== '' && { path: path.trim() }),
    value: readField(operation, 'value'),
  };
}

/** Reads a field by its name in lower case. */
const readField = (value: unknown, name: string): unknown =>
  isJsonObject(value)
    ? Object.entries(value).find(([key]) => key.toLowerCase() === name)?.[1]
    : undefined;

const malformed = (message: string): Failure => new Failure('malformed_json', message);

/** Runs a step of an operation. Failures name the position of the operation. */
export function atPosition<T>(position: number, run: () => T): T {
  try {
    return run();
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    const prefix = `Operation ${position}: `;
    const issues = error.details.issues?.map((issue) => ({
      ...issue,
      path: `${prefix}${issue.path}`,
    }));
    throw new Failure(error.code, `${prefix}${error.message}`, {
      details: { ...error.details, ...(issues && { issues }) },
      hasWirePaths: true,
      cause: error,
    });
  }
}
