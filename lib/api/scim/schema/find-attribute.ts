import { type QuirkLog, reportQuirk } from '../quirks.ts';
import type { Attribute, ResourceSchema, Schema } from './attribute.ts';
import { commonAttributes } from './common-attributes.ts';
import { enterpriseUserUrn } from './enterprise-user.ts';

/** Attribute or sub-attribute that a path names. */
export interface AttributePath {
  /** URN of the extension with the attribute. Absent for attributes of the core. */
  readonly extension?: string;
  readonly attribute: Attribute;
  readonly subAttribute?: Attribute;
}

/** Whole schema that a path names. */
export interface SchemaPath {
  readonly schema: Schema;
}

/** URNs that clients send for the schemas of this service. Without a colon at the end. */
const aliases: readonly (readonly [alias: string, urn: string])[] = [
  [enterpriseUserUrn.replace(':User', 'User'), enterpriseUserUrn],
  [enterpriseUserUrn.replace(':User', ''), enterpriseUserUrn],
  ['urn:scim:schemas:extension:enterprise:2.0', enterpriseUserUrn],
  ['urn:scim:schemas:extension:enterprise:1.0', enterpriseUserUrn],
];
const coreAliases = ['urn:scim:schemas:core:2.0', 'urn:scim:schemas:core:1.0'];

const indexes = new WeakMap<readonly Attribute[], ReadonlyMap<string, Attribute>>();

/** Finds an attribute by name, regardless of case. */
export function findByName(attributes: readonly Attribute[], name: string): Attribute | undefined {
  const index =
    indexes.get(attributes) ??
    new Map(attributes.map((attribute) => [attribute.name.toLowerCase(), attribute]));
  indexes.set(attributes, index);
  return index.get(name.toLowerCase());
}

/** Finds the schema of a URN, regardless of case. */
export function findSchema(
  urn: string,
  { core, extensions }: ResourceSchema,
  log?: QuirkLog,
): Schema | undefined {
  const found = findUrn(urn, [core, ...extensions], log);
  return found?.rest === '' ? found.schema : undefined;
}

/** Finds the known URN at the start of a path, and the rest after the separator. */
function findUrn(
  path: string,
  schemas: readonly Schema[],
  log?: QuirkLog,
): { readonly schema: Schema; readonly rest: string } | undefined {
  const lower = path.toLowerCase();
  // A body can have 100,000 unknown names.
  if (!lower.startsWith('urn:')) return undefined;
  const match = (urn: string): string | undefined => {
    if (!lower.startsWith(urn.toLowerCase())) return undefined;
    if (path.length === urn.length) return '';
    const hasRest = path[urn.length] === ':' || path[urn.length] === '.';
    return hasRest && path.length > urn.length + 1 ? path.slice(urn.length + 1) : undefined;
  };
  for (const schema of schemas) {
    const rest = match(schema.id);
    if (rest !== undefined) return { schema, rest };
  }
  const [core] = schemas;
  const pairs = [...aliases, ...coreAliases.map((alias) => [alias, core?.id ?? ''] as const)];
  for (const [alias, urn] of pairs) {
    const rest = match(alias);
    const schema = schemas.find(({ id }) => id === urn);
    if (rest === undefined || schema === undefined) continue;
    reportQuirk(log, 'schema-alias');
    return { schema, rest };
  }
  return undefined;
}

/**
 * Finds the attribute that a path without a filter names, or the whole schema that a URN names.
 * Names without URN are those of the core, else of the extensions. Undefined for unknown ones.
 */
export function findPath(
  path: string,
  schema: ResourceSchema,
  log?: QuirkLog,
): AttributePath | SchemaPath | undefined {
  const { core, extensions } = schema;
  const urn = findUrn(path, [core, ...extensions], log);
  if (urn?.rest === '') return { schema: urn.schema };
  if (urn && urn.schema !== core) return findIn(urn.schema.attributes, urn.rest, urn.schema.id);
  const name = urn?.rest ?? path;
  const found = findIn(commonAttributes, name) ?? findIn(core.attributes, name);
  if (found || urn) return found;
  for (const { id, attributes } of extensions) {
    const attribute = findIn(attributes, name, id);
    if (!attribute) continue;
    reportQuirk(log, 'extension-attribute-without-urn');
    return attribute;
  }
  return undefined;
}

/** Finds `name` or `name.subName`. */
function findIn(
  attributes: readonly Attribute[],
  path: string,
  extension?: string,
): AttributePath | undefined {
  const [name = '', subName, ...rest] = path.split('.');
  const attribute = findByName(attributes, name);
  if (!attribute || rest.length > 0) return undefined;
  const place = { ...(extension !== undefined && { extension }), attribute };
  if (subName === undefined) return place;
  const subAttribute = findByName(attribute.subAttributes ?? [], subName);
  return subAttribute && { ...place, subAttribute };
}

/** Formats a path with canonical names. */
export function formatAttributePath({ extension, attribute, subAttribute }: AttributePath): string {
  const name = subAttribute ? `${attribute.name}.${subAttribute.name}` : attribute.name;
  return extension === undefined ? name : `${extension}:${name}`;
}
