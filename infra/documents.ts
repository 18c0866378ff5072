import { readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { basename, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import * as esbuild from 'esbuild';
import { acceptPage, docsFiles, docsPage, openapiDocument } from '../lib/http/documents.ts';
import type { DialectName } from '../lib/http/routes.ts';
import { openapi } from './openapi.ts';

const { resolve } = createRequire(import.meta.url);
const root = join(import.meta.dirname, '..');

/** Writes what the documents function serves into its folder, each compressed once here instead of at every request. */
export const writeDocuments = async (folder: string, dialects?: readonly DialectName[]): Promise<void> => {
  const write = (name: string, content: string | Uint8Array) => writeFileSync(join(folder, `${name}.gz`), compress(content));
  write(openapiDocument.name, JSON.stringify(openapi(dialects)));
  for (const { name } of [docsPage, ...docsFiles]) write(name, readFileSync(docsSource(name)));
  write(acceptPage.name, readFileSync(join(root, 'infra/accept-page', acceptPage.name)));
  for (const [name, content] of await acceptFileContents()) write(name, content);
};

/** RFC 1952 §2.3.1: the tenth byte names the operating system; 255 is unknown. */
const compress = (content: string | Uint8Array): Buffer => {
  const compressed = gzipSync(content, { level: 9 });
  compressed[9] = 255;
  return compressed;
};

const docsSource = (name: string): string =>
  name.startsWith('swagger-ui') ? resolve(`swagger-ui-dist/${name}`) : join(root, 'infra/docs', name);

/** What that page loads; the list of common passwords becomes a file of its own, since its script imports that only when it needs it. */
const acceptFileContents = async (): Promise<[name: string, content: Uint8Array][]> => {
  const { outputFiles } = await esbuild.build({
    absWorkingDir: root,
    entryPoints: ['infra/accept-page/accept.ts', 'infra/accept-page/accept.css'],
    outdir: '.',
    write: false,
    bundle: true,
    format: 'esm',
    splitting: true,
    chunkNames: '[name]',
    target: 'es2022',
    minify: true,
    legalComments: 'none',
  });
  return outputFiles.map(({ path, contents }) => [basename(path), contents]);
};
