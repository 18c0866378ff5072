import * as z from 'zod';
import { isBlank } from './characters.ts';

type Shape = Readonly<Record<string, z.ZodType>>;

/** Passwords are compared exactly: one of spaces alone is not blank. */
const isExact = (name: string): boolean => /password$/i.test(name);

/** True for a value that means that the field is absent. */
export const isAbsent = (name: string, value: unknown): boolean =>
  value === undefined || value === null || value === '' || (isBlank(value) && !isExact(name));

const isObject = (body: unknown): body is Readonly<Record<string, unknown>> =>
  typeof body === 'object' && body !== null && !Array.isArray(body);

/** Makes optional fields nullable, as the API document shows them. */
const withNull = <Fields extends Shape>(shape: Fields): Fields =>
  Object.fromEntries(
    Object.entries(shape).map(([name, schema]) => [
      name,
      schema.safeParse(undefined).success ? schema.nullable() : schema,
    ]),
  ) as unknown as Fields;

/**
 * The body of a request that is not a change, or an object within one. Unknown fields are refused. Null and blank text mean
 * that a field is absent, because responses and empty cells of spreadsheets use them.
 */
export const requestBody = <Fields extends Shape>(shape: Fields, id?: string) => {
  const schema: z.ZodObject<Fields, z.core.$strict> = z.strictObject(withNull(shape));
  const withoutAbsent = (body: unknown): unknown =>
    isObject(body)
      ? Object.fromEntries(
          Object.entries(body).filter(
            ([name, value]) => !(Object.hasOwn(shape, name) && isAbsent(name, value)),
          ),
        )
      : body;
  return z.preprocess(withoutAbsent, id === undefined ? schema : schema.meta({ id }));
};

/**
 * The body of a change. Unknown fields are refused and absent fields stay. Null removes a value, and so does blank text where
 * null can.
 */
export const updateBody = <Fields extends Shape>(shape: Fields, id: string) => {
  const removable = new Set(
    Object.keys(shape).filter((name) => shape[name]?.safeParse(null).success),
  );
  const withNulls = (body: unknown): unknown =>
    isObject(body)
      ? Object.fromEntries(
          Object.entries(body).map(([name, value]) => [
            name,
            removable.has(name) && isAbsent(name, value) ? null : value,
          ]),
        )
      : body;
  return z
    .preprocess(withNulls, z.strictObject(shape).meta({ id, minProperties: 1 }))
    .refine(hasAnyField, 'must name at least one field');
};

const hasAnyField = (body: object): boolean =>
  Object.values(body).some((value) => value !== undefined);
