import type { PolicyJson } from '@cedar-policy/cedar-wasm/nodejs';

/** Permissions of a set that a caller does not hold, for the log of a denied call. */
export const findMissing = (needed: readonly string[], held: readonly string[]): string[] =>
  [...new Set(needed)].filter((permission) => !held.includes(permission)).toSorted();

/** Permissions with which a policy would permit the action, or a forbid would not apply. */
export const listRequired = ({ effect, conditions }: PolicyJson, context: object): string[] =>
  conditions
    .filter(({ kind }) => kind === (effect === 'permit' ? 'when' : 'unless'))
    .flatMap(({ body }) => collect(body, context));

type Node = Readonly<Record<string, unknown>>;

const isNode = (value: unknown): value is Node =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Arguments of `principal.permissions.contains` and `containsAll` anywhere in an expression. */
function collect(expression: unknown, context: object): string[] {
  if (Array.isArray(expression)) return expression.flatMap((each) => collect(each, context));
  if (!isNode(expression)) return [];
  return Object.entries(expression).flatMap(([operator, operand]) => {
    const isTest =
      (operator === 'contains' || operator === 'containsAll') &&
      isNode(operand) &&
      isPermissions(operand['left']);
    return isTest ? readArgument(operand['right'], context) : collect(operand, context);
  });
}

const isPermissions = (expression: unknown): boolean =>
  JSON.stringify(expression) === '{".":{"left":{"Var":"principal"},"attr":"permissions"}}';

function readArgument(expression: unknown, context: object): string[] {
  if (!isNode(expression)) return [];
  const { Value: value, Set: members, '.': access } = expression;
  if (typeof value === 'string') return [value];
  if (Array.isArray(members)) return members.flatMap((member) => readArgument(member, context));
  const named: unknown = isNode(access)
    ? Object.entries(context).find(([name]) => name === access['attr'])?.[1]
    : undefined;
  return Array.isArray(named) ? named.map(String) : [];
}
