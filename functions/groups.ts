import { groupHandlers } from '../lib/api/groups/handlers.ts';
import { groupMemberHandlers } from '../lib/api/groups/member-handlers.ts';
import { authenticatedApi } from '../lib/api/http/api.ts';
import { levelHandlers } from '../lib/api/levels/handlers.ts';
import { createGroupDeps, type GroupDeps } from '../lib/deps/group-deps.ts';

/** Groups, their members, and levels of users and groups. Has no access to password hashes. */
export const groupsApi = (deps: GroupDeps) => {
  const operations = {
    ...groupHandlers(deps),
    ...groupMemberHandlers(deps),
    ...levelHandlers(deps),
  };
  return authenticatedApi(operations, deps);
};

export const handler = groupsApi(createGroupDeps(process.env));
