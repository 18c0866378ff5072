import type * as z from 'zod';
import type { IdPrefix } from '../domain/ids.ts';
import type { Draft, User, UserReference } from '../domain/users/user.ts';

/** What an operation answers: the status is the route's. */
export interface Reply {
  readonly body: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

/** What a view needs to know besides the user. */
export interface Shown {
  readonly idPrefix: IdPrefix;
  /** Whether this user owns the tenant. */
  readonly isOwner: boolean;
}

/** The user resource on the wire of one dialect. */
export interface UserWire {
  /** Request body of a create → Draft. */
  readonly draft: z.ZodType<Draft>;
  /** The shape of the body that `view` makes. */
  readonly answer: z.ZodType;
  /** The path parameter that names a user, as the routes table spells it, and what it may be. */
  readonly parameter: { readonly name: string; readonly description: string; readonly example: string };
  /** The user that a path names; undefined for what cannot name one. */
  reference(parameter: string): UserReference | undefined;
  /** Whether the view shows the avatar, which then has to be read. */
  readonly showsAvatar: boolean;
  view(user: User, shown: Shown): Reply;
  /** The path of a user, where the dialect's answer to a create names it. */
  location?(user: User, shown: Shown): string;
}
