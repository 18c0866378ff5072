import * as z from 'zod';

/** A list on the wire of one dialect. */
export interface ListWire {
  /** The query parameters as they come. */
  readonly query: z.ZodObject;
  /** Which of them is the cursor. */
  readonly cursorParameter: string;
  /** What a parsed query asks for. */
  page(query: Readonly<Record<string, unknown>>): {
    readonly limit: number;
    readonly cursor: string | undefined;
  };
  readonly answer: z.ZodType;
  /** `items` are bodies as the dialect's view makes them. */
  view(items: readonly unknown[], cursor: string | undefined): object;
}

/** What is listed. */
interface Listed {
  /** In people's words, in the plural. */
  readonly named: string;
  /** The shape of one. */
  readonly answer: z.ZodType;
  /** The name of the schema of a page. */
  readonly id: string;
}

interface ListedInField extends Listed {
  /** Where they are in a page. */
  readonly field: string;
}

/** Cradl's list, which Credible has too: `maxResults` and `nextToken` → `{<field>, nextToken}`. */
export const cradlList = ({ named, field, answer, id }: ListedInField): ListWire => ({
  query: z.strictObject({ maxResults: limit(named), nextToken: cursor }),
  cursorParameter: 'nextToken',
  page: ({ maxResults, nextToken }) => pageOf(maxResults, nextToken),
  answer: z
    .strictObject({
      [field]: z.array(answer),
      nextToken: z
        .string()
        .nullable()
        .meta({ description: 'Where the next page begins; null on the last.' }),
    })
    .meta({ id }),
  view: (items, next) => ({ [field]: items, nextToken: next ?? null }),
});

/** The same with more parameters: `filters`. */
export const nativeList = (listed: ListedInField, filters: z.ZodRawShape = {}): ListWire => {
  const list = cradlList(listed);
  return { ...list, query: list.query.extend(filters) };
};

/** JITSudo's list: `limit` and `cursor` → `{data, next_cursor, has_more}`. */
export const jitsudoList = ({ named, answer, id }: Listed): ListWire => ({
  query: z.strictObject({ limit: limit(named), cursor }),
  cursorParameter: 'cursor',
  page: (query) => pageOf(query['limit'], query['cursor']),
  answer: z
    .strictObject({
      data: z.array(answer),
      next_cursor: z.string().nullable(),
      has_more: z.boolean(),
    })
    .meta({ id }),
  view: (data, next) => ({ data, next_cursor: next ?? null, has_more: next !== undefined }),
});

const limit = (named: string) =>
  z
    .string()
    .regex(/^0*[1-9]\d{0,15}$/, 'must be a whole number of at least 1')
    .default('50')
    .meta({
      description: `How many ${named} at most, 1 to 100.`,
      type: 'string',
      examples: ['50'],
    });

const cursor = z
  .string()
  .max(4096)
  .optional()
  .meta({ description: 'Where to go on: what the page before has given out.' });

/** How many at most: above 100 is 100. */
const pageOf = (most: unknown, from: unknown) => ({
  limit: Math.min(Number(most), 100),
  cursor: from as string | undefined,
});
