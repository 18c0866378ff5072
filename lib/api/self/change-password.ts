import type { Deps } from '../../deps/http-deps.ts';
import { thrownAs } from '../codec.ts';
import { jitsudoOwnAccount } from './jitsudo.ts';
import { nativeOwnAccount } from './native.ts';
import { parse } from '../parse.ts';
import type { OwnAccountWire } from '../users/user-codec.ts';
import { changeOwnPassword } from '../../domain/sign-in/change-password.ts';
import { admission } from '../auth/resolve-tenant.ts';
import { endpoint } from '../http/pipeline.ts';
import type { DialectName } from '../routes.ts';

const ownAccounts: Readonly<Partial<Record<DialectName, OwnAccountWire>>> = {
  native: nativeOwnAccount,
  jitsudo: jitsudoOwnAccount,
};

/** What changes passwords, and so may read their hashes: besides it only signing in may. */
export const passwordsApi = (deps: Deps) =>
  endpoint(
    {
      changeOwnPassword: async ({ event, dialect, call, body }) => {
        const { password, passwordChanged, asDocumented } =
          ownAccounts[dialect] ?? nativeOwnAccount;
        // The address that API Gateway was called from, which no header can change.
        const address = event.requestContext.http.sourceIp;
        await changeOwnPassword({ ...parse(password, body), address }, call, deps).catch(
          thrownAs(asDocumented),
        );
        return { body: passwordChanged?.body };
      },
    },
    admission(deps),
  );
