import jsTokens, { type Token } from 'js-tokens';

const methods: ReadonlySet<string | undefined> = new Set(['meta', 'describe']);

/**
 * Removes the calls of `.meta()` and `.describe()` and the arguments of `responseSchema()` from a
 * module. Only the OpenAPI document and the configuration reference use them.
 */
export function removeMetadata(source: string): string {
  if (!/\.(?:meta|describe)\(|responseSchema\(/.test(source)) return source;
  const tokens = [...jsTokens(source)];
  const parts: string[] = [];
  for (let index = 0; index < tokens.length; index++) {
    const { value } = tokens[index] as Token;
    if (value === '.' && methods.has(tokens[index + 1]?.value) && isCall(tokens, index + 1))
      index = findCallEnd(tokens, index + 2);
    else if (value === 'responseSchema' && isCall(tokens, index)) {
      parts.push(`${value}()`);
      index = findCallEnd(tokens, index + 1);
    } else parts.push(value);
  }
  return parts.join('');
}

const isCall = (tokens: readonly Token[], index: number): boolean =>
  tokens[index + 1]?.value === '(';

/** Index of the parenthesis that closes the one at `start`. */
function findCallEnd(tokens: readonly Token[], start: number): number {
  let depth = 0;
  for (let index = start; index < tokens.length; index++) {
    const { value } = tokens[index] as Token;
    if (value === '(') depth++;
    if (value === ')' && --depth === 0) return index;
  }
  throw new Error('The module has an unclosed parenthesis.');
}
