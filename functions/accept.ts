import type { AcceptanceWire } from '../lib/dialects/acceptance-wire.ts';
import { initialPassword } from '../lib/dialects/jitsudo/initial-password.ts';
import { manners } from '../lib/dialects/manners.ts';
import { inspection, nativeAcceptance } from '../lib/dialects/native/acceptance.ts';
import { parse } from '../lib/dialects/parse.ts';
import { Failure } from '../lib/domain/failure.ts';
import { acceptInvitation, inspectInvitation, type Presented } from '../lib/domain/invitations/accept-invitation.ts';
import { deadlineOf, namedTenant } from '../lib/http/admit.ts';
import { publicEndpoint, type Request } from '../lib/http/endpoint.ts';
import type { DialectName } from '../lib/http/routes.ts';
import { createLinkDeps, type LinkDeps } from '../lib/link-deps.ts';

const wires: Readonly<Partial<Record<DialectName, AcceptanceWire>>> = { native: nativeAcceptance, jitsudo: initialPassword };

/** What the person does who has the link of an invitation: it can tell a genuine link, and make none. */
export const acceptHandler = (deps: LinkDeps) => {
  const presented = (token: string, { event, dialect, remaining }: Request<undefined>): Presented => ({
    token,
    // No dialect asks who has only a link to name the tenant; where a request does, it has to be the same.
    named: namedTenant(event, manners.native, deps.tenantHostSuffix),
    requestId: event.requestContext.requestId,
    dialect,
    deadline: deadlineOf(deps.now(), remaining),
  });

  return publicEndpoint({
    inspectInvitation: async (request) => {
      const { token } = parse(inspection.request, request.body);
      return inspection.view(await inspectInvitation(presented(token, request), deps), deps.minimumPasswordLength);
    },
    acceptInvitation: async (request) => {
      const { request: schema, view, asDocumented } = wires[request.dialect] ?? nativeAcceptance;
      const { token, password } = parse(schema, request.body);
      const accepted = await acceptInvitation(password, presented(token, request), deps).catch((error: unknown) => {
        throw error instanceof Failure && asDocumented ? asDocumented(error) : error;
      });
      return view(accepted, deps.idPrefix);
    },
  });
};

export const handler = acceptHandler(createLinkDeps());
