import type { IdPrefix } from '../../domain/kernel/ids.ts';
import type { Credentials, SignInResult } from '../../domain/sign-in/sign-in.ts';
import type { LazySchema, Reply } from '../codec.ts';

/** Sign-in with a password in one dialect. */
export interface SignInCodec {
  readonly signInInput: LazySchema<
    Pick<Credentials, 'account' | 'password' | 'audience'> & { readonly tenant: string | undefined }
  >;
  /** Field of `signInInput` that names the tenant. */
  readonly tenantField: string;
  readonly response: LazySchema;
  toResponse(result: SignInResult, context: { readonly idPrefix: IdPrefix }): Reply;
}
