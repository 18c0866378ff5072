import { appClientsApi } from '../lib/api/app-clients/handlers.ts';
import { createDeps } from '../lib/deps/http-deps.ts';

export const handler = appClientsApi(createDeps(process.env));
