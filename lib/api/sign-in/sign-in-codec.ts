import type * as z from 'zod';
import type { IdPrefix } from '../../domain/kernel/ids.ts';
import type { Credentials, SignInResult } from '../../domain/sign-in/sign-in.ts';
import type { Reply } from '../users/user-codec.ts';

/** Signing in with a password, on the wire of one dialect. */
export interface SignInCodec {
  readonly signInInput: z.ZodType<
    Pick<Credentials, 'account' | 'password' | 'audience'> & { readonly tenant: string | undefined }
  >;
  /** What the field of the tenant is called. */
  readonly tenantField: string;
  readonly response: z.ZodType;
  toResponse(signedIn: SignInResult, shown: { readonly idPrefix: IdPrefix }): Reply;
}
