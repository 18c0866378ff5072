import { timingSafeEqual } from 'node:crypto';
import { invalid } from './failure.ts';
import type { Keyring } from './keyring.ts';

const goodFor = 30 * 24 * 3600 * 1000;

/** What a cursor is bound to: it is good in the same tenant (`*` for the list of them) and dialect, for the same filter, and nowhere else. */
export type CursorScope = readonly [tenantId: string, dialect: string, filter: unknown];

/** Where to go on in a list, as an opaque text that only this deployment can make. Good for 30 days. */
export async function sealCursor(position: string, scope: CursorScope, keyring: Keyring, now: Date): Promise<string> {
  const content = Buffer.from(JSON.stringify([position, now.getTime()])).toString('base64url');
  return `${content}.${(await keyring.mac('cursor', [content, ...scope])).toString('base64url')}`;
}

/** The position in a cursor. Throws `invalid_input` for one that was made elsewhere, for something else, or too long ago. */
export async function openCursor(cursor: string, parameter: string, scope: CursorScope, keyring: Keyring, now: Date): Promise<string> {
  const [content = '', seal = ''] = cursor.split('.');
  // As text: base64 has several for the same bytes.
  const expected = Buffer.from((await keyring.mac('cursor', [content, ...scope])).toString('base64url'));
  const actual = Buffer.from(seal);
  const refused = () => invalid({ path: parameter, message: 'is not a cursor that this list gave out' });
  if (expected.length !== actual.length || !timingSafeEqual(expected, actual) || cursor !== `${content}.${seal}`) throw refused();
  const [position, time] = JSON.parse(Buffer.from(content, 'base64url').toString()) as [string, number];
  if (now.getTime() > time + goodFor) throw refused();
  return position;
}
