import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Context } from 'aws-lambda';
import { expect, test } from 'vitest';
import { createFunctions } from '../../../infra/local/gateway/local-functions.ts';
import { createTemporaryFolder } from '../../support/temporary-folder.ts';

// Bundled functions in the process of the local server.

/** Writes the code of functions, by name. Each declares the handler `<name>.handler`. */
function declareFunctions(codes: Readonly<Record<string, string>>) {
  return Object.entries(codes).map(([name, code]) => {
    const folder = join(createTemporaryFolder(), name);
    mkdirSync(folder);
    writeFileSync(join(folder, 'package.json'), '{"type":"commonjs"}');
    writeFileSync(join(folder, `${name}.js`), code);
    const settings = { timeoutMs: 1000, memoryMb: 128, environment: {} };
    return { name, folder, handler: `${name}.handler`, ...settings };
  });
}

/** Code that returns the number of its calls since it was loaded. */
const counting = `let calls = 0; exports.handler = async () => ++calls;`;
const broken = `throw new Error('no such module')`;

const call = (functions: ReturnType<typeof createFunctions>, name: string) =>
  functions.byName.get(name)?.handler({} as never, {} as Context);

test('a function loads at its first call, once', async () => {
  const functions = createFunctions(declareFunctions({ counting, broken }), {}, () => {});
  expect([await call(functions, 'counting'), await call(functions, 'counting')]).toEqual([1, 2]);
  await expect(call(functions, 'broken')).rejects.toThrow(
    /^The function broken could not be loaded: Error: no such module/,
  );
});

test('loading all functions reports one that is broken or has no handler', async () => {
  const load = (codes: Readonly<Record<string, string>>) =>
    createFunctions(declareFunctions(codes), {}, () => {}).loadAll();
  await load({ counting });
  await expect(load({ counting, broken })).rejects.toThrow(/^The function broken could not be/);
  await expect(load({ empty: '' })).rejects.toThrow('The function empty exports no empty.handler');
});

test('reports each return, also of a function that throws', async () => {
  let returns = 0;
  const codes = { counting, throwing: `exports.handler = async () => { throw new Error('no'); }` };
  const functions = createFunctions(declareFunctions(codes), {}, () => returns++);
  await call(functions, 'counting');
  await expect(call(functions, 'throwing')).rejects.toThrow('no');
  expect(returns).toBe(2);
});

test('rejects functions that need different values for one variable', () => {
  const [a, b] = declareFunctions({ a: '', b: '' });
  const declared = [
    { ...a!, environment: { ROSTER_TEST_VARIABLE: '1' } },
    { ...b!, environment: { ROSTER_TEST_VARIABLE: '2' } },
  ];
  expect(() => createFunctions(declared, {}, () => {})).toThrow(
    'b and another function need different values for ROSTER_TEST_VARIABLE',
  );
});
