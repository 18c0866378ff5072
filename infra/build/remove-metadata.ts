import jsTokens, { type Token } from 'js-tokens';

const methods: ReadonlySet<string | undefined> = new Set(['meta', 'describe']);

/**
 * Removes the calls of `.meta()` and `.describe()` from a module. Only the OpenAPI document and the
 * configuration reference use them.
 */
export function removeMetadata(source: string): string {
  if (!/\.(?:meta|describe)\(/.test(source)) return source;
  const tokens = [...jsTokens(source)];
  const parts: string[] = [];
  for (let index = 0; index < tokens.length; index++) {
    if (isMetadataCall(tokens, index)) index = findCallEnd(tokens, index + 2);
    else parts.push(tokens[index]?.value ?? '');
  }
  return parts.join('');
}

const isMetadataCall = (tokens: readonly Token[], index: number): boolean =>
  tokens[index]?.value === '.' &&
  methods.has(tokens[index + 1]?.value) &&
  tokens[index + 2]?.value === '(';

/** Index of the parenthesis that closes the one at `start`. */
function findCallEnd(tokens: readonly Token[], start: number): number {
  let depth = 0;
  for (let index = start; index < tokens.length; index++) {
    const { value } = tokens[index] as Token;
    if (value === '(') depth++;
    if (value === ')' && --depth === 0) return index;
  }
  throw new Error('a call of .meta() or .describe() does not end');
}
