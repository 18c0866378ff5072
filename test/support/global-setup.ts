import type { TestProject } from 'vitest/node';
import { startDatabase } from '../../infra/local/process/database.ts';
import { openapi } from '../../infra/build/openapi/document.ts';
import type { OpenApiDocument } from './openapi-assert.ts';

declare module 'vitest' {
  export interface ProvidedContext {
    databaseEndpoint: string;
    /** OpenAPI document, created once, because every test file checks its responses against it. */
    openapi: OpenApiDocument;
  }
}

/** One embedded database in memory for the whole run. Each service has its own tables. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const database = await startDatabase();
  project.provide('databaseEndpoint', database.endpoint);
  project.provide('openapi', openapi() as unknown as OpenApiDocument);
  return database.stop;
}
