import type { AcceptDeps } from '../../deps/link-redemption-deps.ts';
import type { AcceptanceWire } from './acceptance-codec.ts';
import { thrownAs } from '../codec.ts';
import { initialPassword } from './acceptance-jitsudo.ts';
import { jitsudoPasswordReset } from './reset-jitsudo.ts';
import { manners } from '../dialects.ts';
import { nativeAcceptance } from './acceptance-native.ts';
import { linkInspection } from './inspection.ts';
import { nativePasswordReset } from './reset-native.ts';
import { parse } from '../parse.ts';
import { type PasswordResetWire, resetRequested } from './reset-codec.ts';
import { acceptInvitation, inspectInvitation } from '../../domain/invitations/accept-invitation.ts';
import { countLinkAttempt, countResetRequest } from '../../domain/links/link-attempts.ts';
import type { LinkRequest } from '../../domain/links/redeem-link.ts';
import { completeReset, inspectReset } from '../../domain/password-resets/complete-reset.ts';
import { requestReset } from '../../domain/password-resets/request-reset.ts';
import { deadlineOf, namedTenant } from '../auth/resolve-tenant.ts';
import { publicEndpoint, type Request } from '../http/pipeline.ts';
import type { DialectName } from '../routes.ts';
import { tenantOfRequest } from '../auth/tenant-hint.ts';

const wires: Readonly<Partial<Record<DialectName, AcceptanceWire>>> = {
  native: nativeAcceptance,
  jitsudo: initialPassword,
};
const resets: Readonly<Partial<Record<DialectName, PasswordResetWire>>> = {
  native: nativePasswordReset,
  jitsudo: jitsudoPasswordReset,
};

/** What the person does who has a link, of an invitation or for a new password, or asks for one: it can tell a genuine link, and make none. */
export const linkRedemptionApi = (deps: AcceptDeps) => {
  const presented = async (
    token: string,
    { event, dialect, remaining }: Request<undefined>,
  ): Promise<LinkRequest> => {
    await countLinkAttempt(token, event.requestContext.http.sourceIp, deps);
    return {
      token,
      // No dialect asks who has only a link to name the tenant; where a request does, it has to be the same.
      tenantHint: namedTenant(event, manners.native, deps.tenantHostSuffix),
      requestId: event.requestContext.requestId,
      dialect,
      deadline: deadlineOf(deps.now(), remaining),
    };
  };

  return publicEndpoint({
    inspectInvitation: async (request) => {
      const { token } = parse(linkInspection.request, request.body);
      return linkInspection.view(
        await inspectInvitation(await presented(token, request), deps),
        deps.minimumPasswordLength,
      );
    },
    acceptInvitation: async (request) => {
      const { request: schema, view, asDocumented } = wires[request.dialect] ?? nativeAcceptance;
      const { token, password } = parse(schema, request.body);
      const accepted = await acceptInvitation(
        password,
        await presented(token, request),
        deps,
      ).catch(thrownAs(asDocumented));
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
      return linkInspection.view(
        await inspectReset(await presented(token, request), deps),
        deps.minimumPasswordLength,
      );
    },
    completePasswordReset: async (request) => {
      const { completion, view, asDocumented } = resets[request.dialect] ?? nativePasswordReset;
      const { token, password } = parse(completion, request.body);
      const completed = await completeReset(password, await presented(token, request), deps).catch(
        thrownAs(asDocumented),
      );
      return view(completed, deps.idPrefix);
    },
  });
};
