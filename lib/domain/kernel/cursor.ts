import { invalidInput } from './failure.ts';
import type { Keyring } from './keyring.ts';

const cursorLifetimeMs = 30 * 24 * 3600 * 1000;

/** What a cursor is bound to: it is good in the same tenant (`*` for the list of them) and dialect, for the same filter, and nowhere else. */
export type CursorScope = readonly [tenantId: string, dialect: string, filter: unknown];

/** Encrypts the position at which the next page begins. Valid for 30 days. */
export const sealCursor = (
  position: string,
  scope: CursorScope,
  keyring: Keyring,
  now: Date,
): Promise<string> => keyring.seal('cursor', JSON.stringify([position, now.getTime()]), scope);

/** The position in a cursor. Throws `invalid_input` for an expired cursor and for one of another deployment or list. */
export async function openCursor(
  cursor: string,
  parameter: string,
  scope: CursorScope,
  keyring: Keyring,
  now: Date,
): Promise<string> {
  const text = await keyring.open('cursor', cursor, scope);
  const [position, time] =
    text === undefined ? ['', -Infinity] : (JSON.parse(text) as [string, number]);
  if (now.getTime() <= time + cursorLifetimeMs) return position;
  throw invalidInput({
    path: parameter,
    message: 'must be a cursor that this list returned in the last 30 days',
  });
}
