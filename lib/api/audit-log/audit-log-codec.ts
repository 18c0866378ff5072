import type { AuditLogEntry } from '../../domain/audit-log/audit-log.ts';
import type { EventFilter, NumberedPeriod } from '../../domain/feed/event-filter.ts';
import type { EpochMs } from '../../domain/kernel/time.ts';
import type { IdPrefix, Uuid } from '../../domain/kernel/ids.ts';
import { uuidPattern } from '../../domain/kernel/ids.ts';
import type { LazySchema, PathParameter } from '../codec.ts';
import type { ListCodec } from '../lists.ts';

export type AuditLogOperation = 'listAuditLog' | 'getAuditLogEntry';

/** Audit log in one dialect. */
export interface AuditLogCodec {
  readonly list: ListCodec;
  readonly response: LazySchema;
  readonly pathParameter: PathParameter;
  /** Filter of a parsed query, without absent members. */
  toFilter(query: Readonly<Record<string, unknown>>): {
    readonly filter: EventFilter;
    readonly period: NumberedPeriod;
  };
  toResponse(entry: AuditLogEntry, idPrefix: IdPrefix): object;
}

/** Parses the ID of an event. Undefined for other text. */
export const parseEventId = (text = ''): Uuid | undefined =>
  uuidPattern.test(text) ? text.toLowerCase() : undefined;

/** Converts the parameters `from` and `to`. */
export const toPeriod = ({ from, to }: Readonly<Record<string, unknown>>): NumberedPeriod => ({
  ...(from !== undefined && { from: new Date(from as EpochMs).toISOString() }),
  ...(to !== undefined && { to: new Date(to as EpochMs).toISOString() }),
});
