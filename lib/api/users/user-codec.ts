import type * as z from 'zod';
import type { AsDocumented } from '../codec.ts';
import { type IdPrefix, userIdOf } from '../../domain/kernel/ids.ts';
import type { Permission } from '../../domain/roles/role.ts';
import type { Filter } from '../../domain/users/list-users.ts';
import type { OwnPatch } from '../../domain/users/self.ts';
import type { Draft, Patch, User, UserReference } from '../../domain/users/user.ts';
import type { ListWire } from '../lists.ts';

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
  readonly mustChangePassword: boolean;
  readonly inactivePermissions: readonly Permission[];
}

/** The user resource on the wire of one dialect. */
export interface UserWire {
  /** Request body of a create → Draft. */
  readonly draft: z.ZodType<Draft>;
  /** Whether creating a user whose invitation has expired invites them again. */
  readonly invitesAgain?: boolean;
  /** Request body of a change → Patch. */
  readonly patch: z.ZodType<Patch>;
  /** True where a change of metadata replaces the object instead of merging into it. */
  readonly replacesMetadata?: boolean;
  /** Whether a change of roles must say which version it means (`If-Match`). */
  readonly rolesNeedMatch?: boolean;
  /** True if a user who has roles must keep at least one. */
  readonly keepsRole?: boolean;
  /** Whether people may change their own accounts by the same path as others'. */
  readonly allowsSelf?: boolean;
  readonly list: UserListWire;
  /** The shape of the body that `view` makes. */
  readonly answer: z.ZodType;
  /** The path parameter that names a user, as the routes table spells it, and what it may be. */
  readonly parameter: {
    readonly name: string;
    readonly description: string;
    readonly example: string;
  };
  /** The user that a path names; undefined for what cannot name one. */
  reference(parameter: string): UserReference | undefined;
  /** Whether the view shows the avatar, which then has to be read. */
  readonly showsAvatar: boolean;
  view(user: User, shown: Shown): Reply;
  /** The path of a user, where the dialect's answer to a create names it. */
  location?(user: User, shown: Shown): string;
}

/** A list of users on the wire of one dialect. */
export interface UserListWire extends ListWire {
  /** What a parsed query narrows it to, where it can be narrowed. */
  filter?(query: Readonly<Record<string, unknown>>): Filter;
}

/** Users are named by their ids. */
export const byUserId: Pick<UserWire, 'parameter' | 'reference'> = {
  parameter: {
    name: 'userId',
    description: 'The id of the user.',
    example: 'cradl:user:0123456789abcdef0123456789abcdef',
  },
  reference: (id) => {
    const userId = userIdOf(id);
    return userId === undefined ? undefined : { userId };
  },
};

/** The caller's own account on the wire of one dialect. */
export interface OwnAccountWire {
  readonly patch: z.ZodType<OwnPatch>;
  readonly answer: z.ZodType;
  view(user: User, shown: Shown): Reply;
  /** Request body of a change of password. */
  readonly password: z.ZodType<{ readonly current: string; readonly next: string }>;
  readonly asDocumented?: AsDocumented;
  /** The answer to it; undefined for none. */
  readonly passwordChanged?: { readonly schema: z.ZodType; readonly body: object };
}
