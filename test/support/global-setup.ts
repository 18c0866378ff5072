import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { startDatabase } from '../../infra/local/process/database.ts';
import { openapi } from '../../infra/build/openapi/document.ts';
import type { OpenApiDocument } from './openapi-assert.ts';
import { serveSharedBrowser } from './browser/shared-browser.ts';

declare module 'vitest' {
  export interface ProvidedContext {
    databaseEndpoint: string;
    /** OpenAPI document, created once, because every test file checks its responses against it. */
    openapi: OpenApiDocument;
    sharedBrowserUrl: string;
    /** Folder in which test files share the build of `npm start` and the compressed Scalar. */
    buildFolder: string;
  }
}

/** One embedded database in memory for the whole run. Each service has its own tables. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const buildFolder = mkdtempSync(join(tmpdir(), 'roster-build-'));
  const [database, browser] = await Promise.all([startDatabase(), serveSharedBrowser(buildFolder)]);
  project.provide('databaseEndpoint', database.endpoint);
  project.provide('openapi', openapi() as unknown as OpenApiDocument);
  project.provide('sharedBrowserUrl', browser.url);
  project.provide('buildFolder', buildFolder);
  return async () => {
    rmSync(buildFolder, { recursive: true, force: true });
    await Promise.all([database.stop(), browser.stop()]);
  };
}
