import { authenticatedApi } from '../lib/api/http/api.ts';
import { allDialects } from '../lib/api/scim/conventions.ts';
import { bulkHandlers } from '../lib/api/scim/bulk/handlers.ts';
import { discoveryHandlers } from '../lib/api/scim/discovery/handlers.ts';
import { scimGroupHandlers } from '../lib/api/scim/groups/handlers.ts';
import { ownUserHandlers } from '../lib/api/scim/own-user/handlers.ts';
import { searchHandlers } from '../lib/api/scim/search/handlers.ts';
import { scimUserHandlers } from '../lib/api/scim/users/handlers.ts';
import { createScimDeps, type ScimDeps } from '../lib/deps/scim/scim-deps.ts';

/** SCIM 2.0 for identity providers. */
export const scimApi = (deps: ScimDeps) => {
  const resources = { ...scimUserHandlers(deps), ...scimGroupHandlers(deps) };
  const operations = {
    ...discoveryHandlers(deps),
    ...resources,
    ...searchHandlers(deps),
    ...ownUserHandlers(deps),
    ...bulkHandlers(resources, deps),
  };
  return authenticatedApi(operations, deps, allDialects);
};

export const handler = scimApi(createScimDeps(process.env));
