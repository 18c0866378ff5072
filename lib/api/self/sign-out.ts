import * as z from 'zod';
import { type LazySchema, type Reply, responseSchema } from '../codec.ts';
import type { DialectsServing } from '../routes.ts';

interface SignOutCodec {
  readonly response: LazySchema;
  toResponse(endsCurrentToken: boolean): Reply;
}

const nativeSignOut: SignOutCodec = {
  response: responseSchema(() =>
    z
      .strictObject({
        endsCurrentToken: z.boolean().meta({
          description:
            'True if the token of this request ends, too. False for a token of another issuer, which only its issuer can end.',
        }),
      })
      .meta({ id: 'SignOut' }),
  ),
  toResponse: (endsCurrentToken) => ({ body: { endsCurrentToken } }),
};

/** Codecs of every dialect that routes.ts lists for the sign-out of the caller. */
export const signOutCodecs = {
  native: nativeSignOut,
} satisfies Record<DialectsServing<'signOutOwnUser'>, SignOutCodec>;
