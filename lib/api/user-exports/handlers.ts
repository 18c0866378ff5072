import {
  type ExportPosition,
  exportUser,
  type ExportUserDependencies,
} from '../../domain/user-exports/export-user.ts';
import type { RequestContext } from '../../domain/access/request-context.ts';
import type { InvitedUser } from '../../domain/users/user.ts';
import type { IdPrefixes } from '../codec.ts';
import {
  type ListPageDependencies,
  listPage,
  type PageItems,
  type PageRequest,
  parseListQuery,
} from '../http/list-page.ts';
import type { Operations } from '../http/request.ts';
import { invitationCodecs } from '../invitations/codecs.ts';
import { toResponseContext } from '../users/response-context.ts';
import { exportCodecs } from './codecs.ts';

type Dependencies = ExportUserDependencies & ListPageDependencies & IdPrefixes;

const signInPrefix = 'signIn ';

const scimPrefix = 'scim ';

function formatPosition(position: ExportPosition): string {
  if ('version' in position) return String(position.version);
  return 'signIn' in position
    ? `${signInPrefix}${position.signIn}`
    : `${scimPrefix}${position.scimRequest}`;
}

function parsePosition(text: string): ExportPosition {
  if (text.startsWith(signInPrefix)) return { signIn: text.slice(signInPrefix.length) };
  return text.startsWith(scimPrefix)
    ? { scimRequest: text.slice(scimPrefix.length) }
    : { version: Number(text) };
}

export const userExportHandlers = (deps: Dependencies) =>
  ({
    exportUser: (request) => {
      const { dialect, context, parameters } = request;
      const codec = exportCodecs[dialect];
      const { list, user: userCodec, withUser } = codec;
      const { toResponse: toInvitationResponse } = invitationCodecs[dialect];
      const target = userCodec.parseUserRef(parameters[userCodec.pathParameter.name] ?? '');
      const read = async ({ after, limit }: PageRequest): Promise<PageItems> => {
        const page = { after: after === undefined ? undefined : parsePosition(after), limit };
        const exported = await exportUser({ ref: target, ...page }, context, deps);
        const { user, lastSignInAt, memberships, creation, delivery, next } = exported;
        const invitation = user.invitation
          ? toInvitationResponse(
              { user: user as InvitedUser, delivery },
              { idPrefix: deps.idPrefix, now: deps.now() },
            )
          : undefined;
        const userContext = toResponseContext({ ...user, lastSignInAt }, context, deps);
        return {
          items: [
            ...exported.changes.map((change) => ({
              body: { change: codec.toChangeResponse(change) },
              position: formatPosition(change),
            })),
            ...exported.signIns.map((signIn) => ({
              body: { signIn: codec.toSignInResponse(signIn) },
              position: formatPosition({ signIn: signIn.position }),
            })),
            ...exported.scimRequests.map((request) => ({
              body: { scimRequest: codec.toScimRequestResponse(request, deps.idPrefix) },
              position: formatPosition({ scimRequest: request.position }),
            })),
          ],
          next: next === undefined ? undefined : formatPosition(next),
          codec: withUser({
            user,
            userBody: userCodec.toResponse(user, userContext).body,
            invitationBody: invitation?.body ?? null,
            creation,
            memberships,
            idPrefix: deps.idPrefix,
          }),
        };
      };
      const query = parseListQuery(list, request);
      const scope = [context.tenant.tenantId, dialect, ['export', target]] as const;
      return listPage({ codec: list, query, scope, read }, deps);
    },
  }) satisfies Operations<RequestContext>;
