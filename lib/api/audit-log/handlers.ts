import type { RequestContext } from '../../domain/access/request-context.ts';
import {
  type AuditLogDependencies,
  getAuditLogEntry,
  listAuditLog,
} from '../../domain/audit-log/list-audit-log.ts';
import type { IdPrefix } from '../../domain/kernel/ids.ts';
import {
  listPage,
  type ListPageDependencies,
  type PageItems,
  type PageRequest,
  parseListQuery,
} from '../http/list-page.ts';
import type { Operations } from '../http/request.ts';
import { parseEventId } from './audit-log-codec.ts';
import { auditLogCodecs } from './codecs.ts';

type Dependencies = AuditLogDependencies & ListPageDependencies & { readonly idPrefix: IdPrefix };

export const auditLogHandlers = (deps: Dependencies) =>
  ({
    listAuditLog: (request) => {
      const { dialect, context } = request;
      const { list, toFilter, toResponse } = auditLogCodecs[dialect];
      const query = parseListQuery(list, request);
      const { filter, period } = toFilter(query);
      const read = async ({ limit, after }: PageRequest): Promise<PageItems> => {
        const before = after === undefined ? undefined : Number(after);
        const { entries, next } = await listAuditLog(
          { limit, before, filter, period },
          context,
          deps,
        );
        const items = entries.map((entry) => ({
          body: toResponse(entry, deps.idPrefix),
          position: String(entry.event.sequence),
        }));
        return { items, next: next === undefined ? undefined : String(next) };
      };
      const scope = [context.tenant.tenantId, dialect, { auditLog: filter, period }] as const;
      return listPage({ codec: list, query, scope, read }, deps);
    },

    getAuditLogEntry: async ({ dialect, context, parameters }) => {
      const { pathParameter, toResponse } = auditLogCodecs[dialect];
      const eventId = parseEventId(parameters[pathParameter.name]);
      const entry = await getAuditLogEntry(eventId, context, deps);
      return { body: toResponse(entry, deps.idPrefix) };
    },
  }) satisfies Operations<RequestContext>;
