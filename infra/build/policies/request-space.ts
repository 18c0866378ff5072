import type { PolicySchema, ValueType } from './schema.ts';
import type { ParsedPolicy } from './sources.ts';
import { listActions } from './translate.ts';

/** Request to the policies. IDs represent entities, and any attribute can be absent. */
export interface SampleRequest {
  readonly principal: Values;
  readonly action: string;
  readonly resource: string;
  readonly context: Values;
}
type Values = Readonly<Record<string, unknown>>;

/** Requests of an action, by index. */
export interface RequestSpace {
  readonly size: number;
  get(index: number): SampleRequest;
}

/** Attribute of a request with its possible values. `undefined` means absent. */
interface Dimension {
  readonly owner: 'principal' | 'context';
  readonly name: string;
  readonly values: readonly unknown[];
}

const resource = 'own-tenant';
/** String that no policy mentions. */
const unmentioned = 'unmentioned';

/**
 * Builds all requests that the policies of an action can distinguish: every tenant relation, every
 * boolean, every string in a comparison, and one unmentioned string each. Of the elements in set
 * operations, the principal has every subset, and the context none, one or all. Adds requests
 * without an attribute, with empty and full sets.
 */
export function createRequestSpace(
  action: string,
  policies: readonly ParsedPolicy[],
  schema: PolicySchema,
): RequestSpace {
  const literals = collectLiterals(
    action,
    policies.filter((policy) => listActions(policy, schema).includes(action)),
  );
  const dimensions = [
    ...Object.entries(schema.principal).map(([name, attribute]) => ({
      owner: 'principal' as const,
      name,
      attribute,
    })),
    ...Object.entries(schema.contexts[action] ?? {}).map(([name, attribute]) => ({
      owner: 'context' as const,
      name,
      attribute,
    })),
  ].map(({ owner, name, attribute: { type, required } }): Dimension => {
    const values = listValues(type, owner, literals.get(`${owner}.${name}`));
    return { owner, name, values: required ? values : [...values, undefined] };
  });
  const spaces = [
    createProduct(action, dimensions),
    ...dimensions.map((missing) =>
      createProduct(
        action,
        dimensions.map((each) => (each === missing ? removeValues(each) : reduceSet(each))),
      ),
    ),
  ];
  return {
    size: spaces.reduce((sum, { size }) => sum + size, 0),
    get(index) {
      let rest = index;
      for (const space of spaces) {
        if (rest < space.size) return space.get(rest);
        rest -= space.size;
      }
      throw new RangeError(`No request ${index}`);
    },
  };
}

function listValues(
  type: ValueType,
  owner: Dimension['owner'],
  literals: ReadonlySet<string> = new Set(),
): unknown[] {
  if (type.kind === 'boolean') return [false, true];
  if (type.kind === 'entity') return [resource, 'other-tenant'];
  const strings = [...literals, unmentioned];
  if (type.kind === 'string') return strings;
  return owner === 'principal'
    ? listSubsets(strings)
    : [[], ...strings.map((element) => [element]), strings];
}

const listSubsets = (elements: readonly string[]): string[][] =>
  elements.reduce<string[][]>(
    (subsets, element) => [...subsets, ...subsets.map((subset) => [...subset, element])],
    [[]],
  );

const removeValues = (dimension: Dimension): Dimension => ({ ...dimension, values: [undefined] });

/** Limits a set to the empty and the full set. */
const reduceSet = (dimension: Dimension): Dimension => {
  const { values } = dimension;
  return Array.isArray(values[0]) ? { ...dimension, values: [[], values.at(-1)] } : dimension;
};

/** Combines all values of all dimensions. */
function createProduct(action: string, dimensions: readonly Dimension[]): RequestSpace {
  return {
    size: dimensions.reduce((product, { values }) => product * values.length, 1),
    get(index) {
      const request = { principal: {}, context: {} } as Record<
        Dimension['owner'],
        Record<string, unknown>
      >;
      let rest = index;
      for (const { owner, name, values } of dimensions) {
        const value = values[rest % values.length];
        rest = Math.floor(rest / values.length);
        if (value !== undefined) request[owner][name] = value;
      }
      return { ...request, action, resource };
    },
  };
}

type Expression = Readonly<Record<string, unknown>>;
type Literals = Map<string, ReadonlySet<string>>;

/** Literals with which policies compare each attribute (`context.dialect`). */
function collectLiterals(action: string, policies: readonly ParsedPolicy[]): Literals {
  const literals: Literals = new Map();
  const visit = (expression: unknown): void => {
    if (typeof expression !== 'object' || expression === null) return;
    for (const [operator, operand] of Object.entries(expression) as [string, Expression][]) {
      if (operator === '&&' && isOtherAction(operand['left'], action)) continue;
      if (comparisons.has(operator)) addComparison([operand['left'], operand['right']], literals);
      else Object.values(operand).forEach(visit);
    }
  };
  for (const { json } of policies) json.conditions.forEach(({ body }) => visit(body));
  return literals;
}

const comparisons = new Set(['==', 'contains', 'containsAll', 'containsAny']);

/** True for `action == …` with another action, which makes the rest of a conjunction irrelevant. */
const isOtherAction = (expression: unknown, action: string): boolean => {
  const { left, right } = ((expression as Expression)['=='] ?? {}) as Expression;
  const isAction = JSON.stringify(left) === '{"Var":"action"}';
  return isAction && !JSON.stringify(right).endsWith(`"id":${JSON.stringify(action)}}}}`);
};

/** Adds the literals of a comparison to its attributes. Compared attributes share literals. */
function addComparison(operands: readonly unknown[], literals: Literals): void {
  const paths = operands.flatMap((operand) => getPath(operand) ?? []);
  const connected = new Set(paths.map((path) => literals.get(path)));
  const strings = [...connected].flatMap((set) => [...(set ?? [])]);
  const shared = new Set([...strings, ...operands.flatMap(listStrings)]);
  for (const path of paths) literals.set(path, shared);
  for (const [path, set] of literals) if (connected.has(set)) literals.set(path, shared);
}

/** Path of an attribute access, such as `context.dialect`. */
function getPath(expression: unknown): string | undefined {
  const { '.': access } = expression as { '.'?: { left: { Var?: string }; attr: string } };
  return access && `${access.left.Var}.${access.attr}`;
}

const listStrings = (expression: unknown): string[] => {
  const { Value: value, Set: elements = [] } = expression as { Value?: unknown; Set?: unknown[] };
  return typeof value === 'string' ? [value] : elements.flatMap(listStrings);
};
