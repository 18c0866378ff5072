import type { Attribute, ResourceSchema, Schema } from '../schema/attribute.ts';
import { discoverySchemas } from './discovery-schemas.ts';

/** Builds the documents of all schemas (RFC 7643 §7), without repeated extensions. */
export const buildSchemas = (
  resourceSchemas: readonly ResourceSchema[],
  baseUrl: string,
): readonly ScimDocument[] =>
  [
    ...resourceSchemas.flatMap(({ core, extensions }) => [core, ...extensions]),
    ...discoverySchemas,
  ].map((schema) => toSchemaDocument(schema, baseUrl));

/** Discovery document with an ID. */
export interface ScimDocument {
  readonly id: string;
  readonly [field: string]: unknown;
}

const toSchemaDocument = (
  { id, name, description, attributes }: Schema,
  baseUrl: string,
): ScimDocument => ({
  schemas: ['urn:ietf:params:scim:schemas:core:2.0:Schema'],
  id,
  name,
  description,
  attributes: attributes.map(toAttributeDocument),
  meta: { resourceType: 'Schema', location: `${baseUrl}/Schemas/${id}` },
});

/** Renders an attribute with the defaults of RFC 7643 §2.2. */
function toAttributeDocument(attribute: Attribute): object {
  const { name, type, description, canonicalValues, referenceTypes, subAttributes } = attribute;
  const isText = ['string', 'reference', 'binary'].includes(type);
  return {
    name,
    type,
    multiValued: attribute.multiValued ?? false,
    description,
    required: attribute.required ?? false,
    ...(canonicalValues && { canonicalValues }),
    ...(isText && { caseExact: attribute.caseExact ?? false }),
    mutability: attribute.mutability ?? 'readWrite',
    returned: attribute.returned ?? 'default',
    ...(type !== 'complex' && { uniqueness: attribute.uniqueness ?? 'none' }),
    ...(referenceTypes && { referenceTypes }),
    ...(subAttributes && { subAttributes: subAttributes.map(toAttributeDocument) }),
  };
}

/** Builds the documents of the resource types (RFC 7643 §6). */
export const buildResourceTypes = (
  resourceSchemas: readonly ResourceSchema[],
  baseUrl: string,
): readonly ScimDocument[] =>
  resourceSchemas.map(({ resourceType, core, extensions }) => ({
    schemas: ['urn:ietf:params:scim:schemas:core:2.0:ResourceType'],
    id: resourceType,
    name: resourceType,
    description: core.description,
    endpoint: `/${resourceType}s`,
    schema: core.id,
    schemaExtensions: extensions.map(({ id }) => ({ schema: id, required: false })),
    meta: { resourceType: 'ResourceType', location: `${baseUrl}/ResourceTypes/${resourceType}` },
  }));
