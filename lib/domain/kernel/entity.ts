import type { ChangeRecord } from './change-record.ts';
import type { EpochMs, Timestamp } from './time.ts';

/** A versioned resource. Every change is written together with a change record. */
export interface Entity {
  /** 1 after creation. Each change adds 1. */
  readonly version: number;
  readonly createdAt: Timestamp;
  /** Subject (`sub`) of the caller. */
  readonly createdBy: string;
  readonly updatedAt?: Timestamp | undefined;
  readonly updatedBy?: string | undefined;
}

/** A write of an entity. `before` is undefined for a new one. */
export interface EntityChange<T extends Entity> {
  readonly before: T | undefined;
  readonly after: T;
  readonly record: ChangeRecord;
  readonly deadline: EpochMs;
}

/** Compares a version with the `If-Match` header. Undefined without the header. */
export type IfMatch = ((version: number) => boolean) | undefined;
