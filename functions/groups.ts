import { groupHandlers } from '../lib/api/groups/handlers.ts';
import { groupMemberHandlers } from '../lib/api/groups/member-handlers.ts';
import { authenticatedApi } from '../lib/api/http/api.ts';
import { createGroupDeps, type GroupDeps } from '../lib/deps/group-deps.ts';

/** Groups and their members. Has no access to password hashes and client secrets. */
export const groupsApi = (deps: GroupDeps) =>
  authenticatedApi({ ...groupHandlers(deps), ...groupMemberHandlers(deps) }, deps);

export const handler = groupsApi(createGroupDeps(process.env));
