import { copyFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { basename, dirname, join } from 'node:path';
import * as esbuild from 'esbuild';
import { type DialectName, type FunctionName, routes } from '../../lib/api/routes.ts';
import { writeDocuments } from './documents.ts';

const root = join(import.meta.dirname, '../..');
const { resolve } = createRequire(import.meta.url);

/** The functions that no route leads to: events start them. */
export const consumers = ['mailer', 'invite-requests'] as const;

/** Every function of the stack: `functions/<name>.ts`. */
export type Deployed = FunctionName | (typeof consumers)[number];

/** The folder of each function's code. */
export type Bundles = Readonly<Record<Deployed, string>>;

/** Modules that a function loads when it first needs them, each a file of its own beside it: as they are imported, and where they are. */
const lazyModules: Readonly<Record<string, string>> = {
  './common-passwords.ts': 'lib/domain/credentials/common-passwords.ts',
  '../aws/kms-public-keys.ts': 'lib/aws/kms-public-keys.ts',
};
const lazyFile = (path: string): string => `./${basename(path, '.ts')}.js`;

/** CommonJS throughout: it loads `node:http` a tenth as fast as an ES module does, and esbuild then needs no banner. */
const options = {
  absWorkingDir: root,
  bundle: true,
  platform: 'node',
  target: 'node24',
  format: 'cjs',
  supported: { 'dynamic-import': false },
  mainFields: ['module', 'main'],
  define: { 'import.meta.dirname': '__dirname' },
  minify: true,
  // An uncaught error prints the line it was thrown on, and that should not be the whole bundle.
  lineLimit: 500,
  legalComments: 'none',
  metafile: true,
  logLevel: 'warning',
} as const satisfies esbuild.BuildOptions;

/** Modules of the SDK that have no use in a Lambda, and what stands there instead. */
const unused: readonly { readonly module: RegExp; readonly instead: string }[] = [
  // Credentials are always in the environment; the search for others is 136 kB and 9 ms of every cold start.
  {
    module: /credential-provider-node[\\/]dist-es[\\/]index\.js$/,
    instead: `export { fromEnv as defaultProvider } from '@aws-sdk/credential-provider-env';`,
  },
  // None of the services that are called has event streams, whose import on demand keeps all that they share with the rest from being bundled as one: 10 ms.
  {
    module: /core[\\/]dist-es[\\/]submodules[\\/]event-streams[\\/]index\.js$/,
    instead: 'export {};',
  },
  // There is no ~/.aws, which would be looked through for every setting that is not in the environment: 3 ms.
  {
    module: /shared-ini-file-loader[\\/]readFile\.js$/,
    instead: `export const filePromises = {}, fileIntercept = {}, readFile = async () => '';`,
  },
];

const withoutUnused: esbuild.Plugin = {
  name: 'without-unused',
  setup(build) {
    for (const { module, instead } of unused) {
      build.onLoad({ filter: module }, () => ({
        contents: instead,
        resolveDir: join(root, 'node_modules/@aws-sdk/client-dynamodb'),
      }));
    }
  },
};

const withoutLazy: esbuild.Plugin = {
  name: 'without-lazy',
  setup(build) {
    build.onResolve({ filter: /^\.{1,2}\// }, ({ path, kind }) =>
      path in lazyModules && (kind === 'dynamic-import' || kind === 'require-call')
        ? { path: lazyFile(path), external: true }
        : undefined,
    );
  },
};

/** Bundles every function, those that the routes name and the consumers, into a folder of its own under `outdir`. The same sources give the same bytes. */
export const bundle = async (
  outdir: string,
  { policyEngine, dialects }: { policyEngine?: string; dialects?: readonly DialectName[] } = {},
): Promise<Bundles> => {
  const names: Deployed[] = [...new Set(routes.map((route) => route.function)), ...consumers];
  const alias: Record<string, string> =
    policyEngine === undefined ? {} : { '@cedar-policy/cedar-wasm/nodejs': policyEngine };
  const bundles = await bundleFunctions(names, outdir, alias);
  await writeDocuments(bundles.documents, dialects);
  return bundles;
};

/** Bundles these functions, and not what the documents function serves. In one go, since most of what they are made of is the same. */
export const bundleFunctions = async <Name extends Deployed>(
  names: readonly Name[],
  outdir: string,
  alias: Record<string, string> = {},
): Promise<Readonly<Record<Name, string>>> => {
  const { metafile } = await esbuild.build({
    ...options,
    entryPoints: names.map((name) => join(root, 'functions', `${name}.ts`)),
    entryNames: '[name]/[name]',
    outdir,
    alias,
    plugins: [withoutUnused, withoutLazy],
  });
  const lazy = await bundleLazyModules(outdir);
  for (const [file, output] of Object.entries(metafile.outputs))
    addWhatItLoads(dirname(join(root, file)), output, lazy);
  return Object.fromEntries(names.map((name) => [name, join(outdir, name)])) as Record<
    Name,
    string
  >;
};

type Output = esbuild.Metafile['outputs'][string];

/** The code of each lazy module, by the name of its file. */
const bundleLazyModules = async (outdir: string): Promise<ReadonlyMap<string, Uint8Array>> => {
  const entryPoints = Object.values(lazyModules).map((path) => join(root, path));
  const { outputFiles } = await esbuild.build({
    ...options,
    entryPoints,
    entryNames: '[name]',
    outdir,
    write: false,
    plugins: [withoutUnused],
  });
  return new Map(outputFiles.map(({ path, contents }) => [`./${basename(path)}`, contents]));
};

/** What has to lie beside the code of a function. */
const addWhatItLoads = (
  folder: string,
  output: Output,
  lazy: ReadonlyMap<string, Uint8Array>,
): void => {
  writeFileSync(join(folder, 'package.json'), '{"type":"commonjs"}\n');
  if (usesCedar(output))
    copyFileSync(
      resolve('@cedar-policy/cedar-wasm/nodejs').replace(/\.js$/, '_bg.wasm'),
      join(folder, 'cedar_wasm_bg.wasm'),
    );
  for (const file of lazyFiles(output)) writeFileSync(join(folder, file), lazy.get(file) ?? '');
};

const usesCedar = ({ inputs }: Output): boolean =>
  Object.keys(inputs).some((path) => path.includes('@cedar-policy/cedar-wasm/nodejs/'));

const lazyFiles = ({ imports }: Output): string[] => [
  ...new Set(
    imports
      .filter(({ external, path }) => external && path.startsWith('./'))
      .map(({ path }) => path),
  ),
];
