import type { PolicyJson } from '@cedar-policy/cedar-wasm/nodejs';

/** Lists the permissions with which a permit applies, or a forbid does not. */
export const listRequired = ({ effect, conditions }: PolicyJson, context: object): string[] =>
  conditions
    .filter(({ kind }) => kind === (effect === 'permit' ? 'when' : 'unless'))
    .flatMap(({ body }) => collectArguments(body, context));

type Node = Readonly<Record<string, unknown>>;

const isNode = (value: unknown): value is Node =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/**
 * Collects the arguments of `principal.permissions.contains` and `containsAll` in an expression.
 */
function collectArguments(expression: unknown, context: object): string[] {
  if (Array.isArray(expression))
    return expression.flatMap((element) => collectArguments(element, context));
  if (!isNode(expression)) return [];
  return Object.entries(expression).flatMap(([operator, operand]) => {
    const isPermissionTest =
      (operator === 'contains' || operator === 'containsAll') &&
      isNode(operand) &&
      isPermissionsAttribute(operand['left']);
    return isPermissionTest
      ? readArgument(operand['right'], context)
      : collectArguments(operand, context);
  });
}

const isPermissionsAttribute = (expression: unknown): boolean =>
  JSON.stringify(expression) === '{".":{"left":{"Var":"principal"},"attr":"permissions"}}';

function readArgument(expression: unknown, context: object): string[] {
  if (!isNode(expression)) return [];
  const { Value: value, Set: members, '.': access } = expression;
  if (typeof value === 'string') return [value];
  if (Array.isArray(members)) return members.flatMap((member) => readArgument(member, context));
  const attribute: unknown = isNode(access)
    ? Object.entries(context).find(([name]) => name === access['attr'])?.[1]
    : undefined;
  return Array.isArray(attribute) ? attribute.map(String) : [];
}
