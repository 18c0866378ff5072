import { createRequire } from 'node:module';
import { join } from 'node:path';
import type { LocalFunction } from './gateway.ts';
import type { Routed } from './routing.ts';
import type { DeclaredFunction } from './template.ts';

/**
 * Loads the code that would be deployed into this process. All functions share its environment here: `overrides` before
 * what the stack declares. Throws when two functions want different values for one variable.
 */
export function loadFunctions(
  routes: readonly Routed<DeclaredFunction>[],
  overrides: Readonly<Record<string, string>>,
): Routed<LocalFunction>[] {
  const declared = new Map(routes.map(({ target }) => [target.name, target]));
  Object.assign(process.env, mergeEnvironments([...declared.values()]), overrides);
  const loaded = new Map([...declared].map(([name, target]) => [name, load(target)]));
  return routes.map(({ routeKey, target }) => ({ routeKey, target: loaded.get(target.name) as LocalFunction }));
}

function mergeEnvironments(functions: readonly DeclaredFunction[]): Record<string, string> {
  const merged: Record<string, string> = {};
  for (const { name, environment } of functions) {
    for (const [variable, value] of Object.entries(environment)) {
      if ((merged[variable] ?? value) !== value) throw new Error(`${name} and another function want different values for ${variable}`);
      merged[variable] = value;
    }
  }
  return merged;
}

function load({ name, folder, handler, timeoutMs, memoryMb }: DeclaredFunction): LocalFunction {
  const dot = handler.lastIndexOf('.');
  let code: Record<string, unknown>;
  try {
    code = createRequire(import.meta.url)(join(folder, handler.slice(0, dot))) as Record<string, unknown>;
  } catch (error) {
    // Uncaught it would be shown with the line it comes from, and a line of a bundle is thousands of characters.
    throw new Error(`The function ${name} could not be loaded: ${error instanceof Error ? error.stack : String(error)}`, { cause: error });
  }
  const exported = code[handler.slice(dot + 1)];
  if (typeof exported !== 'function') throw new Error(`The function ${name} exports no ${handler}`);
  return { name, handler: exported as LocalFunction['handler'], timeoutMs, memoryMb };
}
