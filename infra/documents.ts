import { readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { docsFiles, docsPage, openapiDocument } from '../lib/http/documents.ts';
import { openapi } from './openapi.ts';

const { resolve } = createRequire(import.meta.url);

/** Writes what the documents function serves into its folder, each compressed once here instead of at every request. */
export const writeDocuments = (folder: string): void => {
  for (const { name } of [openapiDocument, docsPage, ...docsFiles]) {
    writeFileSync(join(folder, `${name}.gz`), gzipSync(contentOf(name), { level: 9 }));
  }
};

const contentOf = (name: string): string | Buffer => {
  if (name === openapiDocument.name) return JSON.stringify(openapi());
  return readFileSync(name.startsWith('swagger-ui') ? resolve(`swagger-ui-dist/${name}`) : join(import.meta.dirname, 'docs', name));
};
