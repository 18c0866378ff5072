import { appClientsApi } from '../lib/api/app-clients/handlers.ts';
import { createHttpDeps } from '../lib/deps/http-deps.ts';

export const handler = appClientsApi(createHttpDeps(process.env));
