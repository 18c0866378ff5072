import { type CursorScope, openCursor, sealCursor } from '../../domain/kernel/cursor.ts';
import type { Keyring } from '../../domain/kernel/keyring.ts';
import type { Reply } from '../codec.ts';
import type { ListCodec } from '../lists.ts';
import { isParameterGroup, parse } from '../parse.ts';
import { countPayloadBytes, maxBytesPerCharacter } from './payload.ts';
import { readQuery } from './query.ts';
import type { AuthenticatedRequest } from './request.ts';

/** Items to read for a page: up to `limit` after the position `after`. */
export interface PageRequest {
  readonly limit: number;
  readonly after: string | undefined;
}

type ListQuery = Readonly<Record<string, unknown>>;

/** Parses the query of a list. Throws `invalid_input`. */
export const parseListQuery = (
  { query }: Pick<ListCodec, 'query'>,
  { event }: Pick<AuthenticatedRequest, 'event'>,
): ListQuery => {
  const schema = query();
  const names = Object.keys(schema.shape);
  const groups = names.filter((name) => isParameterGroup(schema.shape[name]));
  return parse(schema, readQuery(event, { names, groups }), 'parameter');
};

/** Item of a page, with the position after which the next page begins if this is the last item. */
interface PageItem {
  readonly body: unknown;
  readonly position: string;
}

/** Items that were read for a page. */
export interface PageItems {
  readonly items: readonly PageItem[];
  /** Position after which the next page begins. Undefined at the end of the list. */
  readonly next: string | undefined;
  /** Fields of the page in addition to the items. */
  readonly pageFields?: object;
  /** Renders the page if that depends on the items. */
  readonly codec?: Pick<ListCodec, 'toResponse'>;
}

interface ListPageOptions {
  readonly codec: ListCodec;
  readonly query: ListQuery;
  readonly scope: CursorScope;
  read(page: PageRequest): Promise<PageItems>;
}

export interface ListPageDependencies {
  readonly keyring: Keyring;
  readonly now: () => Date;
}

/** Reads a page and renders it. A page whose items exceed the size of a response is cut short. */
export async function listPage(
  { codec, query, scope, read }: ListPageOptions,
  { keyring, now }: ListPageDependencies,
): Promise<Reply> {
  const { limit, cursor } = codec.toPageRequest(query);
  const after =
    cursor === undefined
      ? undefined
      : await openCursor({ cursor, parameter: codec.cursorParameter }, scope, { keyring, now });
  const { items, next, pageFields, codec: pageCodec = codec } = await read({ limit, after });
  const pageItems = takePage(items);
  const position = pageItems.length < items.length ? pageItems.at(-1)?.position : next;
  const nextCursor =
    position === undefined ? undefined : await sealCursor(position, scope, { keyring, now });
  const bodies = pageItems.map(({ body }) => body);
  return { body: pageCodec.toResponse(bodies, nextCursor, pageFields) };
}

/** Leaves room below the 6 MB that a Lambda function can return. */
const maxPageBytes = 4 * 1024 * 1024;

/** Takes items up to `maxPageBytes`, and at least one. */
function takePage(items: readonly PageItem[]): readonly PageItem[] {
  const texts = items.map(({ body }) => JSON.stringify(body));
  if (texts.reduce((total, text) => total + text.length, 0) * maxBytesPerCharacter <= maxPageBytes)
    return items;
  let bytes = 0;
  const count = texts.findIndex((text) => (bytes += countPayloadBytes(text)) > maxPageBytes);
  return count < 0 ? items : items.slice(0, Math.max(count, 1));
}
