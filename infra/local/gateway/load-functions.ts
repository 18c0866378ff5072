import { createRequire } from 'node:module';
import { join } from 'node:path';
import type { LocalFunction } from './invoke.ts';
import type { RouteTarget } from './routing.ts';
import type { DeclaredFunction } from '../template/read-template.ts';

/**
 * Loads the bundled functions into this process, by name. They share its environment: `overrides`
 * precede the values of the stack. Calls `onReturned` after each invocation. Throws if two
 * functions need different values for one variable.
 */
export function loadFunctions(
  declared: readonly DeclaredFunction[],
  overrides: Readonly<Record<string, string>>,
  onReturned: () => void,
): ReadonlyMap<string, LocalFunction> {
  Object.assign(process.env, mergeEnvironments(declared), overrides);
  return new Map(declared.map((target) => [target.name, load(target, onReturned)]));
}

/** Routes with their loaded functions. */
export function toTargetRoutes(
  routes: readonly RouteTarget<DeclaredFunction>[],
  functions: ReadonlyMap<string, LocalFunction>,
): RouteTarget<LocalFunction>[] {
  return routes.map(({ routeKey, target }) => ({
    routeKey,
    target: functions.get(target.name) as LocalFunction,
  }));
}

function mergeEnvironments(functions: readonly DeclaredFunction[]): Record<string, string> {
  const merged: Record<string, string> = {};
  for (const { name, environment } of functions) {
    for (const [variable, value] of Object.entries(environment)) {
      if ((merged[variable] ?? value) !== value)
        throw new Error(`${name} and another function need different values for ${variable}`);
      merged[variable] = value;
    }
  }
  return merged;
}

function load(
  { name, folder, handler, timeoutMs, memoryMb }: DeclaredFunction,
  onReturned: () => void,
): LocalFunction {
  const dot = handler.lastIndexOf('.');
  let code: Record<string, unknown>;
  try {
    code = createRequire(import.meta.url)(join(folder, handler.slice(0, dot))) as Record<
      string,
      unknown
    >;
  } catch (error) {
    // Node prints the source line of an uncaught error, and a line of a bundle has thousands of
    // characters.
    throw new Error(
      `The function ${name} could not be loaded: ${error instanceof Error ? error.stack : String(error)}`,
      { cause: error },
    );
  }
  const exported = code[handler.slice(dot + 1)];
  if (typeof exported !== 'function') throw new Error(`The function ${name} exports no ${handler}`);
  const run = async (...called: Parameters<LocalFunction['handler']>) => {
    try {
      return await (exported as LocalFunction['handler'])(...called);
    } finally {
      onReturned();
    }
  };
  return { name, handler: run, timeoutMs, memoryMb };
}
