import type { CursorScope } from '../kernel/cursor.ts';
import { invalidInput } from '../kernel/failure.ts';
import type { Keyring } from '../kernel/keyring.ts';

interface Dependencies {
  readonly keyring: Keyring;
}

/**
 * Encrypts a number of a feed. It remains valid while the feed retains the events that follow,
 * because a consumer can stop for longer than a client of a list.
 */
export const sealFeedCursor = (
  sequence: number,
  scope: CursorScope,
  { keyring }: Dependencies,
): Promise<string> => keyring.seal('cursor', String(sequence), scope);

/** Decrypts a cursor of a feed. Throws `invalid_input` if it belongs to another tenant or filter. */
export async function openFeedCursor(
  cursor: string,
  scope: CursorScope,
  { keyring }: Dependencies,
): Promise<number> {
  const text = await keyring.open('cursor', cursor, scope);
  if (text !== undefined) return Number(text);
  throw invalidInput({
    path: 'after',
    message: 'must be latest, or a cursor that this feed returned for the same filter',
  });
}
