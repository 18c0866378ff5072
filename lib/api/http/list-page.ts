import type { ListCodec } from '../lists.ts';
import { parse } from '../parse.ts';
import type { Reply } from '../users/user-codec.ts';
import { type CursorScope, openCursor, sealCursor } from '../../domain/kernel/cursor.ts';
import type { Keyring } from '../../domain/kernel/keyring.ts';
import type { Request } from './pipeline.ts';
import { countPayloadBytes, maxBytesPerCharacter } from './payload.ts';
import { readQuery } from './query.ts';

/** What is read for a page: up to `limit` items behind the one at `after`. */
export interface PageRequest {
  readonly limit: number;
  readonly after: string | undefined;
}

type ListQuery = Readonly<Record<string, unknown>>;

/** The query of a list, parsed. Throws `invalid_input`. */
export const parseListQuery = (
  { query }: ListCodec,
  { event }: Pick<Request<unknown>, 'event'>,
): ListQuery => parse(query, readQuery(event, Object.keys(query.shape)), 'parameter');

/** Item of a page, with the position after which the next page begins if this is the last item. */
export interface PageItem {
  readonly body: unknown;
  readonly position: string;
}

/** The items that were read for a page. */
export interface PageItems {
  readonly items: readonly PageItem[];
  /** Position after which the next page begins. Undefined at the end of the list. */
  readonly next: string | undefined;
  /** The list, where it depends on what was read. */
  readonly codec?: Pick<ListCodec, 'toResponse'>;
}

/** With what else is in a response, a page stays below the 6 MB that a Lambda function can return. */
const maxPageBytes = 4 * 1024 * 1024;

/** The items of a page of at most `maxPageBytes`, and at least one. */
function takePage(items: readonly PageItem[]): readonly PageItem[] {
  const texts = items.map(({ body }) => JSON.stringify(body));
  if (texts.reduce((total, text) => total + text.length, 0) * maxBytesPerCharacter <= maxPageBytes)
    return items;
  let bytes = 0;
  const count = texts.findIndex((text) => (bytes += countPayloadBytes(text)) > maxPageBytes);
  return count < 0 ? items : items.slice(0, Math.max(count, 1));
}

/**
 * A page of a list, from the cursor that the page before gave out to its own. It has fewer items than were read if they
 * are too large for one response.
 */
export async function listPage(
  { toPageRequest: page, cursorParameter, toResponse: view }: ListCodec,
  query: ListQuery,
  scope: CursorScope,
  read: (page: PageRequest) => Promise<PageItems>,
  { keyring, now }: { readonly keyring: Keyring; readonly now: () => Date },
): Promise<Reply> {
  const { limit, cursor } = page(query);
  const after =
    cursor === undefined
      ? undefined
      : await openCursor(cursor, cursorParameter, scope, keyring, now());
  const { items, next, codec: list } = await read({ limit, after });
  const pageItems = takePage(items);
  const position = pageItems.length < items.length ? pageItems.at(-1)?.position : next;
  const nextCursor =
    position === undefined ? undefined : await sealCursor(position, scope, keyring, now());
  const bodies = pageItems.map(({ body }) => body);
  return { body: list ? list.toResponse(bodies, nextCursor) : view(bodies, nextCursor) };
}
