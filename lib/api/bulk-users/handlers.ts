import type { RequestContext } from '../../domain/access/request-context.ts';
import type { RowResult } from '../../domain/bulk-users/bulk-row.ts';
import { importUsers, type ImportUsersDependencies } from '../../domain/bulk-users/import-users.ts';
import type { IdPrefix } from '../../domain/kernel/ids.ts';
import { logEvent } from '../../runtime/event-log.ts';
import { statusByCode } from '../errors.ts';
import type { Operations } from '../http/request.ts';
import { parse } from '../parse.ts';
import { bulkUserCodecs } from './codecs.ts';

type Dependencies = ImportUsersDependencies & { readonly idPrefix: IdPrefix };

export const bulkUserHandlers = (deps: Dependencies) =>
  ({
    importUsers: async ({ event, dialect, context, body, recordDenials }) => {
      const codec = bulkUserCodecs[dialect];
      const { users, ...options } = parse(codec.input(), body);
      const parsedRows = users.map(codec.parseRow);
      const rows = parsedRows.map(({ row }) => row);
      const results = await importUsers({ ...options, rows, route: event.routeKey }, context, deps);
      logServerErrors(results, context, deps.now());
      for (const { decisions, count } of groupDenials(results))
        await recordDenials(decisions, count);
      return {
        body: codec.toResponse(
          parsedRows.map((parsed, index) => ({ parsed, result: results[index] as RowResult })),
          deps.idPrefix,
        ),
      };
    },
  }) satisfies Operations<RequestContext>;

/** Counts the denied rows with the same policy decisions, because the response has status 200. */
function groupDenials(results: readonly RowResult[]) {
  const denials = results.flatMap((result) =>
    result.outcome === 'failed' && statusByCode[result.failure.code] === 403
      ? [result.decisions ?? []]
      : [],
  );
  return [...Map.groupBy(denials, (decisions) => JSON.stringify(decisions)).values()].map(
    ([decisions = [], ...others]) => ({ decisions, count: 1 + others.length }),
  );
}

/** Logs rows that failed for a reason on the server, because the response has status 200. */
function logServerErrors(
  results: readonly RowResult[],
  { tenant, requestId }: RequestContext,
  now: Date,
): void {
  const failures = results
    .flatMap((result) => (result.outcome === 'failed' ? [result.failure] : []))
    .filter(({ code }) => statusByCode[code] >= 500);
  const [first] = failures;
  if (!first) return;
  logEvent({
    operation: 'importUsers',
    outcome: first.code,
    tenant: tenant.tenantId,
    subject: requestId,
    time: now.getTime(),
    metrics: { serverErrors: failures.length },
    error: first.cause,
  });
}
