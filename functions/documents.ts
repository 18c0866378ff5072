import { documentsApi } from '../lib/api/documents/handlers.ts';

export const handler = documentsApi(import.meta.dirname);
