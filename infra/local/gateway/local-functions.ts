import { createRequire } from 'node:module';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import type { LocalFunction } from './invoke.ts';
import type { RouteTarget } from './routing.ts';
import type { DeclaredFunction } from '../template/read-template.ts';

/** Bundled functions that run in this process. */
export interface LocalFunctions {
  readonly byName: ReadonlyMap<string, LocalFunction>;
  /** Loads the functions that have not been called, one at a time. Throws if one fails to load. */
  loadAll(): Promise<void>;
}

/**
 * Creates the bundled functions. Each loads at its first call, or in `loadAll`. They share the
 * environment of this process: `overrides` take precedence over the values of the stack. Calls
 * `onReturned` after each invocation. Throws if two functions need different values for one
 * variable.
 */
export function createFunctions(
  declared: readonly DeclaredFunction[],
  overrides: Readonly<Record<string, string>>,
  onReturned: () => void,
): LocalFunctions {
  Object.assign(process.env, mergeEnvironments(declared), overrides);
  const functions = declared.map((target) => createFunction(target, onReturned));
  return {
    byName: new Map(functions.map(({ local }) => [local.name, local])),
    loadAll: async () => {
      for (const { load } of functions) {
        // Lets requests run between two functions.
        await setImmediate();
        load();
      }
    },
  };
}

/** Routes with the functions of this process. */
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

function createFunction(target: DeclaredFunction, onReturned: () => void) {
  const { name, timeoutMs, memoryMb } = target;
  let loaded: LocalFunction['handler'] | undefined;
  const load = () => (loaded ??= loadHandler(target));
  const handler = async (...args: Parameters<LocalFunction['handler']>) => {
    try {
      return await load()(...args);
    } finally {
      onReturned();
    }
  };
  const local: LocalFunction = { name, handler, timeoutMs, memoryMb };
  return { local, load };
}

function loadHandler({ name, folder, handler }: DeclaredFunction): LocalFunction['handler'] {
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
  return exported as LocalFunction['handler'];
}
