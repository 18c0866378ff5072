import { isJsonObject } from '../../../domain/kernel/json-merge-patch.ts';
import { deferReferences, listReferences, resolveReferences } from './bulk-references.ts';
import type { BulkOperation, BulkRequest } from './parse-bulk.ts';

/** Result of an operation. */
export interface BulkResult {
  readonly status: number;
  /** ID of the resource, after a success. */
  readonly id?: string | undefined;
  readonly location?: string | undefined;
  readonly version?: string | undefined;
  /** Body of the error. */
  readonly error?: object;
}

interface BulkRunner {
  /** Runs an operation without references. Never throws. */
  run(operation: BulkOperation, index: number): Promise<BulkResult>;
  /** Builds the result of an operation that refers to no resource. */
  toUnresolved(bulkId: string): BulkResult;
}

const patchUrn = 'urn:ietf:params:scim:api:messages:2.0:PatchOp';

/** Created resource whose references to later operations are added at the end. */
interface Deferred {
  readonly index: number;
  readonly bulkIds: ReadonlySet<string>;
  readonly additions: readonly object[];
}

/**
 * Runs the operations in order, but one with a reference after the operation that creates the
 * resource. A circle of references is broken: the closing reference is added after both resources
 * exist. Returns a result for each operation, and undefined for those after the last permitted
 * failure.
 */
export async function runBulk(
  { operations, failOnErrors }: BulkRequest,
  { run, toUnresolved }: BulkRunner,
): Promise<readonly (BulkResult | undefined)[]> {
  const results: (BulkResult | undefined)[] = operations.map(() => undefined);
  const creators = new Map(
    operations.flatMap(({ method, bulkId }, index) =>
      method === 'POST' && bulkId !== undefined ? [[bulkId, index] as const] : [],
    ),
  );
  const ids = new Map<string, string>();
  const active = new Set<number>();
  const deferred = new Set<Deferred>();

  const isStopped = (): boolean =>
    results.filter((result) => result?.error !== undefined).length >= failOnErrors;
  const isActive = (bulkId: string): boolean => active.has(creators.get(bulkId) ?? -1);

  const visit = async (index: number): Promise<void> => {
    if (results[index] || active.has(index) || isStopped()) return;
    const operation = operations[index] as BulkOperation;
    active.add(index);
    const references = listReferences(operation);
    for (const bulkId of references) await visit(creators.get(bulkId) ?? index);
    if (!isStopped()) results[index] = await execute(operation, index, references);
    active.delete(index);
    await addDeferred();
  };

  const execute = async (
    operation: BulkOperation,
    index: number,
    references: ReadonlySet<string>,
  ): Promise<BulkResult> => {
    const open = new Set([...references].filter(isActive));
    const missing = [...references].find((bulkId) => !ids.has(bulkId) && !open.has(bulkId));
    if (missing !== undefined) return toUnresolved(missing);
    const { data, additions } =
      open.size > 0 && isJsonObject(operation.data)
        ? deferReferences(operation.data, open)
        : { data: operation.data, additions: [] };
    const result = await run(resolve({ ...operation, data }), index);
    if (result.id === undefined) return result;
    if (operation.bulkId !== undefined) ids.set(operation.bulkId, result.id);
    if (additions.length > 0) deferred.add({ index, bulkIds: open, additions });
    return result;
  };

  const resolve = (operation: BulkOperation): BulkOperation => ({
    ...operation,
    path: resolveReferences(operation.path, ids) as string,
    data: resolveReferences(operation.data, ids),
  });

  /** Adds the references of circles whose operations have all run. */
  const addDeferred = async (): Promise<void> => {
    for (const each of deferred) {
      const { index, bulkIds, additions } = each;
      if ([...bulkIds].some(isActive)) continue;
      deferred.delete(each);
      const created = results[index] as BulkResult;
      const missing = [...bulkIds].find((bulkId) => !ids.has(bulkId));
      const { path } = operations[index] as BulkOperation;
      const patch: BulkOperation = {
        method: 'PATCH',
        path: `${path.replace(/\/$/, '')}/${created.id}`,
        data: { schemas: [patchUrn], Operations: additions },
      };
      const added =
        missing === undefined ? await run(resolve(patch), index) : toUnresolved(missing);
      results[index] = added.error
        ? { ...added, location: created.location }
        : { ...created, version: added.version ?? created.version };
    }
  };

  for (const index of operations.keys()) await visit(index);
  return results;
}
