import { readFileSync } from 'node:fs';
import { dirname, extname } from 'node:path';
import type { Loader, Plugin } from 'esbuild';
import { decisionState } from '../../lib/api/auth/decision-state.ts';
import { type Route, routes } from '../../lib/api/routes.ts';
import { keys } from '../../lib/store/keys.ts';
import { removeMetadata } from './remove-metadata.ts';

/** Modules of packages without use on Lambda, and their replacements. */
export const stubs: readonly {
  readonly module: RegExp;
  readonly replace: (source: string) => string;
}[] = [
  // Lambda provides credentials in the environment of a process. The provider chain is 136 kB and
  // 9 ms of each cold start, and the SDK reads the environment three times per request.
  {
    module: /credential-provider-node[\\/]dist-es[\\/]index\.js$/,
    replace: () => `
      import { fromEnv } from '@aws-sdk/credential-provider-env';
      export const defaultProvider = (init) => {
        const read = fromEnv(init);
        let credentials;
        return () => (credentials ??= read());
      };`,
  },
  // No function uses event streams. Their dynamic import prevents bundling of shared modules: 10
  // ms.
  {
    module: /core[\\/]dist-es[\\/]submodules[\\/]event-streams[\\/]index\.js$/,
    replace: () => 'export {};',
  },
  // Nor do they sign them: 2 kB.
  {
    module: /signature-v4[\\/]dist-es[\\/]HeaderFormatter\.js$/,
    replace: () => 'export class HeaderFormatter {}',
  },
  // Lambda has no ~/.aws, which the SDK searches for every setting: 3 ms.
  {
    module: /shared-ini-file-loader[\\/]loadSharedConfigFiles\.js$/,
    replace: () => `
      export { CONFIG_PREFIX_SEPARATOR } from './constants';
      export const loadSharedConfigFiles = async () => ({ configFile: {}, credentialsFile: {} });`,
  },
  // Clients do not discover endpoints, so the cache of endpoints stays empty.
  {
    module: /endpoint-cache[\\/]dist-es[\\/]EndpointCache\.js$/,
    replace: () => 'export class EndpointCache {}',
  },
  // The name of a region determines its partition. The list of regions repeats this: 3 kB.
  {
    module: /util-endpoints[\\/]lib[\\/]aws[\\/]partitions\.js$/,
    replace: (source) =>
      replaceParts(source, [[/^ {16}"[^"]+": \{\n {20}"description": ".*"\n {16}\},?\n/gm, '']]),
  },
  // Functions use the standard retry mode, and Lambda names the region.
  { module: /util-retry[\\/]AdaptiveRetryStrategy\.js$/, replace: replaceWithErrors },
  { module: /regionConfig[\\/]getInstanceMetadataRegion\.js$/, replace: replaceWithErrors },
  // Lambda determines the version of Node.
  {
    module: /emitWarningIfUnsupportedVersion\.js$/,
    replace: (source) =>
      replaceParts(source, [
        [
          /^export const emitWarningIfUnsupportedVersion = [^]+?\n\};$/gm,
          'export const emitWarningIfUnsupportedVersion = () => {};',
        ],
      ]),
  },
  // esbuild keeps unused schemas whose keys are constants: 40 kB.
  {
    module: /client-sesv2[\\/]dist-es[\\/]schemas[\\/]schemas_0\.js$/,
    replace: writeLiteralKeys,
  },
  // Only an invalid MAC needs its own class. Other errors keep their names: 13 kB.
  {
    module: /client-kms[\\/]dist-es[\\/]schemas[\\/]schemas_0\.js$/,
    replace: (source) =>
      replaceParts(source, [[/^n0_registry\.registerError\((?!KMSInvalidMac)\w+\$.*$/gm, '']]),
  },
  // Errors of table management do not need their own classes. They keep their names.
  {
    module: /client-dynamodb[\\/]dist-es[\\/]schemas[\\/]schemas_0\.js$/,
    replace: (source) => replaceParts(source, [[managementErrors, '']]),
  },
  // Node's HTTP client returns no web streams, and checking for them loads 33 modules: 2 ms.
  {
    module: /util-stream[\\/]stream-type-check\.js$/,
    replace: () => 'export const isReadableStream = () => false, isBlob = () => false;',
  },
  // `lib/aws/sdk-client.ts` sets another hash, and removes these middlewares by their names.
  { module: /checksum[\\/]sha256[\\/]Sha256(?:Js|Node)\.js$/, replace: replaceWithErrors },
  {
    module: /(?:loggerMiddleware|recursionDetectionMiddleware|user-agent-middleware)\.js$/,
    replace: (source) =>
      replaceParts(source, [
        [
          /^export const (\w+Middleware) = [^]+?\n\};$/gm,
          'export const $1 = () => (next) => next;',
        ],
      ]).replace('import { InvokeStore } from "@aws/lambda-invoke-store";', ''),
  },
  // It also sets another HTTP client, which reads whole responses.
  {
    module: /node-http-handler[\\/]dist-es[\\/]index\.js$/,
    replace: () => `
      export const NodeHttpHandler = { create: (handler) => handler };
      export const streamCollector = undefined;`,
  },
  // Functions parse input, and only the OpenAPI document describes it.
  { module: /zod[\\/]v4[\\/]core[\\/]to-json-schema\.js$/, replace: replaceWithErrors },
  { module: /zod[\\/]v4[\\/]core[\\/]json-schema-processors\.js$/, replace: replaceWithErrors },
  // Removes the methods of schemas that need further classes. esbuild removes unused functions only
  // from a direct import of their module.
  {
    module: /zod[\\/]v4[\\/]classic[\\/]schemas\.js$/,
    replace: (source) =>
      replaceParts(source, [
        [/, \{\n {4}email\(params\)[^]+?\n\}(?=\);\nexport function string\()/g, ''],
        [/^ {4}(?:and|exactOptional|nonoptional|prefault|readonly)\(.*\) \{\n.*\n {4}\},\n/gm, ''],
        [/import \{ util \} from "..\/core\/index.js"/g, 'import * as util from "../core/util.js"'],
        [/core\.util\./g, 'util.'],
        // No schema is recursive, `parse.ts` has a message for each issue, and one without a message
        // still has its code.
        [/if \(!core\.globalConfig\.memoizer\)\s+core\.config\(.*\);/g, ''],
        [/if \(!core\.globalConfig\.localeError\)\s+core\.config\(.*\);/g, ''],
      ]),
  },
  { module: /[\\/]lib[\\/]api[\\/]routes\.ts$/, replace: compactRoutes },
  { module: /[\\/]lib[\\/]api[\\/]auth[\\/]decision-state\.ts$/, replace: compactDecisionState },
  // esbuild keeps all members of an object: 3 kB.
  { module: /[\\/]lib[\\/]store[\\/]keys\.ts$/, replace: exportEachKey },
  { module: /[\\/]lib[\\/]store[\\/].*\.ts$/, replace: importEachKey },
  { module: /[\\/]lib[\\/](?:api|deps|events)[\\/].*\.ts$/, replace: removeMetadata },
  // The SDK needs only the version in its manifest.
  {
    module: /@aws-sdk[\\/]client-[a-z0-9]+[\\/]package\.json$/,
    replace: (source) =>
      JSON.stringify({ version: (JSON.parse(source) as { version: string }).version }),
  },
];

const managementErrors =
  /^n0_registry\.registerError\((?:LimitExceeded|\w*(?:Backup|DuplicateItem|Export|GlobalTable|Import|Index|InvalidEndpoint|PointInTime|Policy|Replica[AN]|Restore|Table|ResourceInUse))\w*\$.*$/gm;

/** Replaces parts of a module. Throws if an update of the package has changed one. */
const replaceParts = (
  source: string,
  parts: readonly (readonly [part: RegExp, replacement: string])[],
): string =>
  parts.reduce((text, [part, replacement]) => {
    if (text.search(part) < 0) throw new Error(`A package no longer contains ${part}`);
    return text.replaceAll(part, replacement);
  }, source);

/** Replaces computed keys by the text constants that they name. */
function writeLiteralKeys(source: string): string {
  const constants = new Map(
    [...source.matchAll(/^const (\w+) = ("[^"]*");$/gm)].map(([, name, text]) => [name, text]),
  );
  return source.replaceAll(/\[(_\w+)\]:/g, (key, name: string) => `${constants.get(name) ?? key}:`);
}

/** Replaces each export of a module with a function that throws. */
function replaceWithErrors(source: string): string {
  const names = [...source.matchAll(/^export (?:class|const|function) (\w+)/gm)].map(
    ([, name]) => name,
  );
  if (names.length === 0) throw new Error('A package no longer contains the exports to replace');
  const exports = names.map((name) => `export const ${name} = missing;`);
  return [
    `function missing() { throw new Error('This module is not in the bundle'); }`,
    ...exports,
  ].join('\n');
}

/** Stands for the route table of a function in the shared code. */
const tablePlaceholder = 'ROUTE_TABLE_OF_FUNCTION';

/** Renders the route table. `insertRoutes` adds the rows, which differ by function. */
function compactRoutes(): string {
  return `
    const { values, settings, rows } = ${tablePlaceholder};
    export const routes = rows.map((row) => ({
      route: (values[row[1]] + ' ' + values[row[0]]).trimStart(), operation: values[row[2]],
      ...Object.fromEntries(settings[row[3]])
    }));`;
}

/** Renders the states of the operations, which are in the route table of a bundle. */
function compactDecisionState(): string {
  return `
    import { routes } from '../routes.ts';
    export const decisionState = Object.fromEntries(
      routes.map(({ operation, state }) => [operation, state]),
    );`;
}

/** Inserts the routes of a function into its code. Consumers have none. */
export const insertRoutes = (code: string, name: string): string =>
  code.replace(tablePlaceholder, () =>
    buildTable((routes as readonly Route[]).filter((route) => route.function === name)),
  );

/**
 * Builds the route table in a tenth of the size: each value once, and rows of positions. Omits the
 * reasons for public routes, and the functions, which only the stack reads.
 */
function buildTable(table: readonly Route[]): string {
  // `$default` has no method.
  const readNames = ({ route, operation }: Route) =>
    [...route.split(' ').toReversed(), ''].slice(0, 2).concat(operation);
  const values = [...new Set(table.flatMap(readNames))];
  const renderSettings = ({ route: _route, operation, ...settings }: Route) => {
    const { function: _function, why: _why, ...columns } = { why: undefined, ...settings };
    return JSON.stringify(Object.entries({ ...columns, state: decisionState[operation] }));
  };
  const settings = [...new Set(table.map(renderSettings))];
  const rows = table.map((row) => [
    ...readNames(row).map((value) => values.indexOf(value)),
    settings.indexOf(renderSettings(row)),
  ]);
  return `{values:${JSON.stringify(values)},settings:[${settings.join()}],rows:${JSON.stringify(rows)}}`;
}

/** Renders each key of the tables as an export. */
function exportEachKey(source: string): string {
  const keysObject = /^export const keys = \{\n([^]+?)^\} as const;$/m;
  const member = /^ {2}(\w+): ([^]+?),\n(?=\n| {2}[\w/]|$(?!\n))/gm;
  const split: string[] = [];
  const constants = source.replace(keysObject, (_object, members: string) =>
    members.replaceAll(member, (_text, name: string, value: string) => {
      split.push(name);
      return `export const keys_${name} = ${value};\n`;
    }),
  );
  if (split.join() !== Object.keys(keys).join())
    throw new Error('A key in lib/store/keys.ts has another form');
  const object = `export const keys = { ${split.map((name) => `${name}: keys_${name}`).join()} };`;
  return nameEachKey(`${constants}\n${object}`);
}

/**
 * Imports the keys that a module uses by their names. Another use of `keys`, such as `keys[name]`,
 * still has the object with all of them, which esbuild removes where nothing uses it.
 */
function importEachKey(source: string): string {
  const keysImport = /(import \{[^}]*)\bkeys\b([^}]*\} from '[^']*\/keys\.ts';)/;
  // Other modules can have variables of this name.
  if (!keysImport.test(source)) return source;
  const names = new Set([...source.matchAll(keyUse)].map(([, name]) => `keys_${name}`));
  return nameEachKey(source.replace(keysImport, `$1${['keys', ...names].join()}$2`));
}

const keyUse = /(?<!\/)\bkeys\.(\w+)/g;
const nameEachKey = (source: string): string =>
  source.replaceAll(keyUse, (_use, name: string) => {
    if (!(name in keys)) throw new Error(`lib/store/keys.ts has no key ${name}`);
    return `keys_${name}`;
  });

export const stubPlugin: Plugin = {
  name: 'without-unused',
  setup(build) {
    for (const { module, replace } of stubs) {
      build.onLoad({ filter: module }, ({ path }) => ({
        contents: replace(readFileSync(path, 'utf8')),
        loader: loaders[extname(path)] ?? 'js',
        resolveDir: dirname(path),
      }));
    }
  },
};
const loaders: Readonly<Record<string, Loader>> = { '.ts': 'ts', '.json': 'json' };
