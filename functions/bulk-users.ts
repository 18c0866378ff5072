import { bulkUserHandlers } from '../lib/api/bulk-users/handlers.ts';
import { authenticatedApi } from '../lib/api/http/api.ts';
import { userExportHandlers } from '../lib/api/user-exports/handlers.ts';
import { type BulkUserDeps, createBulkUserDeps } from '../lib/deps/bulk-user-deps.ts';

/**
 * Imports and exports of users. Has more time than other functions. Writes password hashes, never
 * reads them.
 */
export const bulkUsersApi = (deps: BulkUserDeps) =>
  authenticatedApi({ ...bulkUserHandlers(deps), ...userExportHandlers(deps) }, deps);

export const handler = bulkUsersApi(createBulkUserDeps(process.env));
