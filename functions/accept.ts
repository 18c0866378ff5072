import { type AcceptDeps, createAcceptDeps } from '../lib/deps/link-redemption-deps.ts';
import type { AcceptanceWire } from '../lib/dialects/acceptance-wire.ts';
import { thrownAs } from '../lib/dialects/as-documented.ts';
import { initialPassword } from '../lib/dialects/jitsudo/initial-password.ts';
import { jitsudoPasswordReset } from '../lib/dialects/jitsudo/password-reset.ts';
import { manners } from '../lib/dialects/manners.ts';
import { nativeAcceptance } from '../lib/dialects/native/acceptance.ts';
import { linkInspection } from '../lib/dialects/native/link-inspection.ts';
import { nativePasswordReset } from '../lib/dialects/native/password-reset.ts';
import { parse } from '../lib/dialects/parse.ts';
import { type PasswordResetWire, resetRequested } from '../lib/dialects/password-reset-wire.ts';
import { acceptInvitation, inspectInvitation } from '../lib/domain/invitations/accept-invitation.ts';
import { countLinkAttempt, countResetRequest } from '../lib/domain/links/link-attempts.ts';
import type { Presented } from '../lib/domain/links/redeem-link.ts';
import { completeReset, inspectReset } from '../lib/domain/password-resets/complete-reset.ts';
import { requestReset } from '../lib/domain/password-resets/request-reset.ts';
import { deadlineOf, namedTenant } from '../lib/http/admit.ts';
import { publicEndpoint, type Request } from '../lib/http/endpoint.ts';
import type { DialectName } from '../lib/http/routes.ts';
import { tenantOfRequest } from '../lib/http/tenant-of-request.ts';

const wires: Readonly<Partial<Record<DialectName, AcceptanceWire>>> = { native: nativeAcceptance, jitsudo: initialPassword };
const resets: Readonly<Partial<Record<DialectName, PasswordResetWire>>> = { native: nativePasswordReset, jitsudo: jitsudoPasswordReset };

/** What the person does who has a link, of an invitation or for a new password, or asks for one: it can tell a genuine link, and make none. */
export const acceptHandler = (deps: AcceptDeps) => {
  const presented = async (token: string, { event, dialect, remaining }: Request<undefined>): Promise<Presented> => {
    await countLinkAttempt(token, event.requestContext.http.sourceIp, deps);
    return {
      token,
      // No dialect asks who has only a link to name the tenant; where a request does, it has to be the same.
      named: namedTenant(event, manners.native, deps.tenantHostSuffix),
      requestId: event.requestContext.requestId,
      dialect,
      deadline: deadlineOf(deps.now(), remaining),
    };
  };

  return publicEndpoint({
    inspectInvitation: async (request) => {
      const { token } = parse(linkInspection.request, request.body);
      return linkInspection.view(await inspectInvitation(await presented(token, request), deps), deps.minimumPasswordLength);
    },
    acceptInvitation: async (request) => {
      const { request: schema, view, asDocumented } = wires[request.dialect] ?? nativeAcceptance;
      const { token, password } = parse(schema, request.body);
      const accepted = await acceptInvitation(password, await presented(token, request), deps).catch(thrownAs(asDocumented));
      return view(accepted, deps.idPrefix);
    },
    requestPasswordReset: async ({ event, dialect, body }) => {
      const { request: schema, tenantField: field } = resets[dialect] ?? nativePasswordReset;
      const { email, tenant: value } = parse(schema, body);
      const tenant = await tenantOfRequest(event, { field, value }, deps);
      await countResetRequest(email, tenant?.tenantId, event.requestContext.http.sourceIp, deps);
      await requestReset(email, tenant, deps);
      return { body: resetRequested.body };
    },
    inspectPasswordReset: async (request) => {
      const { token } = parse(linkInspection.request, request.body);
      return linkInspection.view(await inspectReset(await presented(token, request), deps), deps.minimumPasswordLength);
    },
    completePasswordReset: async (request) => {
      const { completion, view, asDocumented } = resets[request.dialect] ?? nativePasswordReset;
      const { token, password } = parse(completion, request.body);
      const completed = await completeReset(password, await presented(token, request), deps).catch(thrownAs(asDocumented));
      return view(completed, deps.idPrefix);
    },
  });
};

export const handler = acceptHandler(createAcceptDeps(process.env));
