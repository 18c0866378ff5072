import { bulkUserHandlers } from '../lib/api/bulk-users/handlers.ts';
import { authenticatedApi } from '../lib/api/http/api.ts';
import { type BulkUserDeps, createBulkUserDeps } from '../lib/deps/bulk-user-deps.ts';

/** Imports of users. Has more time than other functions. Writes password hashes, never reads them. */
export const bulkUsersApi = (deps: BulkUserDeps) => authenticatedApi(bulkUserHandlers(deps), deps);

export const handler = bulkUsersApi(createBulkUserDeps(process.env));
