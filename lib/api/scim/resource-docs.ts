import * as z from 'zod';
import type { Attribute, ResourceSchema, Schema } from './schema/attribute.ts';

/** Schemas of the OpenAPI document, from the declared attributes. Nothing validates with them. */

const scalars = {
  string: () => z.string(),
  boolean: () => z.boolean(),
  decimal: () => z.number(),
  integer: () => z.int(),
  dateTime: () => z.iso.datetime({ offset: true }),
  reference: () => z.string(),
  binary: () => z.string(),
} as const;

const toValueSchema = ({ type, subAttributes = [] }: Attribute): z.ZodType =>
  type === 'complex' ? z.looseObject(toProperties(subAttributes)) : scalars[type]();

const toAttributeSchema = (attribute: Attribute): z.ZodType => {
  const value = toValueSchema(attribute);
  return (attribute.multiValued ? z.array(value) : value)
    .optional()
    .meta({ description: attribute.description });
};

const toProperties = (attributes: readonly Attribute[]): Record<string, z.ZodType> =>
  Object.fromEntries(attributes.map((attribute) => [attribute.name, toAttributeSchema(attribute)]));

const toExtension = ({ id, description, attributes }: Schema) =>
  [id, z.looseObject(toProperties(attributes)).optional().meta({ description })] as const;

/** Builds the OpenAPI schema of a type of resources. */
export const buildResourceDoc = ({ core, extensions }: ResourceSchema, id: string): z.ZodType =>
  z
    .looseObject({
      schemas: z.array(z.string()).optional().meta({ description: 'URNs of the schemas.' }),
      ...toProperties(core.attributes),
      ...Object.fromEntries(extensions.map(toExtension)),
    })
    .meta({ id, description: core.description });

/** Builds the OpenAPI schema of a ListResponse. */
export const buildListDoc = (resource: z.ZodType, id: string): z.ZodType =>
  z
    .strictObject({
      schemas: z.array(z.string()).meta({ description: 'URN of the list message.' }),
      totalResults: z
        .int()
        .optional()
        .meta({ description: 'Number of results. Pages by cursor can lack it.' }),
      startIndex: z
        .int()
        .optional()
        .meta({ description: 'Index of the first resource, from 1. Absent with cursors.' }),
      itemsPerPage: z.int().meta({ description: 'Number of resources on the page.' }),
      nextCursor: z.string().optional().meta({ description: 'Cursor of the next page.' }),
      Resources: z.array(resource).meta({ description: 'Resources of the page.' }),
    })
    .meta({ id });

/** Query parameters of a response with attributes (RFC 7644 §3.9). */
export const projectionQuery = {
  attributes: z
    .string()
    .optional()
    .meta({
      description: 'Attributes to return, separated by commas.',
      examples: ['userName,emails'],
    }),
  excludedAttributes: z
    .string()
    .optional()
    .meta({
      description: 'Attributes to leave out, separated by commas.',
      examples: ['members'],
    }),
};

/** Query parameters of a list (RFC 7644 §3.4.2, RFC 9865). */
export const listQuery = {
  ...projectionQuery,
  filter: z
    .string()
    .optional()
    .meta({
      description: 'Filter of at most 8,192 bytes.',
      examples: ['userName eq "jsmith@example.com"'],
    }),
  sortBy: z
    .string()
    .optional()
    .meta({
      description:
        'Attribute to sort by. Other attributes than `emails.value` sort up to 1,000 results.',
      examples: ['userName'],
    }),
  sortOrder: z.enum(['ascending', 'descending']).optional().meta({ description: 'Direction.' }),
  startIndex: z
    .string()
    .optional()
    .meta({
      description: 'Index of the first resource, from 1.',
      examples: ['1'],
    }),
  count: z
    .string()
    .optional()
    .meta({
      description: 'Number of resources on a page, at most 200. Default: 100.',
      examples: ['100'],
    }),
  cursor: z.string().optional().meta({
    description: 'Cursor of a page. Empty for the first page.',
  }),
};

const operation = z.looseObject({
  op: z.string().meta({ description: '`add`, `replace` or `remove`, in any case.' }),
  path: z.string().optional().meta({ description: 'Attribute, also with a filter.' }),
  value: z.unknown().optional().meta({ description: 'New value, or attributes without a path.' }),
});

/** Body of a PATCH (RFC 7644 §3.5.2). */
export const patchDoc = z
  .looseObject({
    schemas: z.array(z.string()).optional().meta({ description: 'URN of the PATCH message.' }),
    Operations: z.array(operation).meta({ description: 'At most 1,000 operations.' }),
  })
  .meta({ id: 'ScimPatch' });

/** Body of a search (RFC 7644 §3.4.3). */
export const searchDoc = z
  .looseObject({
    schemas: z.array(z.string()).optional().meta({ description: 'URN of the search message.' }),
    filter: z.string().optional().meta({ description: 'Filter.' }),
    attributes: z.array(z.string()).optional().meta({ description: 'Attributes to return.' }),
    count: z.int().optional().meta({ description: 'Number of resources on a page.' }),
  })
  .meta({ id: 'ScimSearchRequest' });
