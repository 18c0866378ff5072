import type { RequestContext } from '../../domain/access/request-context.ts';
import type { Delivery } from '../../domain/invitations/delivery.ts';
import type { DeliveryStore } from '../../domain/invitations/delivery-store.ts';
import {
  listInvitations,
  type ListInvitationsDependencies,
} from '../../domain/invitations/list-invitations.ts';
import {
  getInvitation,
  type InvitationDependencies,
  resendInvitation,
  revokeInvitation,
} from '../../domain/invitations/manage-invitations.ts';
import type { IdPrefix } from '../../domain/kernel/ids.ts';
import { toPosition } from '../../domain/users/lists/list-position.ts';
import type { UserQuery } from '../../domain/users/lists/list-users.ts';
import type { InvitedUser } from '../../domain/users/user.ts';
import type { Reply } from '../codec.ts';
import type { ListPageDependencies, PageItems } from '../http/list-page.ts';
import { type AuthenticatedRequest, type Operations, readIfMatch } from '../http/request.ts';
import { listUserPage } from '../users/lists/list-user-page.ts';
import { invitationCodecs } from './codecs.ts';
import type { InvitationOperation } from './invitation-codec.ts';

type Dependencies = InvitationDependencies & {
  readonly deliveries: DeliveryStore;
} & ListInvitationsDependencies &
  ListPageDependencies & { readonly idPrefix: IdPrefix };

type InvitationRequest = AuthenticatedRequest<InvitationOperation>;

const getPathUserRef = ({ dialect, parameters }: InvitationRequest) =>
  invitationCodecs[dialect].parseUserRef(parameters);

export const invitationHandlers = (deps: Dependencies) => {
  const toResponse = (
    user: InvitedUser,
    delivery: Delivery | undefined,
    { dialect }: InvitationRequest,
  ): Reply =>
    invitationCodecs[dialect].toResponse(
      { user, delivery },
      { idPrefix: deps.idPrefix, now: deps.now() },
    );

  const readResponse = async (user: InvitedUser, request: InvitationRequest): Promise<Reply> =>
    toResponse(user, await deps.deliveries.get(user.tenantId, user.userId), request);

  return {
    listInvitations: (request) => {
      const read = async (query: UserQuery): Promise<PageItems> => {
        const { invitations, next } = await listInvitations(query, request.context, deps);
        const items = invitations.map(({ user, delivery }) => ({
          body: toResponse(user, delivery, request).body,
          position: toPosition(user),
        }));
        return { items, next };
      };
      const { list: codec } = invitationCodecs[request.dialect];
      return listUserPage({ codec, read }, request, deps);
    },

    getInvitation: async (request) => {
      const { user, delivery } = await getInvitation(
        getPathUserRef(request),
        request.context,
        deps,
      );
      return toResponse(user, delivery, request);
    },

    resendInvitation: async (request) => {
      const target = { ref: getPathUserRef(request), ifMatch: readIfMatch(request) };
      const user = await resendInvitation(target, request.context, deps);
      return readResponse(user, request);
    },

    revokeInvitation: async (request) => {
      const target = { ref: getPathUserRef(request), ifMatch: readIfMatch(request) };
      const user = await revokeInvitation(target, request.context, deps);
      return readResponse(user, request);
    },
  } satisfies Operations<RequestContext>;
};
