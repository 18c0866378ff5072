import { Failure, invalidInput } from '../../../domain/kernel/failure.ts';
import { isJsonObject, type JsonObject } from '../../../domain/kernel/json-merge-patch.ts';

const methods = ['POST', 'PUT', 'PATCH', 'DELETE'] as const;

/** Operation of a bulk request (RFC 7644 §3.7). */
export interface BulkOperation {
  readonly method: (typeof methods)[number];
  readonly bulkId?: string | undefined;
  /** ETag of the expected version. */
  readonly version?: string | undefined;
  readonly path: string;
  readonly data?: unknown;
}

export interface BulkRequest {
  readonly operations: readonly BulkOperation[];
  /** Number of failures that stops the request. */
  readonly failOnErrors: number;
}

export const maxBulkOperations = 100;

const malformed = (message: string): Failure => new Failure('malformed_json', message);

/**
 * Parses a BulkRequest. Throws `malformed_json`, `invalid_input`, or `payload_too_large` for more
 * than 100 operations.
 */
export function parseBulk(body: unknown): BulkRequest {
  if (!isJsonObject(body)) throw malformed('The request body must be an object');
  const operations = readMember(body, 'Operations');
  if (!Array.isArray(operations)) throw malformed('Operations must be an array');
  if (operations.length > maxBulkOperations)
    throw new Failure(
      'payload_too_large',
      `A bulk request can have at most ${maxBulkOperations} operations`,
    );
  const parsed = operations.map(parseOperation);
  const bulkIds = parsed.flatMap(({ bulkId }) => (bulkId === undefined ? [] : [bulkId]));
  const repeatedId = bulkIds.find((bulkId, index) => bulkIds.indexOf(bulkId) !== index);
  if (repeatedId !== undefined) throw malformed('Each bulkId can have only one operation');
  return { operations: parsed, failOnErrors: parseFailOnErrors(body) };
}

function parseFailOnErrors(body: JsonObject): number {
  const value = readMember(body, 'failOnErrors') ?? Number.POSITIVE_INFINITY;
  if (typeof value === 'number' && value >= 1) return value;
  throw invalidInput({ path: 'failOnErrors', message: 'must be a number of at least 1' });
}

function parseOperation(operation: unknown, index: number): BulkOperation {
  const at = `Operations.${index}`;
  if (!isJsonObject(operation)) throw malformed(`${at} must be an object`);
  const readText = (name: string): string | undefined => {
    const value = readMember(operation, name) ?? undefined;
    if (value === undefined || typeof value === 'string') return value;
    throw malformed(`${at}.${name} must be a string`);
  };
  const sentMethod = readText('method')?.toUpperCase();
  const method = methods.find((name) => name === sentMethod);
  if (!method) throw malformed(`${at}.method must be one of ${methods.join(', ')}`);
  const path = readText('path');
  if (!path) throw malformed(`${at}.path is required`);
  const bulkId = readText('bulkId');
  if (method === 'POST' && !bulkId) throw malformed(`${at}.bulkId is required for POST`);
  const version = readText('version');
  return { method, bulkId, version, path, data: readMember(operation, 'data') };
}

/** Reads a member by its name, regardless of case. */
const readMember = (object: JsonObject, name: string): unknown =>
  Object.entries(object).find(([key]) => key.toLowerCase() === name.toLowerCase())?.[1];
