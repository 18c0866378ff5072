import { type IdPrefix, parseUserId } from '../../domain/kernel/ids.ts';
import type { Timestamp } from '../../domain/kernel/time.ts';
import type { Permission } from '../../domain/access/permissions.ts';
import type { UserRef } from '../../domain/users/user-store.ts';
import type { UserQuery } from '../../domain/users/lists/list-users.ts';
import type { UserFilter } from '../../domain/users/lists/user-filter.ts';
import type {
  CreateUserInput,
  ListedUser,
  UpdateUserInput,
  User,
} from '../../domain/users/user.ts';
import type { LazySchema, PathParameter, Reply } from '../codec.ts';
import type { ListCodec } from '../lists.ts';

export type UserOperation =
  | 'createUser'
  | 'listUsers'
  | 'getUser'
  | 'getOrganizationUser'
  | 'updateUser'
  | 'assignUserRole'
  | 'removeUserRole'
  | 'approveCredentials'
  | 'suspendUser'
  | 'reactivateUser'
  | 'setUserActive'
  | 'signOutUser'
  | 'deleteUser'
  | 'restoreUser'
  | 'eraseUser';

/** Values that a response shows in addition to the user. */
export interface ResponseContext {
  readonly idPrefix: IdPrefix;
  readonly isOwner: boolean;
  readonly mustChangePassword: boolean;
  /** Undefined in lists, which do not read it. */
  readonly lastSignInAt?: Timestamp | null | undefined;
  readonly inactivePermissions: readonly Permission[];
  /** Email that replaces the current one when its link is used. */
  readonly pendingEmail: string | undefined;
}

/** Users in one dialect. */
export interface UserCodec {
  readonly createInput: LazySchema<CreateUserInput>;
  /** True if creating a user whose invitation has expired invites the same user again. */
  readonly reinvitesExpired?: boolean;
  readonly updateInput: LazySchema<UpdateUserInput>;
  /** True if an update replaces metadata instead of merging it. */
  readonly replacesMetadata?: boolean;
  readonly requiresIfMatchForRoles?: boolean;
  /** True if a user with roles must keep at least one. */
  readonly requiresRole?: boolean;
  /** True if callers may read and update their own account at the path of any user. */
  readonly allowsSelf?: boolean;
  readonly response: LazySchema;
  readonly pathParameter: PathParameter;
  /** Returns undefined for text that cannot refer to a user. */
  parseUserRef(parameter: string): UserRef | undefined;
  /** True if the response shows the avatar, which is read separately. */
  readonly includesAvatar: boolean;
  /** True if the response shows the latest sign-in, which the same request reads. */
  readonly includesSignIn?: boolean;
  toResponse(user: ListedUser, context: ResponseContext): Reply;
  /** Path of a new user, for dialects that send `Location`. */
  getLocation?(user: ListedUser, context: ResponseContext): string;
}

/** Users as the other users of their organization see them. */
export interface OrganizationUserCodec {
  readonly response: LazySchema;
  toResponse(user: User): Reply;
}

export interface UserListCodec extends ListCodec {
  toFilter?(query: Readonly<Record<string, unknown>>): UserFilter;
  toListOptions?(
    query: Readonly<Record<string, unknown>>,
  ): Pick<UserQuery, 'sort' | 'includesCount'>;
}

/** Path parameter of dialects that refer to users by ID. */
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
