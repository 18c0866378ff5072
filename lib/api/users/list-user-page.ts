import type { UserQuery } from '../../domain/users/list-users.ts';
import type { Reply } from '../codec.ts';
import {
  type ListPageDependencies,
  listPage,
  type PageItems,
  type PageRequest,
  parseListQuery,
} from '../http/list-page.ts';
import type { AuthenticatedRequest } from '../http/request.ts';
import type { UserListCodec } from './user-codec.ts';

interface UserListOptions {
  readonly codec: UserListCodec;
  read(query: UserQuery): Promise<PageItems>;
}

/** Lists users by email, from the cursor and with the filter of the query. */
export function listUserPage(
  { codec, read }: UserListOptions,
  request: AuthenticatedRequest,
  deps: ListPageDependencies,
): Promise<Reply> {
  const { dialect, context } = request;
  const query = parseListQuery(codec, request);
  const filter = codec.toFilter?.(query) ?? {};
  const scope = [context.tenant.tenantId, dialect, filter] as const;
  const readPage = (page: PageRequest) => read({ filter, ...page });
  return listPage({ codec, query, scope, read: readPage }, deps);
}
