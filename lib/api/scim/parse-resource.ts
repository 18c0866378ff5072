import type { RequestLog } from '../../domain/connections/request-log.ts';
import { Failure } from '../../domain/kernel/failure.ts';
import { isJsonObject, type JsonObject } from '../../domain/kernel/json-merge-patch.ts';
import { invalidWireInput } from '../unknown-names.ts';
import { parseValue } from './parse-value.ts';
import { reportQuirk } from './quirks.ts';
import { readAttribute, writeAttribute } from './resource-attributes.ts';
import type { ResourceSchema, ScimResource } from './schema/attribute.ts';
import { enterpriseUserUrn } from './schema/enterprise-user.ts';
import { groupUrn } from './schema/group.ts';
import { userUrn } from './schema/user.ts';
import {
  type AttributePath,
  findPath,
  findSchema,
  formatAttributePath,
} from './schema/find-attribute.ts';

interface ParsedResource {
  /** Assigned attributes. */
  readonly resource: ScimResource;
  /** Attributes and extensions in the body, also unassigned ones. Canonical names. */
  readonly mentioned: ReadonlySet<string>;
}

/**
 * Parses the body of a POST or PUT. Ignores unknown and read-only attributes. A PUT passes the ID
 * of the resource. Throws `malformed_json`, `invalid_input`, or `immutable_attribute` for another
 * ID.
 */
export function parseResource(
  body: unknown,
  schema: ResourceSchema,
  log: RequestLog,
  id?: string,
): ParsedResource {
  const object = readObject(body);
  assertSchemas(object, schema, log);
  if (id !== undefined) assertSameId(object, id);
  const mentioned = new Set<string>();
  const assigned = new Set<string>();
  const resource = assign(object);
  assertRequired(resource, schema);
  return { resource, mentioned };

  function assign(fields: JsonObject, extension?: string, start: ScimResource = {}): ScimResource {
    return listFields(fields, extension ?? '').reduce((resource, [name, value]) => {
      const path = extension === undefined ? name : `${extension}:${name}`;
      const found = findPath(path, schema, log);
      if (!found) {
        skipUnknown(path, log);
        return resource;
      }
      if (!('schema' in found)) return assignAttribute(resource, found, value);
      const { id: urn } = found.schema;
      if (found.schema !== schema.core) mentioned.add(urn);
      if (value === null) return resource;
      if (!isJsonObject(value)) throw invalidWireInput([{ path, message: 'must be an object' }]);
      return assign(value, urn, resource);
    }, start);
  }

  function assignAttribute(
    resource: ScimResource,
    path: AttributePath,
    value: unknown,
  ): ScimResource {
    const { attribute, subAttribute, extension } = path;
    mentioned.add(extension ?? attribute.name);
    if (
      (subAttribute ?? attribute).mutability === 'readOnly' ||
      attribute.mutability === 'readOnly'
    )
      return resource;
    const name = formatAttributePath(path);
    if (assigned.has(name))
      throw invalidWireInput([{ path: name, message: 'must not be repeated in the same request' }]);
    assigned.add(name);
    const context = { path: name, log };
    if (!subAttribute) {
      const parsed = parseValue(attribute, value, context);
      return parsed === undefined ? resource : writeAttribute(resource, path, parsed);
    }
    reportQuirk(log, 'dotted-name');
    const parsed = parseValue(subAttribute, value, context);
    if (parsed === undefined) return resource;
    const current = readAttribute(resource, path);
    const [first, ...others] = attribute.multiValued ? ((current ?? []) as unknown[]) : [current];
    const merged = { ...(first as object | undefined), [subAttribute.name]: parsed };
    return writeAttribute(resource, path, attribute.multiValued ? [merged, ...others] : merged);
  }
}

const maxFields = 1000;

/** Lists the fields of an object. Throws `invalid_input` above 1,000. */
export function listFields(object: JsonObject, path: string): readonly [string, unknown][] {
  const fields = Object.entries(object);
  if (fields.length <= maxFields) return fields;
  throw invalidWireInput([{ path, message: `must have at most ${maxFields} attributes` }]);
}

function readObject(body: unknown): JsonObject {
  if (isJsonObject(body)) return body;
  throw new Failure('malformed_json', 'The request body must be a JSON object');
}

/** True for the name of the attribute, with or without URN. */
export const isPassword = (path: string): boolean =>
  path.toLowerCase() === 'password' || path.toLowerCase().endsWith(':password');

/** Logs an attribute that the schema lacks. */
export const skipUnknown = (name: string, log: RequestLog): void =>
  log.skip(isPassword(name) ? 'passwords are not accepted' : 'unknown attribute', {
    name: name.slice(0, 200),
  });

/** Schemas of resources, in lower case. */
const resourceUrns = [userUrn, enterpriseUserUrn, groupUrn].map((urn) => urn.toLowerCase());

/**
 * Throws `malformed_json` if `schemas` names another resource type. Clients send other values that
 * are wrong, so the attributes decide.
 */
function assertSchemas(body: JsonObject, schema: ResourceSchema, log: RequestLog): void {
  const sent = Object.entries(body).find(([name]) => name.toLowerCase() === 'schemas')?.[1];
  const urns = Array.isArray(sent) ? sent.filter((urn) => typeof urn === 'string') : [];
  const unknown = urns.filter((urn) => findSchema(urn, schema) === undefined);
  if (urns.length === 0 || unknown.length > 0) reportQuirk(log, 'unknown-schemas');
  const isForeign = (urn: string): boolean => resourceUrns.includes(urn.toLowerCase());
  if (unknown.length === 0 || unknown.length < urns.length || !unknown.every(isForeign)) return;
  throw new Failure(
    'malformed_json',
    `schemas must include ${schema.core.id}, because this is the endpoint of this resource type`,
  );
}

/** Throws `immutable_attribute` for another ID than that of the resource. */
function assertSameId(body: JsonObject, id: string): void {
  const sent = Object.entries(body).find(([name]) => name.toLowerCase() === 'id')?.[1];
  if (sent === undefined || sent === null || isSameId(sent, id)) return;
  throw new Failure('immutable_attribute', 'id cannot be changed');
}

/** True if a value is the ID, regardless of case. */
export const isSameId = (value: unknown, id: unknown): boolean =>
  typeof value === 'string' && typeof id === 'string' && value.toLowerCase() === id.toLowerCase();

/** Throws `invalid_input` without a required attribute. */
export function assertRequired(resource: ScimResource, { core }: ResourceSchema): void {
  const issues = core.attributes
    .filter(
      ({ name, required, hasDefault }) => required && !hasDefault && !Object.hasOwn(resource, name),
    )
    .map(({ name }) => ({ path: name, message: 'is required' }));
  if (issues.length > 0) throw invalidWireInput(issues);
}
