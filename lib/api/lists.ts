import * as z from 'zod';
import { buildOnce, type LazySchema, responseSchema } from './codec.ts';

/** List in one dialect. */
export interface ListCodec {
  /** Schema of the query parameters. */
  readonly query: () => z.ZodObject;
  /** Name of the query parameter with the cursor. */
  readonly cursorParameter: string;
  toPageRequest(query: Readonly<Record<string, unknown>>): {
    readonly limit: number;
    readonly cursor: string | undefined;
  };
  readonly response: LazySchema;
  /** `pageFields` are further fields of the page. */
  toResponse(items: readonly unknown[], cursor: string | undefined, pageFields?: object): object;
}

interface ListOptions {
  /** Plural noun for descriptions. */
  readonly itemsLabel: string;
  /** Schema of one item. */
  readonly item: LazySchema;
  /** Schema ID of a page. */
  readonly id: string;
}

interface NamedListOptions extends ListOptions {
  /** Field of a page that holds the items. */
  readonly field: string;
  /** Schema of further fields of a page. */
  readonly pageFields?: () => z.ZodObject;
}

/** List of Cradl and Credible: `maxResults` and `nextToken` return `{<field>, nextToken}`. */
export const cradlList = ({
  itemsLabel,
  field,
  item,
  id,
  pageFields,
}: NamedListOptions): ListCodec => ({
  query: buildOnce(() =>
    z.strictObject({ maxResults: limitField(itemsLabel), nextToken: cursorField() }),
  ),
  cursorParameter: 'nextToken',
  toPageRequest: ({ maxResults, nextToken }) => buildPageRequest(maxResults, nextToken),
  response: responseSchema(() =>
    z
      .strictObject({
        [field]: z.array(item()),
        nextToken: z
          .string()
          .nullable()
          .meta({ description: 'Cursor of the next page. Null on the last page.' }),
        ...pageFields?.().shape,
      })
      .meta({ id }),
  ),
  toResponse: (items, next, fields) => ({ [field]: items, nextToken: next ?? null, ...fields }),
});

/** Cradl's list with filters. */
export const nativeList = (
  options: NamedListOptions,
  buildFilters: () => z.ZodRawShape = () => ({}),
): ListCodec => {
  const list = cradlList(options);
  return { ...list, query: buildOnce(() => list.query().extend(buildFilters())) };
};

/** List of JITSudo: `limit` and `cursor` return `{data, next_cursor, has_more}`. */
export const jitsudoList = ({ itemsLabel, item, id }: ListOptions): ListCodec => ({
  query: buildOnce(() => z.strictObject({ limit: limitField(itemsLabel), cursor: cursorField() })),
  cursorParameter: 'cursor',
  toPageRequest: (query) => buildPageRequest(query['limit'], query['cursor']),
  response: responseSchema(() =>
    z
      .strictObject({
        data: z.array(item()),
        next_cursor: z
          .string()
          .nullable()
          .meta({ description: 'Cursor of the next page. Null on the last page.' }),
        has_more: z.boolean().meta({ description: 'True if there is a next page.' }),
      })
      .meta({ id }),
  ),
  toResponse: (data, next) => ({ data, next_cursor: next ?? null, has_more: next !== undefined }),
});

/** Maximum number of items of a page, up to 100. */
export const limitField = (itemsLabel: string) =>
  z
    .string()
    .regex(/^0*[1-9]\d{0,15}$/, 'must be a whole number of at least 1')
    .default('50')
    .meta({
      description: `Maximum number of ${itemsLabel} on the page. Values above 100 count as 100.`,
      type: 'integer',
      minimum: 1,
      maximum: 100,
      default: 50,
    });

const cursorField = () =>
  z.string().max(4096).optional().meta({ description: 'Cursor from the previous page.' });

/** Caps the page size at 100. */
const buildPageRequest = (maxResults: unknown, cursor: unknown) => ({
  limit: Math.min(Number(maxResults), 100),
  cursor: cursor as string | undefined,
});
