import type { ListWire } from '../dialects/paging.ts';
import { parse } from '../dialects/parse.ts';
import type { Reply } from '../dialects/user-wire.ts';
import { type CursorScope, openCursor, sealCursor } from '../domain/cursor.ts';
import type { Keyring } from '../domain/keyring.ts';
import type { Request } from './endpoint.ts';
import { queryOf } from './query.ts';

/** What is read for a page: up to `limit` items behind the one at `after`. */
export interface Page {
  readonly limit: number;
  readonly after: string | undefined;
}

type Asked = Readonly<Record<string, unknown>>;

/** The query of a list, parsed. Throws `invalid_input`. */
export const asked = ({ query }: ListWire, { event }: Pick<Request<unknown>, 'event'>): Asked =>
  parse(query, queryOf(event, Object.keys(query.shape)), 'parameter');

/**
 * A page of a list, from the cursor that the page before gave out to its own. `read` answers the bodies of the items,
 * and the position to go on behind; undefined at the end.
 */
export async function paged(
  { page, cursorParameter, view }: ListWire,
  query: Asked,
  scope: CursorScope,
  read: (page: Page) => Promise<{ readonly bodies: readonly unknown[]; readonly next: string | undefined }>,
  { keyring, now }: { readonly keyring: Keyring; readonly now: () => Date },
): Promise<Reply> {
  const { limit, cursor } = page(query);
  const after = cursor === undefined ? undefined : await openCursor(cursor, cursorParameter, scope, keyring, now());
  const { bodies, next } = await read({ limit, after });
  return { body: view(bodies, next === undefined ? undefined : await sealCursor(next, scope, keyring, now())) };
}
