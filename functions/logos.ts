import { logoHandlers } from '../lib/api/branding/handlers.ts';
import { publicApi } from '../lib/api/http/api.ts';
import {
  createTables,
  type Environment,
  parseEnvironment,
  tablesSchema,
} from '../lib/deps/environment.ts';
import { createLogoStore } from '../lib/store/tenants/logo-store.ts';

/** Logos of tenants. Reads no other items. */
export const logosApi = (env: Environment) => {
  const tables = createTables(parseEnvironment(tablesSchema, env), env);
  return publicApi(logoHandlers({ logos: createLogoStore(tables) }));
};

export const handler = logosApi(process.env);
