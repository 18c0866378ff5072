import { isDeepStrictEqual } from 'node:util';
import type { RequestContext } from './request-context.ts';
import { Failure } from '../kernel/failure.ts';
import { collectPreviousValues } from '../kernel/previous-values.ts';
import type { ChangeRecord } from '../users/user.ts';

/** What tenants, roles and app clients have in common: each is changed as a whole, one version after another, and keeps a record of it. */
export interface Entity {
  /** Counts the changes, from 1. */
  readonly version: number;
  /** ISO 8601, UTC, milliseconds. */
  readonly createdAt: string;
  /** The `sub` of the token. */
  readonly createdBy: string;
  readonly updatedAt?: string | undefined;
  readonly updatedBy?: string | undefined;
}

/** A write of an entity: from nothing, or from the version before it. */
export interface EntityChange<Kept extends Entity> {
  readonly before: Kept | undefined;
  readonly after: Kept;
  readonly record: ChangeRecord;
  /** Epoch milliseconds. */
  readonly deadline: number;
}

/** The first version, made by the caller. */
export const buildInitialVersion = (
  { principal }: RequestContext,
  now: Date,
): Pick<Entity, 'version' | 'createdAt' | 'createdBy'> => ({
  version: 1,
  createdAt: now.toISOString(),
  createdBy: principal.subject,
});

/** The record of what the caller makes of an entity. Creating one is its first record. */
export function buildChangeRecord<Kept extends Entity>(
  action: string,
  before: Kept | undefined,
  after: Kept,
  context: RequestContext,
): ChangeRecord {
  const { principal, requestId, decisions } = context;
  const changed = before === undefined ? [] : diffFields(before, after);
  return {
    version: after.version,
    action,
    at: after.updatedAt ?? after.createdAt,
    by: principal.subject,
    issuer: principal.issuer,
    requestId,
    policies: decisions.flatMap(({ policies }) => policies),
    ...collectPreviousValues(before ?? {}, after, changed.map(String)),
  };
}

const metadataFields: readonly string[] = ['version', 'updatedAt', 'updatedBy'];

function diffFields<Kept extends object>(before: Kept, after: Kept): (keyof Kept)[] {
  const names = [...new Set([...Object.keys(before), ...Object.keys(after)])] as (keyof Kept)[];
  return names.filter(
    (name) =>
      !metadataFields.includes(String(name)) && !isDeepStrictEqual(before[name], after[name]),
  );
}

/** Which version the caller means to change (`If-Match`); undefined for whichever there is. */
export type IfMatch = ((version: number) => boolean) | undefined;

interface EntityUpdate<Kept extends Entity> {
  /** The name of the action in the record. */
  readonly action: string;
  /** The entity as last written; throws where there is none. It may be asked again, when somebody else came first. */
  readonly read: () => Promise<Kept>;
  readonly ifMatch?: IfMatch;
  /** What is to be different, made out of the entity as it is; or throws. */
  readonly change: (entity: Kept) => Partial<Kept> | Promise<Partial<Kept>>;
  readonly write: (change: EntityChange<Kept>) => Promise<'written' | 'stale'>;
}

/**
 * Changes an entity as one transaction with the record of it. Of two changes at once the second is made again on what the
 * first left, or fails with `precondition_failed` where the caller said which version it means. A change that would change
 * nothing writes nothing.
 */
export async function changeEntity<Kept extends Entity>(
  { action, read, ifMatch, change, write }: EntityUpdate<Kept>,
  context: RequestContext,
  now: () => Date,
): Promise<Kept> {
  while (now().getTime() < context.deadline) {
    const before = await read();
    if (ifMatch && !ifMatch(before.version)) {
      throw new Failure('precondition_failed', 'This was changed in the meantime. Read it again.', {
        details: { version: before.version },
      });
    }
    const changed = { ...before, ...(await change(before)) };
    if (diffFields<Entity>(before, changed).length === 0) return before;
    const after = {
      ...changed,
      version: before.version + 1,
      updatedAt: now().toISOString(),
      updatedBy: context.principal.subject,
    };
    if (
      (await write({
        before,
        after,
        record: buildChangeRecord(action, before, after, context),
        deadline: context.deadline,
      })) === 'written'
    )
      return after;
  }
  throw new Failure('unavailable', 'Too many requests are changing this. Try again.');
}
