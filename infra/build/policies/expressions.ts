import { type Attributes, namespace, type PolicySchema, type ValueType } from './schema.ts';

/** Expression in TypeScript. */
export interface Term {
  readonly text: string;
  readonly type: ValueType | { readonly kind: 'record'; readonly attributes: Attributes };
  /** Operator of the expression, if its operands may need parentheses. */
  readonly operator?: '&&' | '||';
}

/** Policy that contains an expression. */
export interface Scope {
  readonly id: string;
  readonly actions: readonly string[];
  readonly schema: PolicySchema;
}

interface EntityJson {
  readonly __entity?: { readonly type: string; readonly id: string };
}
type Operand = Readonly<Record<string, unknown>>;
type Translate = (operand: unknown, scope: Scope) => Term;

/** Failure for a construct that the compiler does not support. */
export const unsupported = (id: string, construct: string): Error =>
  new Error(`Policy ${id}: ${construct} is not supported`);

/** Translates a condition. Throws for unsupported constructs, with the ID of the policy. */
export function translateCondition(expression: unknown, scope: Scope): string {
  const { text, type } = translateExpression(expression, scope);
  if (type.kind !== 'boolean') throw unsupported(scope.id, `a condition of type ${type.kind}`);
  return text;
}

export const translateExpression: Translate = (expression, scope) => {
  const [[operator, operand] = ['an empty expression', undefined], ...others] = Object.entries(
    expression as Operand,
  );
  const translate = Object.hasOwn(operators, operator) ? operators[operator] : undefined;
  if (!translate || others.length > 0) throw unsupported(scope.id, `\`${operator}\``);
  return translate(operand, scope);
};

const boolean = { kind: 'boolean' } as const;

const translateValue: Translate = (value, { id, schema }) => {
  if (typeof value === 'string')
    return { text: JSON.stringify(value), type: { kind: 'string', name: 'string' } };
  const { ['__entity']: entity } = value as EntityJson;
  if (entity?.type !== `${namespace}::Action` || !Object.hasOwn(schema.contexts, entity.id))
    throw unsupported(id, `the literal ${JSON.stringify(value)}`);
  return {
    text: JSON.stringify(entity.id),
    type: { kind: 'entity', entityType: entity.type },
  };
};

const translateVariable: Translate = (name, { id, actions, schema }) => {
  const [resourceType = '', ...otherTypes] = new Set(
    actions.map((action) => schema.resourceTypes[action]),
  );
  if (name === 'resource' && otherTypes.length > 0)
    throw unsupported(id, 'the resource of actions on a tenant and on the deployment');
  const variables: Readonly<Record<string, Term['type']>> = {
    principal: { kind: 'record', attributes: schema.principal },
    action: { kind: 'entity', entityType: `${namespace}::Action` },
    resource: { kind: 'entity', entityType: resourceType },
    context: { kind: 'record', attributes: intersectContexts(actions, schema) },
  };
  const type = variables[String(name)];
  if (!type) throw unsupported(id, `the variable ${JSON.stringify(name)}`);
  return { text: String(name), type };
};

/** Attributes that all actions have, with the same type. */
function intersectContexts(actions: readonly string[], { contexts }: PolicySchema): Attributes {
  const [first = {}, ...others] = actions.map((action) => contexts[action] ?? {});
  const isCommon = ([name, attribute]: [string, unknown]): boolean =>
    others.every(
      (attributes) =>
        Object.hasOwn(attributes, name) &&
        JSON.stringify(attributes[name]) === JSON.stringify(attribute),
    );
  return Object.fromEntries(Object.entries(first).filter(isCommon));
}

const translateEquality: Translate = (operand, scope) => {
  const [left, right] = translateOperands(operand, scope);
  const isComparable =
    (left.type.kind === 'string' && right.type.kind === 'string') ||
    (left.type.kind === 'entity' &&
      right.type.kind === 'entity' &&
      left.type.entityType === right.type.entityType);
  if (!isComparable)
    throw unsupported(scope.id, `\`==\` of ${left.type.kind} and ${right.type.kind}`);
  return { text: `${left.text} === ${right.text}`, type: boolean };
};

const createLogicalOperator =
  (operator: '&&' | '||'): Translate =>
  (operand, scope) => {
    const texts = translateOperands(operand, scope).map((term) => {
      if (term.type.kind !== 'boolean')
        throw unsupported(scope.id, `\`${operator}\` of ${term.type.kind}`);
      return term.operator && term.operator !== operator ? `(${term.text})` : term.text;
    });
    return { text: texts.join(` ${operator} `), type: boolean, operator };
  };

const getters = { string: 'getString', boolean: 'getBoolean', entity: 'getString', set: 'getSet' };

const translateAttribute: Translate = (operand, scope) => {
  const { record, name, attribute } = findAttribute(operand, scope);
  const { type } = attribute;
  return { text: `${getters[type.kind]}(${record.text}, ${JSON.stringify(name)})`, type };
};

const translateHas: Translate = (operand, scope) => {
  const { record, name } = findAttribute(operand, scope);
  return { text: `hasAttribute(${record.text}, ${JSON.stringify(name)})`, type: boolean };
};

/** Finds an attribute of the principal or the context in the schema. */
function findAttribute(operand: unknown, scope: Scope) {
  const { left, attr: name } = operand as Operand;
  const record = translateExpression(left, scope);
  if (record.type.kind !== 'record')
    throw unsupported(scope.id, `an attribute of ${record.type.kind}`);
  const attribute =
    typeof name === 'string' && Object.hasOwn(record.type.attributes, name)
      ? record.type.attributes[name]
      : undefined;
  if (typeof name !== 'string' || !attribute)
    throw unsupported(scope.id, `the attribute ${record.text}.${String(name)}`);
  return { record, name, attribute };
}

const createSetOperator =
  (operator: 'contains' | 'containsAll' | 'containsAny'): Translate =>
  (operand, scope) => {
    const [left, right] = translateOperands(operand, scope);
    const expectedKind = operator === 'contains' ? 'string' : 'set';
    if (left.type.kind !== 'set' || right.type.kind !== expectedKind)
      throw unsupported(scope.id, `\`${operator}\` of ${left.type.kind} and ${right.type.kind}`);
    return { text: `${operator}(${left.text}, ${right.text})`, type: boolean };
  };

const translateSet: Translate = (operand, scope) => {
  const elements = (operand as unknown[]).map((element) => translateExpression(element, scope));
  const [first] = elements;
  if (!first || elements.some(({ text, type }) => type.kind !== 'string' || !text.startsWith('"')))
    throw unsupported(scope.id, 'a set of anything other than string literals');
  return {
    text: `[${elements.map(({ text }) => text).join(', ')}]`,
    type: { kind: 'set', element: { kind: 'string', name: 'string' } },
  };
};

function translateOperands(operand: unknown, scope: Scope): [left: Term, right: Term] {
  const { left, right } = operand as Operand;
  return [translateExpression(left, scope), translateExpression(right, scope)];
}

/** Operators of Cedar's JSON format. Every other operator is refused. */
const operators: Readonly<Record<string, Translate>> = {
  Value: translateValue,
  Var: translateVariable,
  Set: translateSet,
  '==': translateEquality,
  '&&': createLogicalOperator('&&'),
  '||': createLogicalOperator('||'),
  '.': translateAttribute,
  has: translateHas,
  contains: createSetOperator('contains'),
  containsAll: createSetOperator('containsAll'),
  containsAny: createSetOperator('containsAny'),
};
