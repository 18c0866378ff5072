import type * as z from 'zod';
import type { ErrorMapping } from '../codec.ts';
import { type IdPrefix, parseUserId } from '../../domain/kernel/ids.ts';
import type { Permission } from '../../domain/roles/role.ts';
import type { UserFilter } from '../../domain/users/list-users.ts';
import type { UpdateSelfInput } from '../../domain/users/self.ts';
import type { CreateUserInput, UpdateUserInput, User, UserRef } from '../../domain/users/user.ts';
import type { ListCodec } from '../lists.ts';

/** What an operation answers: the status is the route's. */
export interface Reply {
  readonly body: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

/** What a view needs to know besides the user. */
export interface ResponseContext {
  readonly idPrefix: IdPrefix;
  /** Whether this user owns the tenant. */
  readonly isOwner: boolean;
  readonly mustChangePassword: boolean;
  readonly inactivePermissions: readonly Permission[];
}

/** The user resource on the wire of one dialect. */
export interface UserCodec {
  /** Request body of a create → Draft. */
  readonly createInput: z.ZodType<CreateUserInput>;
  /** Whether creating a user whose invitation has expired invites them again. */
  readonly reinvitesExpired?: boolean;
  /** Request body of a change → Patch. */
  readonly updateInput: z.ZodType<UpdateUserInput>;
  /** True where a change of metadata replaces the object instead of merging into it. */
  readonly replacesMetadata?: boolean;
  /** Whether a change of roles must say which version it means (`If-Match`). */
  readonly requiresIfMatchForRoles?: boolean;
  /** True if a user who has roles must keep at least one. */
  readonly requiresRole?: boolean;
  /** Whether people may change their own accounts by the same path as others'. */
  readonly allowsSelfUpdate?: boolean;
  readonly list: UserListCodec;
  /** The shape of the body that `view` makes. */
  readonly response: z.ZodType;
  /** The path parameter that names a user, as the routes table spells it, and what it may be. */
  readonly pathParameter: {
    readonly name: string;
    readonly description: string;
    readonly example: string;
  };
  /** The user that a path names; undefined for what cannot name one. */
  parseUserRef(parameter: string): UserRef | undefined;
  /** Whether the view shows the avatar, which then has to be read. */
  readonly includesAvatar: boolean;
  toResponse(user: User, shown: ResponseContext): Reply;
  /** The path of a user, where the dialect's answer to a create names it. */
  getLocation?(user: User, shown: ResponseContext): string;
}

/** A list of users on the wire of one dialect. */
export interface UserListCodec extends ListCodec {
  /** What a parsed query narrows it to, where it can be narrowed. */
  toFilter?(query: Readonly<Record<string, unknown>>): UserFilter;
}

/** Users are named by their ids. */
export const byUserId: Pick<UserCodec, 'pathParameter' | 'parseUserRef'> = {
  pathParameter: {
    name: 'userId',
    description: 'ID of the user.',
    example: 'cradl:user:0123456789abcdef0123456789abcdef',
  },
  parseUserRef: (id) => {
    const userId = parseUserId(id);
    return userId === undefined ? undefined : { userId };
  },
};

/** The caller's own account on the wire of one dialect. */
export interface SelfCodec {
  readonly updateInput: z.ZodType<UpdateSelfInput>;
  readonly response: z.ZodType;
  toResponse(user: User, shown: ResponseContext): Reply;
  /** Request body of a change of password. */
  readonly changePasswordInput: z.ZodType<{ readonly current: string; readonly next: string }>;
  readonly mapError?: ErrorMapping;
  /** The answer to it; undefined for none. */
  readonly passwordResponse?: { readonly schema: z.ZodType; readonly body: object };
}
