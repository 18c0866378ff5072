import {
  completeVerification,
  inspectVerification,
} from '../../domain/email-verification/complete-verification.ts';
import {
  acceptInvitation,
  type AcceptInvitationDependencies,
  inspectInvitation,
} from '../../domain/invitations/accept-invitation.ts';
import {
  countLinkAttempt,
  countResetRequest,
  type LinkAttemptDependencies,
} from '../../domain/links/link-attempts.ts';
import type { LinkRequest } from '../../domain/links/verify-link.ts';
import {
  type CompleteResetDependencies,
  completeReset,
  inspectReset,
  requestReset,
} from '../../domain/password-resets/reset-password.ts';
import { getDeadline } from '../../runtime/deadline.ts';
import { readTenantHint, resolveRequestTenant } from '../auth/tenant-hint.ts';
import { withErrorMapping } from '../codec.ts';
import { emailVerificationCodecs } from '../email-verification/codecs.ts';
import { getSourceIp, type Operations, type PublicRequest } from '../http/request.ts';
import { parse } from '../parse.ts';
import { acceptanceCodecs, linkInspectionCodecs, passwordResetCodecs } from './codecs.ts';
import { resetRequestedResponse } from './reset-codec.ts';

type Dependencies = AcceptInvitationDependencies &
  CompleteResetDependencies &
  LinkAttemptDependencies & { readonly tenantHostSuffix: string | undefined };

export const linkHandlers = (deps: Dependencies) => {
  const toLinkRequest = async (token: string, request: PublicRequest): Promise<LinkRequest> => {
    const { event, dialect, remainingMs } = request;
    await countLinkAttempt(token, getSourceIp(request), deps);
    return {
      token,
      // No dialect requires X-Tenant-ID here, because the link names the tenant. If sent, it must
      // agree.
      tenantHint: readTenantHint(event, deps),
      requestId: event.requestContext.requestId,
      dialect,
      deadline: getDeadline(deps.now(), remainingMs),
    };
  };

  return {
    inspectInvitation: async (request) => {
      const { inspectInput, toResponse } = linkInspectionCodecs[request.dialect];
      const { token } = parse(inspectInput(), request.body);
      const details = await inspectInvitation(await toLinkRequest(token, request), deps);
      return toResponse(details, deps.minimumPasswordLength);
    },

    acceptInvitation: async (request) => {
      const { acceptInput, toResponse, mapError } = acceptanceCodecs[request.dialect];
      const { token, password } = parse(acceptInput(), request.body);
      const linkRequest = await toLinkRequest(token, request);
      const redeemedLink = await withErrorMapping(mapError, () =>
        acceptInvitation({ password, request: linkRequest }, deps),
      );
      return toResponse(redeemedLink, deps.idPrefix);
    },

    requestPasswordReset: async (request) => {
      const { requestInput, tenantField } = passwordResetCodecs[request.dialect];
      const { account, tenant: value } = parse(requestInput(), request.body);
      const bodyTenant = { field: tenantField, value };
      const tenant = await resolveRequestTenant(request.event, bodyTenant, deps);
      const ipAddress = getSourceIp(request);
      await countResetRequest({ account, tenantId: tenant?.tenantId, ipAddress }, deps);
      await requestReset(account, tenant, deps);
      return { body: resetRequestedResponse.body };
    },

    inspectPasswordReset: async (request) => {
      const { inspectInput, toResponse } = linkInspectionCodecs[request.dialect];
      const { token } = parse(inspectInput(), request.body);
      const details = await inspectReset(await toLinkRequest(token, request), deps);
      return toResponse(details, deps.minimumPasswordLength);
    },

    completePasswordReset: async (request) => {
      const { completeInput, toResponse, mapError } = passwordResetCodecs[request.dialect];
      const { token, password } = parse(completeInput(), request.body);
      const linkRequest = await toLinkRequest(token, request);
      const redeemedLink = await withErrorMapping(mapError, () =>
        completeReset({ password, request: linkRequest }, deps),
      );
      return toResponse(redeemedLink, deps.idPrefix);
    },

    inspectEmailVerification: async (request) => {
      const { linkInput, toLinkResponse } = emailVerificationCodecs[request.dialect];
      const { token } = parse(linkInput(), request.body);
      return toLinkResponse(await inspectVerification(await toLinkRequest(token, request), deps));
    },

    completeEmailVerification: async (request) => {
      const { linkInput, toResponse } = emailVerificationCodecs[request.dialect];
      const { token } = parse(linkInput(), request.body);
      const link = await completeVerification(await toLinkRequest(token, request), deps);
      return toResponse(link, deps.idPrefix);
    },
  } satisfies Operations<undefined>;
};
