import type * as z from 'zod';
import type { UpdateSelfInput } from '../../domain/users/self.ts';
import type { User } from '../../domain/users/user.ts';
import type { ErrorMapping, Reply } from '../codec.ts';
import type { ResponseContext } from '../users/user-codec.ts';

export type SelfOperation = 'getOwnUser' | 'updateOwnUser' | 'changeOwnPassword';

/** The caller's own account in one dialect. */
export interface SelfCodec {
  readonly updateInput: z.ZodType<UpdateSelfInput>;
  readonly response: z.ZodType;
  toResponse(user: User, context: ResponseContext): Reply;
  readonly changePasswordInput: z.ZodType<{
    readonly currentPassword: string;
    readonly newPassword: string;
  }>;
  /** Body after a change of password. Absent for an empty response. */
  readonly passwordResponse?: { readonly schema: z.ZodType; readonly body: object };
  readonly mapError?: ErrorMapping;
}
