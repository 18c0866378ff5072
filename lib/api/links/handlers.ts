import type { LinkRedemptionDeps } from '../../deps/link-redemption-deps.ts';
import type { AcceptanceCodec } from './acceptance-codec.ts';
import { withErrorMapping } from '../codec.ts';
import { jitsudoAcceptance } from './acceptance-jitsudo.ts';
import { jitsudoPasswordReset } from './reset-jitsudo.ts';
import { dialects } from '../dialects.ts';
import { nativeAcceptance } from './acceptance-native.ts';
import { linkInspection } from './inspection.ts';
import { nativePasswordReset } from './reset-native.ts';
import { parse } from '../parse.ts';
import { type PasswordResetCodec, resetRequestedResponse } from './reset-codec.ts';
import { acceptInvitation, inspectInvitation } from '../../domain/invitations/accept-invitation.ts';
import { countLinkAttempt, countResetRequest } from '../../domain/links/link-attempts.ts';
import type { LinkRequest } from '../../domain/links/redeem-link.ts';
import { completeReset, inspectReset } from '../../domain/password-resets/complete-reset.ts';
import { requestReset } from '../../domain/password-resets/request-reset.ts';
import { getDeadline, readTenantHint } from '../auth/resolve-tenant.ts';
import { publicApi, type Request } from '../http/pipeline.ts';
import type { DialectName } from '../routes.ts';
import { resolveRequestTenant } from '../auth/tenant-hint.ts';

const acceptanceCodecs: Readonly<Partial<Record<DialectName, AcceptanceCodec>>> = {
  native: nativeAcceptance,
  jitsudo: jitsudoAcceptance,
};
const resetCodecs: Readonly<Partial<Record<DialectName, PasswordResetCodec>>> = {
  native: nativePasswordReset,
  jitsudo: jitsudoPasswordReset,
};

/** What the person does who has a link, of an invitation or for a new password, or asks for one: it can tell a genuine link, and make none. */
export const linkRedemptionApi = (deps: LinkRedemptionDeps) => {
  const toLinkRequest = async (
    token: string,
    { event, dialect, remainingMs: remaining }: Request<undefined>,
  ): Promise<LinkRequest> => {
    await countLinkAttempt(token, event.requestContext.http.sourceIp, deps);
    return {
      token,
      // No dialect asks who has only a link to name the tenant; where a request does, it has to be the same.
      tenantHint: readTenantHint(event, dialects.native, deps.tenantHostSuffix),
      requestId: event.requestContext.requestId,
      dialect,
      deadline: getDeadline(deps.now(), remaining),
    };
  };

  return publicApi({
    inspectInvitation: async (request) => {
      const { token } = parse(linkInspection.inspectInput, request.body);
      return linkInspection.toResponse(
        await inspectInvitation(await toLinkRequest(token, request), deps),
        deps.minimumPasswordLength,
      );
    },
    acceptInvitation: async (request) => {
      const {
        acceptInput: schema,
        toResponse: view,
        mapError: asDocumented,
      } = acceptanceCodecs[request.dialect] ?? nativeAcceptance;
      const { token, password } = parse(schema, request.body);
      const accepted = await acceptInvitation(
        password,
        await toLinkRequest(token, request),
        deps,
      ).catch(withErrorMapping(asDocumented));
      return view(accepted, deps.idPrefix);
    },
    requestPasswordReset: async ({ event, dialect, body }) => {
      const { requestInput: schema, tenantField: field } =
        resetCodecs[dialect] ?? nativePasswordReset;
      const { email, tenant: value } = parse(schema, body);
      const tenant = await resolveRequestTenant(event, { field, value }, deps);
      await countResetRequest(email, tenant?.tenantId, event.requestContext.http.sourceIp, deps);
      await requestReset(email, tenant, deps);
      return { body: resetRequestedResponse.body };
    },
    inspectPasswordReset: async (request) => {
      const { token } = parse(linkInspection.inspectInput, request.body);
      return linkInspection.toResponse(
        await inspectReset(await toLinkRequest(token, request), deps),
        deps.minimumPasswordLength,
      );
    },
    completePasswordReset: async (request) => {
      const {
        completeInput: completion,
        toResponse: view,
        mapError: asDocumented,
      } = resetCodecs[request.dialect] ?? nativePasswordReset;
      const { token, password } = parse(completion, request.body);
      const completed = await completeReset(
        password,
        await toLinkRequest(token, request),
        deps,
      ).catch(withErrorMapping(asDocumented));
      return view(completed, deps.idPrefix);
    },
  });
};
