import { exportUser, type ExportUserDependencies } from '../../domain/user-exports/export-user.ts';
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

export const userExportHandlers = (deps: Dependencies) =>
  ({
    exportUser: (request) => {
      const { dialect, context, parameters } = request;
      const { list, toChangeResponse, user: userCodec, withUser } = exportCodecs[dialect];
      const { toResponse: toInvitationResponse } = invitationCodecs[dialect];
      const target = userCodec.parseUserRef(parameters[userCodec.pathParameter.name] ?? '');
      const read = async ({ after, limit }: PageRequest): Promise<PageItems> => {
        const page = { after: after === undefined ? undefined : Number(after), limit };
        const history = await exportUser({ ref: target, ...page }, context, deps);
        const { user, lastSignInAt, memberships, creation, delivery, changes, next } = history;
        const invitation = user.invitation
          ? toInvitationResponse(
              { user: user as InvitedUser, delivery },
              { idPrefix: deps.idPrefix, now: deps.now() },
            )
          : undefined;
        const userContext = toResponseContext({ ...user, lastSignInAt }, context, deps);
        return {
          items: changes.map((change) => ({
            body: toChangeResponse(change),
            position: String(change.version),
          })),
          next: next === undefined ? undefined : String(next),
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
