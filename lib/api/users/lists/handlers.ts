import type { RequestContext } from '../../../domain/access/request-context.ts';
import { toPosition } from '../../../domain/users/lists/list-position.ts';
import {
  listUsers,
  type ListUsersDependencies,
  type UserQuery,
} from '../../../domain/users/lists/list-users.ts';
import type { IdPrefixes } from '../../codec.ts';
import type { ListPageDependencies, PageItems } from '../../http/list-page.ts';
import type { Operations } from '../../http/request.ts';
import { userCodecs } from '../codecs.ts';
import { toResponseContext } from '../response-context.ts';
import { userListCodecs } from './codecs.ts';
import { listUserPage } from './list-user-page.ts';

type Dependencies = ListUsersDependencies & ListPageDependencies & IdPrefixes;

export const userListHandlers = (deps: Dependencies) =>
  ({
    listUsers: (request) => {
      const { dialect, context } = request;
      const read = async (query: UserQuery): Promise<PageItems> => {
        const { users, next, count } = await listUsers(query, context, deps);
        const items = users.map((user) => ({
          body: userCodecs[dialect].toResponse(user, {
            ...toResponseContext(user, context, deps),
            lastSignInAt: undefined,
          }).body,
          position: toPosition(user, query.sort),
        }));
        return { items, next, pageFields: { count } };
      };
      return listUserPage({ codec: userListCodecs[dialect], read }, request, deps);
    },
  }) satisfies Operations<RequestContext>;
