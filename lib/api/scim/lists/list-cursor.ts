import { createHash } from 'node:crypto';
import { Failure } from '../../../domain/kernel/failure.ts';
import type { Keyring } from '../../../domain/kernel/keyring.ts';
import type { DurationMs, EpochMs } from '../../../domain/kernel/time.ts';
import { formatSort, type ListParameters } from './list-parameters.ts';

/** Lifetime of a cursor, which ServiceProviderConfig shows in seconds. */
const cursorLifetimeMs: DurationMs = 24 * 3600 * 1000;

interface CursorDependencies {
  readonly keyring: Keyring;
  readonly now: () => Date;
}

/** List to which a cursor is bound. */
export interface CursorList {
  readonly tenantId: string;
  readonly connectionId: string | undefined;
  readonly resourceType: string;
  readonly parameters: ListParameters;
}

const toScope = ({ tenantId, connectionId, resourceType, parameters }: CursorList) => {
  const { filterText, sort, projection, paging } = parameters;
  return [
    tenantId,
    'scim',
    {
      connectionId,
      resourceType,
      filterText,
      sort: formatSort(sort),
      projection,
      count: paging.count,
    },
  ] as const;
};

/** Encrypts the position at which the next page starts. */
export const sealListCursor = (
  position: string,
  list: CursorList,
  { keyring, now }: CursorDependencies,
): Promise<string> =>
  keyring.seal('cursor', JSON.stringify([position, now().getTime()]), toScope(list));

/**
 * Decrypts a cursor. Undefined for the empty cursor, which opens a list. Throws `invalid_cursor`
 * for the cursor of another list, and `cursor_expired` after a day (RFC 9865 §2.1).
 */
export async function openListCursor(
  cursor: string,
  list: CursorList,
  { keyring, now }: CursorDependencies,
): Promise<string | undefined> {
  if (cursor === '') return undefined;
  const text = await keyring.open('cursor', cursor, toScope(list));
  if (text === undefined) {
    throw new Failure(
      'invalid_cursor',
      'The cursor is not one of this list; repeat the parameters of the first page',
    );
  }
  const [position, sealedAt] = JSON.parse(text) as [string, EpochMs];
  if (now().getTime() <= sealedAt + cursorLifetimeMs) return position;
  throw new Failure('cursor_expired', 'The cursor is older than a day; start at the first page');
}

/** Hash of the filter and order of a list, in keys. */
export const hashList = ({ filterText, sort }: ListParameters): string =>
  createHash('sha256')
    .update(JSON.stringify([filterText, formatSort(sort)]))
    .digest('hex')
    .slice(0, 32);
