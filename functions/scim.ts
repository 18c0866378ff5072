import { authenticatedApi } from '../lib/api/http/api.ts';
import { allDialects } from '../lib/api/scim/conventions.ts';
import { discoveryHandlers } from '../lib/api/scim/discovery/handlers.ts';
import { scimUserHandlers } from '../lib/api/scim/users/handlers.ts';
import { createScimDeps, type ScimDeps } from '../lib/deps/scim/scim-deps.ts';

/** SCIM 2.0 for identity providers. */
export const scimApi = (deps: ScimDeps) =>
  authenticatedApi({ ...discoveryHandlers(deps), ...scimUserHandlers(deps) }, deps, allDialects);

export const handler = scimApi(createScimDeps(process.env));
