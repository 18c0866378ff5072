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
    importUsers: async ({ event, dialect, context, body }) => {
      const codec = bulkUserCodecs[dialect];
      const { users, ...options } = parse(codec.input(), body);
      const parsedRows = users.map(codec.parseRow);
      const rows = parsedRows.map(({ row }) => row);
      const results = await importUsers({ ...options, rows, route: event.routeKey }, context, deps);
      logServerErrors(results, context, deps.now());
      return {
        body: codec.toResponse(
          parsedRows.map((parsed, index) => ({ parsed, result: results[index] as RowResult })),
          deps.idPrefix,
        ),
      };
    },
  }) satisfies Operations<RequestContext>;

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
