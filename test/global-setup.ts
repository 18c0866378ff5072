import type { TestProject } from 'vitest/node';
import { startDatabase } from '../infra/local/database.ts';

declare module 'vitest' {
  export interface ProvidedContext {
    databaseEndpoint: string;
  }
}

/** One embedded database in memory for the whole run; every service that a test starts has tables of its own in it. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const database = await startDatabase();
  project.provide('databaseEndpoint', database.endpoint);
  return database.stop;
}
