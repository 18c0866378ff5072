import { isJsonObject } from '../../domain/kernel/json-merge-patch.ts';
import type { ScimResource } from './schema/attribute.ts';
import type { AttributePath } from './schema/find-attribute.ts';

/** Reads a member of an object. Undefined for inherited members and for other values. */
export const readMember = (value: unknown, name: string): unknown =>
  isJsonObject(value) && Object.hasOwn(value, name) ? value[name] : undefined;

type AttributePlace = Pick<AttributePath, 'extension' | 'attribute'>;

/** Reads the value of an attribute, without regard to the sub-attribute of the path. */
export const readAttribute = (
  resource: ScimResource,
  { extension, attribute: { name } }: AttributePlace,
): unknown =>
  readMember(extension === undefined ? resource : readMember(resource, extension), name);

/**
 * Returns a resource with another value of an attribute. Undefined, an empty list and an empty
 * object remove the attribute.
 */
export function writeAttribute(
  resource: ScimResource,
  { extension, attribute: { name } }: AttributePlace,
  value: unknown,
): ScimResource {
  if (extension === undefined) return writeMember(resource, name, value);
  const attributes = (readMember(resource, extension) ?? {}) as ScimResource;
  return writeMember(resource, extension, writeMember(attributes, name, value));
}

/** Returns an object with another value of a member. An empty value removes the member. */
export function writeMember(object: ScimResource, name: string, value: unknown): ScimResource {
  // A computed name never sets the prototype.
  if (!isEmpty(value)) return { ...object, [name]: value };
  const entries = Object.entries(object).filter(([key]) => key !== name);
  return Object.fromEntries(entries);
}

const isEmpty = (value: unknown): boolean =>
  value === undefined ||
  (Array.isArray(value) && value.length === 0) ||
  (isJsonObject(value) && Object.keys(value).length === 0);
