import { matches } from './filter/matches.ts';
import { findValuePath, type ValuePath } from './filter/parse-filter.ts';
import { readMember } from './resource-attributes.ts';
import type { Attribute, ResourceSchema, Schema, ScimResource } from './schema/attribute.ts';
import { commonAttributes } from './schema/common-attributes.ts';
import { findByName, type SchemaPath } from './schema/find-attribute.ts';
import { buildGroupSchema } from './schema/group.ts';
import { buildUserSchema } from './schema/user.ts';

/** Parameters that select the attributes of a response (RFC 7644 §3.9). Unknown names are ignored. */
export interface Projection {
  readonly attributes?: readonly string[] | undefined;
  readonly excludedAttributes?: readonly string[] | undefined;
}

/** Selected part of a resource: a whole schema, an attribute, or a part of its values. */
type Selector = SchemaPath | ValuePath;

/** Selects the attributes of a response. `schemas` lists the schemas of the selected ones. */
export function project(
  resource: ScimResource,
  { attributes, excludedAttributes }: Projection,
  schema: ResourceSchema,
): ScimResource {
  const { core, extensions } = schema;
  const selection: Selection = {
    included: attributes && parseSelectors(attributes, schema),
    excluded: parseSelectors(excludedAttributes ?? [], schema),
  };
  const coreAttributes = [...commonAttributes, ...core.attributes];
  const combined = { ...core, attributes: coreAttributes };
  const { schemas: _schemas, ...selected } = selectAttributes(resource, combined, selection);
  const extended = extensions.flatMap((extension) => {
    const values = readMember(resource, extension.id) as ScimResource | undefined;
    const selected = values && selectAttributes(values, extension, selection, extension.id);
    return selected && Object.keys(selected).length > 0 ? [[extension.id, selected] as const] : [];
  });
  return {
    schemas: [core.id, ...extended.map(([urn]) => urn)],
    ...selected,
    ...Object.fromEntries(extended),
  };
}

/** True if a response shows at least a part of an attribute of the core. */
export function includesAttribute(
  name: string,
  { attributes, excludedAttributes = [] }: Projection,
): boolean {
  const schema = [buildUserSchema(), buildGroupSchema()].find(({ core }) =>
    findByName(core.attributes, name),
  );
  if (!schema) throw new Error(`${name} is not an attribute of users or groups`);
  const isSelected = (selector: Selector): boolean =>
    'schema' in selector
      ? selector.schema === schema.core
      : selector.extension === undefined && selector.attribute.name === name;
  if (attributes) return parseSelectors(attributes, schema).some(isSelected);
  return !parseSelectors(excludedAttributes, schema).some(
    (selector) => isSelected(selector) && isWhole(selector),
  );
}

interface Selection {
  /** Undefined for the attributes that are returned by default. */
  readonly included: readonly Selector[] | undefined;
  readonly excluded: readonly Selector[];
}

const parsedSelectors = new WeakMap<
  readonly string[],
  { readonly schema: ResourceSchema; readonly selectors: readonly Selector[] }
>();

/** Parses names, once for all resources of a list. */
function parseSelectors(names: readonly string[], schema: ResourceSchema): readonly Selector[] {
  const parsed = parsedSelectors.get(names);
  if (parsed?.schema === schema) return parsed.selectors;
  const selectors = names.flatMap((name) => findValuePath(name, schema) ?? []);
  parsedSelectors.set(names, { schema, selectors });
  return selectors;
}

const isWhole = (selector: Selector): boolean =>
  'schema' in selector || (!selector.filter && !selector.subAttribute);

function selectAttributes(
  values: ScimResource,
  schema: Schema,
  selection: Selection,
  extension?: string,
): ScimResource {
  const isSelecting =
    (attribute: Attribute) =>
    (selector: Selector): boolean =>
      'schema' in selector
        ? selector.schema.id === schema.id
        : selector.attribute === attribute && selector.extension === extension;
  const selected = schema.attributes.flatMap((attribute) => {
    const isAbout = isSelecting(attribute);
    const value = selectValue(attribute, readMember(values, attribute.name), {
      included: selection.included?.filter(isAbout),
      excluded: selection.excluded.filter(isAbout),
    });
    return isEmpty(value) ? [] : [[attribute.name, value] as const];
  });
  return Object.fromEntries(selected);
}

const isEmpty = (value: unknown): boolean =>
  value === undefined ||
  (typeof value === 'object' && value !== null && Object.keys(value).length === 0);

/** Selects the parts of a value. Undefined for none. */
function selectValue(
  { returned = 'default' }: Attribute,
  value: unknown,
  { included, excluded }: Selection,
): unknown {
  if (returned === 'never' || value === undefined) return undefined;
  if (returned === 'always') return value;
  if (included) return included.some(isWhole) ? value : mapValues(value, pick(included));
  if (returned === 'request' || excluded.some(isWhole)) return undefined;
  return excluded.length === 0 ? value : mapValues(value, omit(excluded));
}

type SelectPart = (value: ScimResource) => ScimResource | undefined;

/** Selects a part of each value of a complex attribute. */
function mapValues(value: unknown, select: SelectPart): unknown {
  if (!Array.isArray(value)) return select(value as ScimResource);
  return (value as readonly ScimResource[]).map(select).filter((part) => !isEmpty(part));
}

/** Selectors of a part of one value. */
const findApplicable = (
  selectors: readonly Selector[],
  value: ScimResource,
): readonly ValuePath[] =>
  selectors.filter(
    (selector): selector is ValuePath =>
      'attribute' in selector && (!selector.filter || matches(selector.filter, value)),
  );

const pick =
  (included: readonly Selector[]): SelectPart =>
  (value) => {
    const applicable = findApplicable(included, value);
    if (applicable.some(({ subAttribute }) => !subAttribute)) return value;
    const names = new Set(applicable.map(({ subAttribute }) => subAttribute?.name));
    return Object.fromEntries(Object.entries(value).filter(([name]) => names.has(name)));
  };

const omit =
  (excluded: readonly Selector[]): SelectPart =>
  (value) => {
    const applicable = findApplicable(excluded, value);
    if (applicable.some(({ subAttribute }) => !subAttribute)) return undefined;
    const names = new Set(applicable.map(({ subAttribute }) => subAttribute?.name));
    return Object.fromEntries(Object.entries(value).filter(([name]) => !names.has(name)));
  };
