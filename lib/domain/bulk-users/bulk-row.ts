import type { Decision } from '../access/request-context.ts';
import type { Failure } from '../kernel/failure.ts';
import type { Uuid } from '../kernel/ids.ts';
import type { CreateUserInput, UpdateUserInput } from '../users/user.ts';

/** Treatment of a row whose user exists. */
export type OnExisting = 'fail' | 'skip' | 'update';

/** A valid row of a bulk request. */
export interface BulkRow {
  /** Key that makes a repeated row safe. */
  readonly rowKey: string | undefined;
  readonly createInput: CreateUserInput;
  /** Parses the row as an update of an existing user. Throws `invalid_input`. */
  readonly parseUpdate: () => UpdateUserInput;
  /** Row as sent. A repeated row has the same content. */
  readonly body: object;
}

/** Effect of a row that did not fail. */
export type RowOutcome = 'created' | 'updated' | 'skipped' | 'unchanged';

/** Result of a row. `userId` is undefined for a user who would be created. */
export type RowResult =
  | { readonly outcome: RowOutcome; readonly userId: Uuid | undefined }
  | {
      readonly outcome: 'failed' | 'notProcessed';
      readonly failure: Failure;
      /** Policy decisions about a row that failed. */
      readonly decisions?: readonly Decision[];
    };
