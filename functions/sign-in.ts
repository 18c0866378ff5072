import { jitsudoSignIn } from '../lib/dialects/jitsudo/sign-in.ts';
import { nativeSignIn } from '../lib/dialects/native/sign-in.ts';
import { parse } from '../lib/dialects/parse.ts';
import type { SignInWire } from '../lib/dialects/sign-in-wire.ts';
import { signIn } from '../lib/domain/sign-in/sign-in.ts';
import { publicEndpoint } from '../lib/http/endpoint.ts';
import type { DialectName } from '../lib/http/routes.ts';
import { tenantOfRequest } from '../lib/http/tenant-of-request.ts';
import { createTokenDeps, type TokenDeps } from '../lib/deps/token-deps.ts';

const wires: Readonly<Partial<Record<DialectName, SignInWire>>> = { native: nativeSignIn, jitsudo: jitsudoSignIn };

/** What lets people in by their passwords: it reads hashes, and signs tokens. */
export const signInHandler = (deps: TokenDeps) =>
  publicEndpoint({
    signIn: async ({ event, dialect, body }) => {
      const { request, tenantField: field, view } = wires[dialect] ?? nativeSignIn;
      const { tenant: value, ...credentials } = parse(request, body);
      const tenant = await tenantOfRequest(event, { field, value }, deps);
      // The address that API Gateway was called from, which no header can change.
      const signedIn = await signIn({ ...credentials, tenant, address: event.requestContext.http.sourceIp }, deps);
      return view(signedIn, { idPrefix: deps.idPrefix });
    },
  });

export const handler = signInHandler(createTokenDeps(process.env));
