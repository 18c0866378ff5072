import type { UpdateSelfInput } from '../../domain/users/self.ts';
import type { User } from '../../domain/users/user.ts';
import type { ErrorMapping, LazySchema, Reply } from '../codec.ts';
import type { ResponseContext } from '../users/user-codec.ts';

export type SelfOperation = 'getOwnUser' | 'updateOwnUser' | 'changeOwnPassword';

/** The caller's own account in one dialect. */
export interface SelfCodec {
  readonly updateInput: LazySchema<UpdateSelfInput>;
  readonly response: LazySchema;
  toResponse(user: User, context: ResponseContext): Reply;
  readonly changePasswordInput: LazySchema<{
    readonly currentPassword: string;
    readonly newPassword: string;
  }>;
  /** Body after a change of password. Absent for an empty response. */
  readonly passwordResponse?: { readonly schema: LazySchema; readonly body: object };
  readonly mapError?: ErrorMapping;
}
