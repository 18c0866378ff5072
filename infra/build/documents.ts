import { readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { basename, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import * as esbuild from 'esbuild';
import {
  acceptPage,
  confirmPage,
  docsFiles,
  docsPage,
  openapiDocument,
} from '../../lib/api/documents/files.ts';
import type { DialectName } from '../../lib/api/routes.ts';
import { openapi } from './openapi/document.ts';

const { resolve } = createRequire(import.meta.url);
const root = join(import.meta.dirname, '../..');

/** Writes the files of the documents function, compressed once instead of at every request. */
export const writeDocuments = async (
  folder: string,
  dialects?: readonly DialectName[],
): Promise<void> => {
  const write = (name: string, content: string | Uint8Array) =>
    writeFileSync(join(folder, `${name}.gz`), compress(content));
  write(openapiDocument.name, JSON.stringify(openapi(dialects)));
  for (const { name } of [docsPage, ...docsFiles]) write(name, readFileSync(getDocsSource(name)));
  write(acceptPage.name, readFileSync(join(root, 'lib/web/password-page', acceptPage.name)));
  const confirmFolder = join(root, 'lib/web/password-page/confirm');
  write(confirmPage.name, readFileSync(join(confirmFolder, confirmPage.name)));
  for (const [name, content] of await buildPageFiles()) write(name, content);
};

/** RFC 1952 §2.3.1: the tenth byte names the operating system; 255 is unknown. */
const compress = (content: string | Uint8Array): Buffer => {
  const compressed = gzipSync(content, { level: 9 });
  compressed[9] = 255;
  return compressed;
};

const getDocsSource = (name: string): string =>
  name.startsWith('swagger-ui')
    ? resolve(`swagger-ui-dist/${name}`)
    : join(root, 'lib/web/docs-page', name);

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
  ]);
  return results.flatMap(({ outputFiles }) =>
    outputFiles.map(({ path, contents }) => [basename(path), contents] as [string, Uint8Array]),
  );
};
