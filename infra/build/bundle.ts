import { mkdirSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import * as esbuild from 'esbuild';
import { type FunctionName, routes } from '../../lib/api/routes.ts';
import { type DocumentOptions, writeDocuments } from './documents.ts';
import { insertRoutes, stubPlugin } from './stubs.ts';

const root = join(import.meta.dirname, '../..');

/** Functions without a route. Events start them. */
export const consumers = [
  'mailer',
  'checkpoints',
  'invite-requests',
  'domain-checks',
  'group-cleanup',
  'tenant-erasure',
  'sequencer',
  'webhook-delivery',
  'feed-export',
] as const;

/** Every function of the stack: `functions/<name>.ts`, or `functions/events/<name>.ts`. */
export type DeployedFunction = FunctionName | (typeof consumers)[number];

/** Folder with the code of each function. */
export type Bundles = Readonly<Record<DeployedFunction, string>>;

/** Modules that functions import on demand, each in its own file, by import specifier. */
const lazyModules: Readonly<Record<string, string>> = {
  './check-hash.ts': 'lib/domain/credentials/hash-import/check-hash.ts',
  './common-passwords.ts': 'lib/domain/credentials/common-passwords.ts',
  './record-denial.ts': 'lib/api/http/record-denial.ts',
  './public-domain.ts': 'lib/domain/domains/public-domain.ts',
  '../aws/kms-public-keys.ts': 'lib/aws/kms-public-keys.ts',
};
/** Matches only lazy modules, because each match is a call from esbuild to this process. */
const lazySpecifiers = new RegExp(
  Object.keys(lazyModules)
    .map((specifier) => `^${RegExp.escape(specifier)}$`)
    .join('|'),
);
const getLazyFile = (path: string): string => `./${basename(path, '.ts')}.js`;

/**
 * CommonJS loads `node:http` 10 times as fast as ES modules, and esbuild needs no banner for it.
 */
const buildOptions = {
  absWorkingDir: root,
  bundle: true,
  platform: 'node',
  target: 'node24',
  format: 'cjs',
  supported: { 'dynamic-import': false },
  mainFields: ['module', 'main'],
  define: { 'import.meta.dirname': '__dirname' },
  minify: true,
  // Node prints the line of an uncaught error, which must not be the whole bundle.
  lineLimit: 500,
  legalComments: 'none',
  metafile: true,
  logLevel: 'warning',
} as const satisfies esbuild.BuildOptions;

const lazyModulePlugin: esbuild.Plugin = {
  name: 'without-lazy',
  setup(build) {
    build.onResolve({ filter: lazySpecifiers }, ({ path, kind }) =>
      path in lazyModules && (kind === 'dynamic-import' || kind === 'require-call')
        ? { path: getLazyFile(path), external: true }
        : undefined,
    );
  },
};

/**
 * Bundles every function into its own folder under `outdir`. The same sources give the same bytes.
 */
export const bundle = async (outdir: string, options: DocumentOptions = {}): Promise<Bundles> => {
  const names: DeployedFunction[] = [
    ...new Set(routes.map((route) => route.function)),
    ...consumers,
  ];
  const documents = join(outdir, 'documents');
  mkdirSync(documents, { recursive: true });
  const [bundles] = await Promise.all([
    bundleFunctions(names, outdir),
    writeDocuments(documents, options),
  ]);
  return bundles;
};

const findEntryPoint = (name: DeployedFunction): string =>
  join(
    root,
    'functions',
    consumers.some((consumer) => consumer === name) ? 'events' : '',
    `${name}.ts`,
  );

/**
 * Bundles these functions in one build, because they share most modules. Excludes the files that
 * the documents function serves.
 */
export const bundleFunctions = async <Name extends DeployedFunction>(
  names: readonly Name[],
  outdir: string,
): Promise<Readonly<Record<Name, string>>> => {
  const { metafile, outputFiles } = await esbuild.build({
    ...buildOptions,
    entryPoints: names.map(findEntryPoint),
    entryNames: '[name]/[name]',
    outdir,
    write: false,
    plugins: [stubPlugin, lazyModulePlugin],
  });
  for (const { path, text } of outputFiles) {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, insertRoutes(text, basename(path, '.js')));
  }
  const lazy = await bundleLazyModules(outdir);
  for (const [file, output] of Object.entries(metafile.outputs))
    writeRuntimeFiles(dirname(join(root, file)), output, lazy);
  return Object.fromEntries(names.map((name) => [name, join(outdir, name)])) as Record<
    Name,
    string
  >;
};

type Output = esbuild.Metafile['outputs'][string];

/** Code of each lazy module, by file name. */
const bundleLazyModules = async (outdir: string): Promise<ReadonlyMap<string, Uint8Array>> => {
  const entryPoints = Object.values(lazyModules).map((path) => join(root, path));
  const { outputFiles } = await esbuild.build({
    ...buildOptions,
    entryPoints,
    entryNames: '[name]',
    outdir,
    write: false,
    plugins: [stubPlugin],
  });
  return new Map(outputFiles.map(({ path, contents }) => [`./${basename(path)}`, contents]));
};

/** Writes the files that the code of a function loads. */
const writeRuntimeFiles = (
  folder: string,
  output: Output,
  lazy: ReadonlyMap<string, Uint8Array>,
): void => {
  writeFileSync(join(folder, 'package.json'), '{"type":"commonjs"}\n');
  for (const file of listLazyFiles(output)) writeFileSync(join(folder, file), lazy.get(file) ?? '');
};

const listLazyFiles = ({ imports }: Output): string[] => [
  ...new Set(
    imports
      .filter(({ external, path }) => external && path.startsWith('./'))
      .map(({ path }) => path),
  ),
];
