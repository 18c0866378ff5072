import type { Uuid } from '../kernel/ids.ts';
import type { DurationMs, EpochMs, Timestamp } from '../kernel/time.ts';

/** A sequence of pages by index, which starts with each request for the first page. */
export interface PageRun {
  readonly runId: Uuid;
  /** Number of results, and the time at which it was counted. */
  readonly total: number;
  readonly countedAt: Timestamp;
}

/** List that pages belong to. */
export interface PageList {
  readonly tenantId: Uuid;
  readonly connectionId: Uuid;
  /** Hash of filter and order. */
  readonly hash: string;
}

/** A run ends this time after its last page. */
export const runLifetimeMs: DurationMs = 3600 * 1000;
/** Time for which later pages of a run repeat the total. */
export const totalLifetimeMs: DurationMs = 60 * 1000;

/**
 * Positions at which pages by index start. A page continues after the previous one, so users who
 * are deleted while a client pages make it skip none.
 */
export interface PageMarkStore {
  /** Gets the newest run, and the position at which the index starts in it. */
  find(
    list: PageList,
    index: number,
    now: EpochMs,
  ): Promise<{ readonly run: PageRun; readonly after: string | undefined } | undefined>;
  /** Starts a run, or replaces its total. */
  saveRun(list: PageList, run: PageRun, expiresAtMs: EpochMs): Promise<void>;
  saveMark(
    list: PageList,
    mark: { readonly runId: Uuid; readonly index: number; readonly after: string },
    expiresAtMs: EpochMs,
  ): Promise<void>;
}
