/**
 * Operators of the compiled policies, with Cedar's semantics. An absent attribute throws, because
 * JavaScript would compare `undefined` and let an `unless` clause pass.
 */

type Attributes<Name extends string, Value> = { readonly [Each in Name]?: Value };

/** True if the entity or context has the attribute. */
export const hasAttribute = <Name extends string>(
  attributes: Attributes<NoInfer<Name>, unknown>,
  name: Name,
): boolean => Object.hasOwn(attributes, name) && attributes[name] !== undefined;

/** Gets a string, or the ID of an entity. Throws if it is absent or has another type. */
export function getString<Name extends string>(
  attributes: Attributes<NoInfer<Name>, string>,
  name: Name,
): string {
  const value = getAttribute(attributes, name);
  if (typeof value !== 'string') throw new TypeError(`${name} is not a string`);
  return value;
}

/** Gets a boolean. Throws if it is absent or has another type. */
export function getBoolean<Name extends string>(
  attributes: Attributes<NoInfer<Name>, boolean>,
  name: Name,
): boolean {
  const value = getAttribute(attributes, name);
  if (typeof value !== 'boolean') throw new TypeError(`${name} is not a boolean`);
  return value;
}

/** Gets a set of strings. Throws if it is absent or has another type. */
export function getSet<Entity extends object, Name extends keyof Entity & string>(
  attributes: Entity,
  name: Name,
): Extract<Entity[Name], readonly string[]> {
  const value = getAttribute(attributes, name);
  if (!Array.isArray(value)) throw new TypeError(`${name} is not a set`);
  return value as Extract<Entity[Name], readonly string[]>;
}

function getAttribute<Name extends string>(
  attributes: Attributes<Name, unknown>,
  name: Name,
): unknown {
  if (!hasAttribute(attributes, name)) throw new TypeError(`${name} is absent`);
  return attributes[name];
}

/** True if the set has the element. */
export const contains = <Element extends string>(
  set: readonly Element[],
  element: NoInfer<Element>,
): boolean => set.includes(element);

/** True if the set has all elements. */
export const containsAll = <Element extends string>(
  set: readonly Element[],
  elements: readonly NoInfer<Element>[],
): boolean => elements.every((element) => set.includes(element));

/** True if the set has at least one of the elements. */
export const containsAny = <Element extends string>(
  set: readonly Element[],
  elements: readonly NoInfer<Element>[],
): boolean => elements.some((element) => set.includes(element));

/** Clause `principal has tenant && principal.tenant == resource`. */
export const isInTenant = ({
  principal,
  resource,
}: {
  readonly principal: Attributes<'tenant', string>;
  readonly resource: string;
}): boolean => hasAttribute(principal, 'tenant') && getString(principal, 'tenant') === resource;
