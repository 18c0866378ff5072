import { createDeps, type Deps } from '../lib/deps.ts';
import { cradl } from '../lib/dialects/cradl/user.ts';
import { credible } from '../lib/dialects/credible/user.ts';
import { jitsudo } from '../lib/dialects/jitsudo/user.ts';
import { native } from '../lib/dialects/native/user.ts';
import { parse } from '../lib/dialects/parse.ts';
import type { UserWire } from '../lib/dialects/user-wire.ts';
import type { Call } from '../lib/domain/call.ts';
import { createUser } from '../lib/domain/users/create-user.ts';
import { getUser } from '../lib/domain/users/get-user.ts';
import type { User } from '../lib/domain/users/user.ts';
import { admission } from '../lib/http/admit.ts';
import { endpoint } from '../lib/http/endpoint.ts';
import type { DialectName } from '../lib/http/routes.ts';

const wires: Readonly<Record<DialectName, UserWire>> = { native, cradl, jitsudo, credible };

/** The user operations: what may touch the directory table and no more. */
export const usersHandler = (deps: Deps) => {
  const shown = (user: User, { tenant }: Call) => ({ idPrefix: deps.idPrefix, isOwner: tenant.ownerUserId === user.userId });

  return endpoint(
    {
      createUser: async ({ dialect, call, body }) => {
        const { draft, view, location } = wires[dialect];
        const user = await createUser(parse(draft, body), call, deps);
        const about = shown(user, call);
        const { headers, ...reply } = view(user, about);
        return { ...reply, headers: { ...headers, ...(location && { location: location(user, about) }) } };
      },
      getUser: async ({ dialect, call, parameters }) => {
        const { parameter, reference, showsAvatar, view } = wires[dialect];
        const user = await getUser(reference(parameters[parameter.name] ?? ''), showsAvatar, call, deps);
        return view(user, shown(user, call));
      },
    },
    admission(deps),
  );
};

export const handler = usersHandler(createDeps());
