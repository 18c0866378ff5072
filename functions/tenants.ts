import { tenantsApi } from '../lib/api/tenants/handlers.ts';
import { createHttpDeps } from '../lib/deps/http-deps.ts';

export const handler = tenantsApi(createHttpDeps(process.env));
