import type { TestProject } from 'vitest/node';
import { startDatabase } from '../../infra/local/process/database.ts';
import { openapi } from '../../infra/build/openapi/document.ts';
import type { OpenApiDocument } from './openapi-assert.ts';

declare module 'vitest' {
  export interface ProvidedContext {
    databaseEndpoint: string;
    /** The OpenAPI document: made once, since every test file holds its answers against it. */
    openapi: OpenApiDocument;
  }
}

/** One embedded database in memory for the whole run; every service that a test starts has tables of its own in it. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const database = await startDatabase();
  project.provide('databaseEndpoint', database.endpoint);
  project.provide('openapi', openapi() as unknown as OpenApiDocument);
  return database.stop;
}
