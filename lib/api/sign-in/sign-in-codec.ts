import type * as z from 'zod';
import type { IdPrefix } from '../../domain/kernel/ids.ts';
import type { Credentials, SignInResult } from '../../domain/sign-in/sign-in.ts';
import type { Reply } from '../codec.ts';

/** Sign-in with a password in one dialect. */
export interface SignInCodec {
  readonly signInInput: z.ZodType<
    Pick<Credentials, 'account' | 'password' | 'audience'> & { readonly tenant: string | undefined }
  >;
  /** Field of `signInInput` that names the tenant. */
  readonly tenantField: string;
  readonly response: z.ZodType;
  toResponse(result: SignInResult, context: { readonly idPrefix: IdPrefix }): Reply;
}
