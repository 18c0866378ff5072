import { canonicalizeEmail } from '../../domain/kernel/canonical.ts';
import { type ListUsersDependencies, listUsers } from '../../domain/users/list-users.ts';
import type { User } from '../../domain/users/user.ts';
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
  /** Renders the users of a page, in order. */
  toBodies(users: readonly User[]): readonly unknown[] | Promise<readonly unknown[]>;
}

/** Lists users by email, from the cursor and with the filter of the query. */
export function listUserPage(
  { codec, toBodies }: UserListOptions,
  request: AuthenticatedRequest,
  deps: ListUsersDependencies & ListPageDependencies,
): Promise<Reply> {
  const { dialect, context } = request;
  const query = parseListQuery(codec, request);
  const filter = codec.toFilter?.(query) ?? {};
  const read = async (page: PageRequest): Promise<PageItems> => {
    const { users, next } = await listUsers({ filter, ...page }, context, deps);
    const bodies = await toBodies(users);
    const items = users.map(({ email }, index) => ({
      body: bodies[index],
      position: canonicalizeEmail(email),
    }));
    return { items, next };
  };
  const scope = [context.tenant.tenantId, dialect, filter] as const;
  return listPage({ codec, query, scope, read }, deps);
}
