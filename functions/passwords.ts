import { createDeps, type Deps } from '../lib/deps/http-deps.ts';
import { thrownAs } from '../lib/dialects/as-documented.ts';
import { jitsudoOwnAccount } from '../lib/dialects/jitsudo/own-account.ts';
import { nativeOwnAccount } from '../lib/dialects/native/own-account.ts';
import { parse } from '../lib/dialects/parse.ts';
import type { OwnAccountWire } from '../lib/dialects/user-wire.ts';
import { changeOwnPassword } from '../lib/domain/sign-in/change-password.ts';
import { admission } from '../lib/http/admit.ts';
import { endpoint } from '../lib/http/endpoint.ts';
import type { DialectName } from '../lib/http/routes.ts';

const ownAccounts: Readonly<Partial<Record<DialectName, OwnAccountWire>>> = { native: nativeOwnAccount, jitsudo: jitsudoOwnAccount };

/** What changes passwords, and so may read their hashes: besides it only signing in may. */
export const passwordsHandler = (deps: Deps) =>
  endpoint(
    {
      changeOwnPassword: async ({ event, dialect, call, body }) => {
        const { password, passwordChanged, asDocumented } = ownAccounts[dialect] ?? nativeOwnAccount;
        // The address that API Gateway was called from, which no header can change.
        const address = event.requestContext.http.sourceIp;
        await changeOwnPassword({ ...parse(password, body), address }, call, deps).catch(thrownAs(asDocumented));
        return { body: passwordChanged?.body };
      },
    },
    admission(deps),
  );

export const handler = passwordsHandler(createDeps(process.env));
