import type * as z from 'zod';
import type { IdPrefix } from '../../domain/kernel/ids.ts';
import type { Credentials, SignInResult } from '../../domain/sign-in/sign-in.ts';
import type { Reply } from '../users/user-codec.ts';

/** Signing in with a password, on the wire of one dialect. */
export interface SignInWire {
  readonly request: z.ZodType<
    Pick<Credentials, 'account' | 'password' | 'audience'> & { readonly tenant: string | undefined }
  >;
  /** What the field of the tenant is called. */
  readonly tenantField: string;
  readonly answer: z.ZodType;
  view(signedIn: SignInResult, shown: { readonly idPrefix: IdPrefix }): Reply;
}
