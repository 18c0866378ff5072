import type { Uuid } from '../../domain/kernel/ids.ts';
import type { UpdateSelfInput } from '../../domain/users/self.ts';
import type { User } from '../../domain/users/user.ts';
import type { ErrorMapping, LazySchema, PathParameter, Reply } from '../codec.ts';
import type { ResponseContext } from '../users/user-codec.ts';

export type SelfOperation =
  | 'getSession'
  | 'getOwnUser'
  | 'updateOwnUser'
  | 'deleteOwnUser'
  | 'signOutOwnUser'
  | 'getProfile'
  | 'updateProfile'
  | 'changeOwnPassword';

/** The caller's own account in one dialect. */
export interface SelfCodec {
  readonly updateInput: LazySchema<UpdateSelfInput>;
  /** True if an update replaces the metadata of the profile instead of merging it. */
  readonly replacesMetadata?: boolean;
  readonly response: LazySchema;
  toResponse(user: User, context: ResponseContext): Reply;
}

/** Change of the own password in one dialect. */
export interface PasswordChangeCodec {
  readonly changePasswordInput: LazySchema<{
    readonly currentPassword: string;
    readonly newPassword: string;
  }>;
  /** Body after a change of password. Absent for an empty response. */
  readonly passwordResponse?: { readonly schema: LazySchema; readonly body: object };
  readonly mapError?: ErrorMapping;
}

/** Profiles in a dialect in which they have IDs. */
export interface ProfileCodec extends SelfCodec {
  readonly pathParameter: PathParameter;
  /** Returns undefined for text that cannot refer to a profile. */
  parseProfileId(parameter: string): Uuid | undefined;
  readonly publicResponse: LazySchema;
  /** Renders what other users see. */
  toPublicResponse(user: User, context: ResponseContext): Reply;
}
