import type { Timestamp } from '../kernel/time.ts';
import { eventTypes, type FeedEvent } from './feed-event.ts';

const types: readonly string[] = Object.values(eventTypes).flat();

/** Types of events, and prefixes such as `user.*`. */
export const typePatterns: ReadonlySet<string> = new Set([
  ...types,
  ...types.map((type) => type.replace(/\..*/, '.*')),
]);

/** Selects a resource or principal. Absent parts accept all. */
export interface RefFilter<Type extends string = string> {
  readonly type?: Type | undefined;
  /** Accepted IDs, which are spellings of one ID. */
  readonly ids?: readonly string[] | undefined;
}

/** Filter of events. Absent parts accept every event. */
export interface EventFilter {
  /** Types, or prefixes such as `user.*`. */
  readonly types?: readonly string[] | undefined;
  /** Resource of the event. */
  readonly resource?: RefFilter | undefined;
  /** Resource of the event, or member of the group whose members changed. */
  readonly subject?: RefFilter | undefined;
  readonly actor?: RefFilter | undefined;
}

/** Time of the numbering, from the first to before the second. */
export interface NumberedPeriod {
  readonly from?: Timestamp | undefined;
  readonly to?: Timestamp | undefined;
}

/** True if the filter accepts the event. */
export const matchesFilter = (
  { type, resource, member, actor }: FeedEvent,
  filter: EventFilter,
): boolean =>
  (filter.types === undefined || filter.types.some((pattern) => matchesType(type, pattern))) &&
  matchesRef(resource, filter.resource) &&
  (matchesRef(resource, filter.subject) ||
    (member !== undefined && matchesRef(member, filter.subject))) &&
  matchesRef(actor, filter.actor);

/** True if a pattern of `typePatterns` accepts a type. */
export const matchesType = (type: string, pattern: string): boolean =>
  pattern.endsWith('.*') ? type.startsWith(pattern.slice(0, -1)) : type === pattern;

const matchesRef = (
  { type, id }: { readonly type: string; readonly id?: string | undefined },
  { type: expectedType = type, ids }: RefFilter = {},
): boolean =>
  type === expectedType && (ids === undefined || (id !== undefined && ids.includes(id)));
