import type { Uuid } from '../kernel/ids.ts';
import type { Timestamp } from '../kernel/time.ts';
import { redactBody, redactQuery } from './redact-request.ts';
import type { Connection } from './connection.ts';

/** Part of a request that had no effect. */
interface SkippedPart {
  readonly reason: string;
  readonly name?: string | undefined;
  readonly id?: string | undefined;
}

/** Request of a connection, with its reading and its result. */
export interface LogEntry {
  readonly requestId: string;
  readonly at: Timestamp;
  readonly method: string;
  readonly path: string;
  /** As sent. */
  readonly query?: string | undefined;
  /** JSON as sent, without secrets. */
  readonly body?: string | undefined;
  /** Departures from the RFC that were understood. */
  readonly quirks: readonly string[];
  readonly skipped: readonly SkippedPart[];
  readonly userId?: Uuid | undefined;
  readonly groupId?: Uuid | undefined;
  readonly changedAttributes: readonly string[];
  readonly status: number;
  readonly scimType?: string | undefined;
  /** Message of the error. */
  readonly detail?: string | undefined;
  readonly durationMs: number;
}

/** Request to log. The body is parsed JSON. */
export interface LoggedRequest extends Omit<LogEntry, 'body' | 'userId' | 'groupId'> {
  readonly body?: unknown;
  readonly subject: { readonly userId?: Uuid | undefined; readonly groupId?: Uuid | undefined };
}

export type LoggedConnection = Pick<Connection, 'tenantId' | 'connectionId' | 'logDays'>;

export interface LogQuery {
  readonly limit: number;
  /** Continues after this position. */
  readonly after: string | undefined;
  /** Selects changes of a user. */
  readonly userId?: Uuid | undefined;
  readonly failed?: boolean | undefined;
  readonly from?: Timestamp | undefined;
  /** Exclusive. */
  readonly to?: Timestamp | undefined;
}

export interface LogPage {
  readonly entries: readonly { readonly entry: LogEntry; readonly position: string }[];
  /** Position after which the next page starts. Undefined at the end. */
  readonly next: string | undefined;
}

/** Requests of connections. */
export interface ConnectionLog {
  /** Writes an entry. Gives up after 500 ms, and never throws. */
  write(connection: LoggedConnection, entry: LogEntry): Promise<void>;
  /** Reads a page, newest first. A page with a filter can be short. Throws `unavailable`. */
  list(
    connection: Pick<Connection, 'tenantId' | 'connectionId'>,
    query: LogQuery,
  ): Promise<LogPage>;
}

/** Keep an entry below 16 KiB. */
const maxPathLength = 512;
const maxQueryLength = 1024;
const maxDetailLength = 1024;
const maxListBytes = 2048;

/** Writes the entry about a request, without its secrets. Never throws. */
export const logConnectionRequest = (
  connection: LoggedConnection,
  { subject, body, ...request }: LoggedRequest,
  { connectionLog }: { readonly connectionLog: Pick<ConnectionLog, 'write'> },
): Promise<void> =>
  connectionLog.write(connection, {
    ...request,
    ...subject,
    path: cut(request.path, maxPathLength),
    query: request.query && cut(redactQuery(request.query), maxQueryLength),
    body: body === undefined ? undefined : redactBody(body),
    detail: request.detail && cut(request.detail, maxDetailLength),
    quirks: takeWithin(request.quirks, maxListBytes),
    skipped: takeWithin(request.skipped, maxListBytes),
    changedAttributes: takeWithin(request.changedAttributes, maxListBytes),
  });

/** Cuts text, and marks the cut. */
const cut = (text: string, maxLength: number): string =>
  text.length <= maxLength ? text : `${text.slice(0, maxLength).toWellFormed()}…`;

/** Takes items from the start while their JSON fits. */
function takeWithin<Item>(items: readonly Item[], maxBytes: number): readonly Item[] {
  let bytes = 0;
  return items.filter((item) => (bytes += Buffer.byteLength(JSON.stringify(item))) <= maxBytes);
}
