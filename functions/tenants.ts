import { tenantsApi } from '../lib/api/tenants/handlers.ts';
import { createDeps } from '../lib/deps/http-deps.ts';

export const handler = tenantsApi(createDeps(process.env));
