import type { HttpDeps } from '../../deps/http-deps.ts';
import { withErrorMapping } from '../codec.ts';
import { jitsudoSelf } from './jitsudo.ts';
import { nativeSelf } from './native.ts';
import { parse } from '../parse.ts';
import type { SelfCodec } from '../users/user-codec.ts';
import { changeOwnPassword } from '../../domain/sign-in/change-password.ts';
import { createAuthenticator } from '../auth/resolve-tenant.ts';
import { authenticatedApi } from '../http/pipeline.ts';
import type { DialectName } from '../routes.ts';

const selfCodecs: Readonly<Partial<Record<DialectName, SelfCodec>>> = {
  native: nativeSelf,
  jitsudo: jitsudoSelf,
};

/** What changes passwords, and so may read their hashes: besides it only signing in may. */
export const passwordsApi = (deps: HttpDeps) =>
  authenticatedApi(
    {
      changeOwnPassword: async ({ event, dialect, context: call, body }) => {
        const {
          changePasswordInput: password,
          passwordResponse: passwordChanged,
          mapError: asDocumented,
        } = selfCodecs[dialect] ?? nativeSelf;
        // The address that API Gateway was called from, which no header can change.
        const address = event.requestContext.http.sourceIp;
        await changeOwnPassword({ ...parse(password, body), address }, call, deps).catch(
          withErrorMapping(asDocumented),
        );
        return { body: passwordChanged?.body };
      },
    },
    createAuthenticator(deps),
  );
