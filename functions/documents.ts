import { documentHandlers } from '../lib/api/documents/handlers.ts';
import { publicApi } from '../lib/api/http/api.ts';
import { allDialects } from '../lib/api/scim/conventions.ts';

/** OpenAPI document, documentation, pages and unmatched routes. Needs no permissions. */
export const documentsApi = (folder: string) => publicApi(documentHandlers(folder), allDialects);

export const handler = documentsApi(import.meta.dirname);
