/**
 * Names along the chain of causes, and the stack of the innermost cause. Excludes messages, which
 * can contain input.
 */
export function toErrorTrace(error: unknown): { names: string[]; at: string[] } {
  const names: string[] = [];
  let at: string[] = [];
  for (let cause = error; cause instanceof Error && names.length < 5; cause = cause.cause) {
    names.push(cause.name);
    const { message, stack = '' } = cause;
    at = stack
      .slice(stack.indexOf(message) + message.length)
      .split('\n')
      .filter((line) => /^\s+at /.test(line))
      .map((line) => line.trim().slice(0, 200))
      .slice(0, 5);
  }
  return { names: names.length > 0 ? names : [typeof error], at };
}
