/** What other dialects have from Cradl: how a path names a user, and how a list is paged. */
import * as z from 'zod';
import { userIdOf } from '../domain/ids.ts';
import { cursor, limit, limitOf, nextToken } from './paging.ts';
import type { UserListWire, UserWire } from './user-wire.ts';

/** Users are named by their ids. */
export const byUserId: Pick<UserWire, 'parameter' | 'reference'> = {
  parameter: { name: 'userId', description: 'The id of the user.', example: 'cradl:user:0123456789abcdef0123456789abcdef' },
  reference: (id) => {
    const userId = userIdOf(id);
    return userId === undefined ? undefined : { userId };
  },
};

/** `maxResults` and `nextToken` → `{users, nextToken}`; `id` is the name of the answer's schema. */
export const cradlList = (answer: z.ZodType, id: string): UserListWire => ({
  query: z.object({ maxResults: limit, nextToken: cursor }),
  cursorParameter: 'nextToken',
  page: ({ maxResults, nextToken: token }) => ({ limit: limitOf(String(maxResults)), cursor: token as string | undefined, filter: {} }),
  answer: z.strictObject({ users: z.array(answer), nextToken }).meta({ id }),
  view: (users, next) => ({ users, nextToken: next ?? null }),
});
