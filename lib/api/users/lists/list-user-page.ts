import type { UserQuery } from '../../../domain/users/lists/list-users.ts';
import type { Reply } from '../../codec.ts';
import {
  type ListPageDependencies,
  listPage,
  type PageItems,
  type PageRequest,
  parseListQuery,
} from '../../http/list-page.ts';
import type { AuthenticatedRequest } from '../../http/request.ts';
import type { UserListCodec } from '../user-codec.ts';

interface UserListOptions {
  readonly codec: UserListCodec;
  read(query: UserQuery): Promise<PageItems>;
}

/** Lists users from the cursor, with the filter and in the order of the query. */
export function listUserPage(
  { codec, read }: UserListOptions,
  request: AuthenticatedRequest,
  deps: ListPageDependencies,
): Promise<Reply> {
  const { dialect, context } = request;
  const query = parseListQuery(codec, request);
  const filter = codec.toFilter?.(query) ?? {};
  const { sort = 'email', includesCount = false } = codec.toListOptions?.(query) ?? {};
  const list = sort === 'email' ? filter : { ...filter, sort };
  const scope = [context.tenant.tenantId, dialect, list] as const;
  const readPage = (page: PageRequest) => read({ filter, sort, includesCount, ...page });
  return listPage({ codec, query, scope, read: readPage }, deps);
}
