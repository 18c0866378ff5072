import { randomUUID } from 'node:crypto';
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { promisify } from 'node:util';
import { gzip, gzipSync } from 'node:zlib';
import * as esbuild from 'esbuild';
import {
  acceptPage,
  confirmPage,
  type Document,
  docsFiles,
  docsPage,
  eventTypesDocument,
  openapiDocument,
  scalarFile,
  verifyPage,
} from '../../lib/api/documents/files.ts';
import { listEventTypes } from '../../lib/api/feed/event-types.ts';
import type { DialectName } from '../../lib/api/routes.ts';
import { openapi } from './openapi/document.ts';

const root = join(import.meta.dirname, '../..');

export interface DocumentOptions {
  readonly dialects?: readonly DialectName[] | undefined;
  /** Folder that caches the compressed Scalar for later builds. */
  readonly cacheFolder?: string | undefined;
}

/** Writes the files of the documents function, compressed once instead of at every request. */
export const writeDocuments = async (
  folder: string,
  { dialects, cacheFolder }: DocumentOptions = {},
): Promise<void> => {
  const scalar = compressScalar(cacheFolder);
  const write = (name: string, content: string | Uint8Array) =>
    writeFileSync(join(folder, `${name}.gz`), compress(content));
  const writeFrom = (source: string, files: readonly Document[]) => {
    for (const { name } of files) write(name, readFileSync(join(root, source, name)));
  };
  const pageFiles = buildPageFiles();
  write(openapiDocument.name, JSON.stringify(openapi(dialects)));
  write(eventTypesDocument.name, JSON.stringify({ eventTypes: listEventTypes() }));
  writeFrom(
    'lib/web/docs-page',
    [docsPage, ...docsFiles].filter((file) => file !== scalarFile),
  );
  writeFrom('lib/web/password-page', [acceptPage]);
  writeFrom('lib/web/password-page/confirm', [confirmPage]);
  writeFrom('lib/web/password-page/verify', [verifyPage]);
  for (const [name, content] of await pageFiles) write(name, content);
  writeFileSync(join(folder, `${scalarFile.name}.gz`), await scalar);
};

const level = 9;
const compress = (content: string | Uint8Array): Buffer =>
  clearSystem(gzipSync(content, { level }));

/** Sets the operating system, which is the tenth byte, to 255 for unknown (RFC 1952 §2.3.1). */
const clearSystem = (compressed: Buffer): Buffer => {
  compressed[9] = 255;
  return compressed;
};

let compressedScalar: Promise<Buffer> | undefined;

/** Compresses Scalar once per process and cache folder, because that takes half a second. */
const compressScalar = (cacheFolder: string | undefined): Promise<Buffer> =>
  (compressedScalar ??= loadScalar(cacheFolder));

const loadScalar = async (cacheFolder: string | undefined): Promise<Buffer> => {
  const file = cacheFolder && join(cacheFolder, `scalar-${readScalarVersion()}.js.gz`);
  if (file && existsSync(file)) return readFileSync(file);
  // Compresses in another thread while this one builds the other files.
  const compressed = clearSystem(await promisify(gzip)(await readScalar(), { level }));
  if (file) {
    // Other processes may write the same file.
    const temporary = `${file}.${randomUUID()}`;
    writeFileSync(temporary, compressed);
    renameSync(temporary, file);
  }
  return compressed;
};

const readScalarVersion = (): string => {
  const file = join(root, 'node_modules/@scalar/fastify-api-reference/package.json');
  return (JSON.parse(readFileSync(file, 'utf8')) as { version: string }).version;
};

interface ScalarModule {
  default(app: object, options: object, done: () => void): void;
}

interface FileRoute {
  readonly url: string;
  handler(request: undefined, reply: object): unknown;
}

/**
 * Reads the browser bundle of Scalar from its Fastify plugin, which serves it at a route. The
 * plugin has 14 dependencies, `@scalar/api-reference` has 284.
 */
async function readScalar(): Promise<string> {
  const { default: plugin }: ScalarModule = await import('@scalar/fastify-api-reference');
  const fileRoutes: FileRoute[] = [];
  const app = { hasPlugin: () => false, route: (route: FileRoute) => fileRoutes.push(route) };
  plugin(app, { configuration: { url: openapiDocument.name } }, () => undefined);
  const reply = { header: () => reply, send: (body: unknown) => body };
  const script = fileRoutes.find(({ url }) => url.endsWith('.js'))?.handler(undefined, reply);
  if (typeof script !== 'string') throw new Error('the Fastify plugin of Scalar has no script');
  return script;
}

/** Builds the scripts and styles of the pages. The list of common passwords loads on demand. */
const buildPageFiles = async (): Promise<[name: string, content: Uint8Array][]> => {
  const options = {
    absWorkingDir: root,
    outdir: '.',
    write: false,
    bundle: true,
    format: 'esm',
    target: 'es2022',
    minify: true,
    legalComments: 'none',
  } as const;
  const results = await Promise.all([
    esbuild.build({
      ...options,
      entryPoints: [
        { in: 'lib/web/password-page/main.ts', out: 'accept' },
        { in: 'lib/web/password-page/password.css', out: 'accept' },
      ],
      splitting: true,
      chunkNames: '[name]',
    }),
    esbuild.build({
      ...options,
      entryPoints: [{ in: 'lib/web/password-page/confirm/main.ts', out: 'confirm' }],
    }),
    esbuild.build({
      ...options,
      entryPoints: [{ in: 'lib/web/password-page/verify/main.ts', out: 'verify' }],
    }),
  ]);
  return results.flatMap(({ outputFiles }) =>
    outputFiles.map(({ path, contents }) => [basename(path), contents] as [string, Uint8Array]),
  );
};
