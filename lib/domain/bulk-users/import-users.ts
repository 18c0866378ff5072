import type { RequestContext } from '../access/request-context.ts';
import type { HashingCost } from '../credentials/hash-password.ts';
import { Failure } from '../kernel/failure.ts';
import { createLimiter, type Limiter } from '../kernel/limiter.ts';
import type { DurationMs } from '../kernel/time.ts';
import type { TenantRateLimiter } from '../tenants/rate-limit.ts';
import { authorizeCreate } from '../users/create-user.ts';
import type { User } from '../users/user.ts';
import type { BulkRow, OnExisting, RowResult } from './bulk-row.ts';
import { createForecast } from './forecast.ts';
import { listIdentifiers } from './identifiers.ts';
import {
  findExisting,
  importRow,
  type ImportRowDependencies,
  internalFailure,
} from './import-row.ts';
import { runInOrder } from './run-in-order.ts';
import type { WriteChecks } from './write-checks.ts';

/** Request to import users. */
export interface ImportUsersInput {
  /** Rows in order. A row that is not valid is a failure. */
  readonly rows: readonly (BulkRow | Failure)[];
  readonly onExisting: OnExisting;
  /** True to report outcomes without writing. */
  readonly dryRun: boolean;
  /** Default for rows without `sendInvitation`. */
  readonly sendInvitations: boolean;
  /** Route of the request, which is part of the idempotency keys. */
  readonly route: string;
}

export interface ImportUsersDependencies extends ImportRowDependencies, WriteChecks {
  readonly rateLimiter: Pick<TenantRateLimiter, 'consume'>;
}

/** More concurrent rows are not faster. `npm run bench` measures it. */
const maxConcurrentRows = 8;
/** No row starts with less time, because its outcome could remain unknown. */
const minRowMs: DurationMs = 3000;
/** Time of one row, as of a single request. */
const maxRowMs: DurationMs = 9000;

/** Cheapest Argon2id. A forecast discards its hashes. */
const forecastHashingCost: HashingCost = { memory: 8, passes: 1, parallelism: 1 };

/**
 * Imports users, each row as if it were a request of its own. Rows that share an identifier or a
 * row key run in order. All rows decide on the permissions of the caller at the start. Throws
 * `forbidden` without permission to create users.
 */
export async function importUsers(
  input: ImportUsersInput,
  context: RequestContext,
  deps: ImportUsersDependencies,
): Promise<readonly RowResult[]> {
  authorizeCreate({ roles: [] }, context, deps.policy);
  const { rows, dryRun, onExisting } = input;
  const forecast = dryRun ? createForecast(deps.users, deps) : undefined;
  const rowDeps: ImportUsersDependencies = {
    ...deps,
    ...(forecast && { ...forecast, hashingCost: forecastHashingCost }),
  };
  const limiter = createLimiter(maxConcurrentRows, rows.length);
  const matches = await matchRows({ rows, onExisting, limiter }, context, deps);
  const runRow = createRowRunner(input, context, rowDeps);
  const tasks = rows.map((row, index) => {
    const match = matches[index];
    const run = async (isFirst: boolean): Promise<RowResult> => {
      if (row instanceof Failure) return { outcome: 'failed', failure: row };
      if (match instanceof Failure) return { outcome: 'failed', failure: match };
      return runRow({ row, match, isFirst });
    };
    return { keys: listKeys(row, match), run };
  });
  const results = await runInOrder(tasks, limiter);
  return forecast ? results.map((result) => hideNewUser(result, forecast.isNew)) : results;
}

interface RowRun {
  readonly row: BulkRow;
  /** User whom the row matched before any row was written. */
  readonly match: User | undefined;
  /** False if an earlier row may have changed the user. */
  readonly isFirst: boolean;
}

/** Creates the function that imports a row. No row starts after a reason to stop. */
function createRowRunner(
  input: ImportUsersInput,
  context: RequestContext,
  deps: ImportUsersDependencies,
): (run: RowRun) => Promise<RowResult> {
  let stop: Failure | undefined;
  const stopAfter = (failure: Failure): void => {
    if (failure.code === 'unavailable') stop ??= failure;
  };
  return async ({ row, match, isFirst }) => {
    try {
      stop ??= await findReasonToStop(context, deps);
      if (stop) return { outcome: 'notProcessed', failure: stop };
      const deadline = Math.min(context.deadline, deps.now().getTime() + maxRowMs);
      const rowContext = { ...context, deadline };
      const existing =
        isFirst || input.onExisting === 'fail' ? match : await findExisting(row, rowContext, deps);
      const result = await importRow({ ...input, row, existing }, rowContext, deps);
      if ('failure' in result) stopAfter(result.failure);
      return result;
    } catch (error) {
      const failure = error instanceof Failure ? error : internalFailure(error);
      stopAfter(failure);
      return { outcome: 'failed', failure };
    }
  };
}

interface Matching extends Pick<ImportUsersInput, 'rows' | 'onExisting'> {
  readonly limiter: Limiter;
}

/** Finds the existing user of each row before any row writes. */
function matchRows(
  { rows, onExisting, limiter }: Matching,
  context: RequestContext,
  deps: ImportUsersDependencies,
): Promise<(User | Failure | undefined)[]> {
  const match = async (row: BulkRow | Failure): Promise<User | Failure | undefined> => {
    if (row instanceof Failure || onExisting === 'fail') return undefined;
    try {
      return await findExisting(row, context, deps);
    } catch (error) {
      return error instanceof Failure ? error : internalFailure(error);
    }
  };
  return Promise.all(rows.map((row) => limiter(() => match(row))));
}

/** Lists what a row can conflict about with other rows: its identifiers, also earlier ones. */
function listKeys(row: BulkRow | Failure, match: User | Failure | undefined): readonly string[] {
  if (row instanceof Failure) return [];
  return [
    ...listIdentifiers(row.createInput),
    ...(row.rowKey === undefined ? [] : [`rowKey ${row.rowKey}`]),
    ...(match === undefined || match instanceof Failure
      ? []
      : [`userId ${match.userId}`, ...listIdentifiers(match)]),
  ];
}

/** Returns the failure of rows that must not start: too little time, or an exhausted share. */
async function findReasonToStop(
  { principal, deadline }: RequestContext,
  { rateLimiter, now }: ImportUsersDependencies,
): Promise<Failure | undefined> {
  if (now().getTime() > deadline - minRowMs)
    return new Failure(
      'unavailable',
      'The request ran out of time before this row. Send the row again.',
      { details: { retryAfter: 1 } },
    );
  const { tenantId } = principal;
  if (tenantId === undefined) return undefined;
  try {
    await rateLimiter.consume({ tenantId, principal, usesReserve: false, requests: 0 });
    return undefined;
  } catch (error) {
    if (error instanceof Failure) return error;
    throw error;
  }
}

/** A user who would be created has no ID yet. */
const hideNewUser = (result: RowResult, isNew: (userId: string) => boolean): RowResult =>
  'userId' in result && result.userId !== undefined && isNew(result.userId)
    ? { ...result, userId: undefined }
    : result;
