import { isDeepStrictEqual } from 'node:util';
import type { ChangeAction } from '../feed/find-event-type.ts';
import {
  type AuditEntry,
  type ChangeRecord,
  collectPreviousValues,
} from '../kernel/change-record.ts';
import type { Entity, EntityChange, IfMatch } from '../kernel/entity.ts';
import { Failure } from '../kernel/failure.ts';
import type { Timestamp } from '../kernel/time.ts';
import { toActor } from './actor.ts';
import type { DeploymentContext, RequestContext } from './request-context.ts';

interface EntityWrite<Before extends Entity, Change extends { readonly after: Entity }> {
  /** Reads the current version. Runs again after a concurrent change. */
  readonly read: () => Promise<Before>;
  readonly ifMatch?: IfMatch;
  /** Builds the change of this version. Undefined if nothing changes. */
  readonly build: (before: Before) => Promise<Change | undefined>;
  /** Returns `repeated` if an earlier attempt of the same request made the change. */
  readonly write: (change: Change) => Promise<'written' | 'stale' | 'repeated'>;
}

/**
 * Repeats read, build and write until no concurrent change makes the write stale. Throws
 * `precondition_failed` if `ifMatch` rejects the version, and `unavailable` at the deadline.
 */
export async function retryStaleWrite<
  Before extends Entity,
  Change extends { readonly after: Entity },
>(
  { read, ifMatch, build, write }: EntityWrite<Before, Change>,
  { deadline }: RequestContext,
  now: () => Date,
): Promise<Before | Change['after']> {
  while (now().getTime() < deadline) {
    const before = await read();
    assertIfMatch(before, ifMatch);
    const change = await build(before);
    if (!change) return before;
    if ((await write(change)) !== 'stale') return change.after;
  }
  throw new Failure('unavailable', 'Too many concurrent changes. Try again.');
}

interface EntityUpdate<T extends Entity> extends Omit<EntityWrite<T, EntityChange<T>>, 'build'> {
  /** Action in the change record. */
  readonly action: ChangeAction;
  /** Returns the fields to change. */
  readonly change: (entity: T) => Partial<T> | Promise<Partial<T>>;
}

/** Changes fields of an entity and writes a change record. Throws like `retryStaleWrite`. */
export function changeEntity<T extends Entity>(
  { action, change, ...update }: EntityUpdate<T>,
  context: RequestContext,
  now: () => Date,
): Promise<T> {
  const build = async (before: T): Promise<EntityChange<T> | undefined> => {
    const updated = { ...before, ...(await change(before)) };
    if (diffFields<Entity>(before, updated).length === 0) return undefined;
    const after = { ...updated, ...buildNextVersion(before, context, now()) };
    const record = buildChangeRecord({ action, before, after }, context);
    return { before, after, record, deadline: context.deadline };
  };
  return retryStaleWrite({ ...update, build }, context, now);
}

/** Builds the metadata of a new entity. */
export const buildInitialVersion = (
  { principal }: DeploymentContext,
  now: Date,
): Pick<Entity, 'version' | 'createdAt' | 'createdBy'> => ({
  version: 1,
  createdAt: now.toISOString(),
  createdBy: principal.subject,
});

/** Builds the metadata of the version after a change by the caller. */
export const buildNextVersion = (
  { version }: Entity,
  { principal }: DeploymentContext,
  now: Date,
): Required<Pick<Entity, 'version' | 'updatedAt' | 'updatedBy'>> => ({
  version: version + 1,
  updatedAt: now.toISOString(),
  updatedBy: principal.subject,
});

export const buildAuditEntry = (
  { principal, requestId, decisions }: DeploymentContext,
  at: Timestamp,
): AuditEntry => ({
  at,
  actor: toActor(principal),
  by: principal.subject,
  issuer: principal.issuer,
  requestId,
  policies: decisions.flatMap(({ policies }) => policies),
});

/** Builds the record of a change, or of a creation if `before` is undefined. */
export function buildChangeRecord<T extends Entity>(
  { action, before, after }: { action: ChangeAction; before?: T; after: T },
  context: DeploymentContext,
): ChangeRecord {
  const fields = before === undefined ? [] : diffFields(before, after);
  return {
    version: after.version,
    action,
    ...buildAuditEntry(context, after.updatedAt ?? after.createdAt),
    ...collectPreviousValues({ before: before ?? {}, after, fields: fields.map(String) }),
  };
}

const metadataFields: readonly string[] = ['version', 'updatedAt', 'updatedBy'];

/** Lists the fields that differ between two versions. */
export function diffFields<T extends object>(before: T, after: T): (keyof T)[] {
  const names = [...new Set([...Object.keys(before), ...Object.keys(after)])] as (keyof T)[];
  return names.filter(
    (name) =>
      !metadataFields.includes(String(name)) && !isDeepStrictEqual(before[name], after[name]),
  );
}

/** Throws `precondition_failed` if `ifMatch` rejects the version. */
export function assertIfMatch({ version }: Entity, ifMatch: IfMatch | undefined): void {
  if (!ifMatch || ifMatch(version)) return;
  throw new Failure('precondition_failed', 'The resource has changed. Read it again.', {
    details: { version },
  });
}
