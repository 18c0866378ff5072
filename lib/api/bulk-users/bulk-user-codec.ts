import type { ImportUsersInput } from '../../domain/bulk-users/import-users.ts';
import type { BulkRow, RowResult } from '../../domain/bulk-users/bulk-row.ts';
import type { Failure } from '../../domain/kernel/failure.ts';
import type { IdPrefix } from '../../domain/kernel/ids.ts';
import type { LazySchema } from '../codec.ts';

export type BulkUserOperation = 'importUsers';

type Fields = Readonly<Record<string, unknown>>;

interface BulkUserBody extends Pick<ImportUsersInput, 'onExisting' | 'dryRun' | 'sendInvitations'> {
  readonly users: readonly Fields[];
}

/** A row as parsed. */
export interface ParsedRow {
  /** Undefined if the row has none, or not a valid one. */
  readonly rowKey: string | undefined;
  readonly row: BulkRow | Failure;
  /** Fields of the row that an update of an existing user ignores. */
  readonly createOnlyFields: readonly string[];
}

/** Bulk requests in one dialect. */
export interface BulkUserCodec {
  readonly input: LazySchema<BulkUserBody>;
  parseRow(fields: Fields): ParsedRow;
  readonly response: LazySchema;
  toResponse(
    results: readonly { readonly parsed: ParsedRow; readonly result: RowResult }[],
    idPrefix: IdPrefix,
  ): object;
}
