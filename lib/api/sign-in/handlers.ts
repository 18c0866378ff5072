import { jitsudoSignIn } from './jitsudo.ts';
import { nativeSignIn } from './native.ts';
import { parse } from '../parse.ts';
import type { SignInCodec } from './sign-in-codec.ts';
import { signIn } from '../../domain/sign-in/sign-in.ts';
import { publicApi } from '../http/pipeline.ts';
import type { DialectName } from '../routes.ts';
import { resolveRequestTenant } from '../auth/tenant-hint.ts';
import type { TokenDeps } from '../../deps/token-deps.ts';

const codecs: Readonly<Partial<Record<DialectName, SignInCodec>>> = {
  native: nativeSignIn,
  jitsudo: jitsudoSignIn,
};

/** What lets people in by their passwords: it reads hashes, and signs tokens. */
export const signInApi = (deps: TokenDeps) =>
  publicApi({
    signIn: async ({ event, dialect, body }) => {
      const {
        signInInput: request,
        tenantField: field,
        toResponse: view,
      } = codecs[dialect] ?? nativeSignIn;
      const { tenant: value, ...credentials } = parse(request, body);
      const tenant = await resolveRequestTenant(event, { field, value }, deps);
      // The address that API Gateway was called from, which no header can change.
      const signedIn = await signIn(
        { ...credentials, tenant, address: event.requestContext.http.sourceIp },
        deps,
      );
      return view(signedIn, { idPrefix: deps.idPrefix });
    },
  });
