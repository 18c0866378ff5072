import { invalidInput } from './failure.ts';
import type { Keyring } from './keyring.ts';
import type { DurationMs, EpochMs } from './time.ts';

const cursorLifetimeMs: DurationMs = 30 * 24 * 3600 * 1000;

/** List that a cursor is bound to. The tenant ID is `*` for the list of tenants. */
export type CursorScope = readonly [tenantId: string, dialect: string, filter: unknown];

interface CursorDependencies {
  readonly keyring: Keyring;
  readonly now: () => Date;
}

/** Encrypts the position at which the next page starts. Valid for 30 days. */
export const sealCursor = (
  position: string,
  scope: CursorScope,
  { keyring, now }: CursorDependencies,
): Promise<string> => keyring.seal('cursor', JSON.stringify([position, now().getTime()]), scope);

interface CursorInput {
  readonly cursor: string;
  /** Query parameter of the cursor. */
  readonly parameter: string;
}

/** Decrypts a cursor. Throws `invalid_input` if it expired or belongs to another list. */
export async function openCursor(
  { cursor, parameter }: CursorInput,
  scope: CursorScope,
  { keyring, now }: CursorDependencies,
): Promise<string> {
  const text = await keyring.open('cursor', cursor, scope);
  const [position, sealedAt] =
    text === undefined ? ['', -Infinity] : (JSON.parse(text) as [string, EpochMs]);
  if (now().getTime() <= sealedAt + cursorLifetimeMs) return position;
  throw invalidInput({
    path: parameter,
    message: 'must be a cursor that this list returned in the last 30 days',
  });
}
