import * as z from 'zod';
import { isBlank } from './characters.ts';

type Shape = Readonly<Record<string, z.ZodType>>;

/** Passwords are exact: one of spaces is not blank. */
const isExact = (name: string): boolean => /password$/i.test(name);

/** True for a value that counts as absent. */
export const isAbsent = (name: string, value: unknown): boolean =>
  value === undefined || value === null || value === '' || (isBlank(value) && !isExact(name));

const isObject = (body: unknown): body is Readonly<Record<string, unknown>> =>
  typeof body === 'object' && body !== null && !Array.isArray(body);

/** Makes optional fields nullable. */
const makeNullable = <Fields extends Shape>(shape: Fields): Fields =>
  Object.fromEntries(
    Object.entries(shape).map(([name, schema]) => [
      name,
      schema.safeParse(undefined).success ? schema.nullable() : schema,
    ]),
  ) as unknown as Fields;

/**
 * Body of a request other than an update, or an object in it. Unknown fields are rejected. Null and
 * blank text count as absent, because responses and empty spreadsheet cells contain them.
 */
export const requestBody = <Fields extends Shape>(shape: Fields, id?: string) => {
  const schema: z.ZodObject<Fields, z.core.$strict> = z.strictObject(makeNullable(shape));
  const omitAbsent = (body: unknown): unknown =>
    isObject(body)
      ? Object.fromEntries(
          Object.entries(body).filter(
            ([name, value]) => !(Object.hasOwn(shape, name) && isAbsent(name, value)),
          ),
        )
      : body;
  return z.preprocess(omitAbsent, id === undefined ? schema : schema.meta({ id }));
};

/**
 * Body of an update. Unknown fields are rejected and absent fields stay unchanged. Null removes a
 * value, and so does blank text in nullable fields. `allowsEmpty` accepts a body without fields.
 */
export const updateBody = <Fields extends Shape>(
  shape: Fields,
  id: string,
  { allowsEmpty = false }: { readonly allowsEmpty?: boolean } = {},
) => {
  const nullableFields = new Set(
    Object.keys(shape).filter((name) => shape[name]?.safeParse(null).success),
  );
  const replaceAbsent = (body: unknown): unknown =>
    isObject(body)
      ? Object.fromEntries(
          Object.entries(body).map(([name, value]) => [
            name,
            nullableFields.has(name) && isAbsent(name, value) ? null : value,
          ]),
        )
      : body;
  return z
    .preprocess(
      replaceAbsent,
      z.strictObject(shape).meta({ id, ...(!allowsEmpty && { minProperties: 1 }) }),
    )
    .refine((body) => allowsEmpty || hasAnyField(body), {
      message: 'must name at least one field',
      // A misspelled field is the only issue of its body.
      when: ({ issues }) => issues.length === 0,
    });
};

const hasAnyField = (body: object): boolean =>
  Object.values(body).some((value) => value !== undefined);
