import type { RequestContext } from '../../domain/access/request-context.ts';
import type { Delivery } from '../../domain/invitations/delivery.ts';
import type { DeliveryStore } from '../../domain/invitations/delivery-store.ts';
import {
  getInvitation,
  type InvitationDependencies,
  resendInvitation,
  revokeInvitation,
} from '../../domain/invitations/manage-invitations.ts';
import type { IdPrefix } from '../../domain/kernel/ids.ts';
import type { ListUsersDependencies } from '../../domain/users/list-users.ts';
import type { InvitedUser, User } from '../../domain/users/user.ts';
import type { Reply } from '../codec.ts';
import type { ListPageDependencies } from '../http/list-page.ts';
import { type AuthenticatedRequest, type Operations, readIfMatch } from '../http/request.ts';
import { listUserPage } from '../users/list-user-page.ts';
import { invitationCodecs } from './codecs.ts';
import type { InvitationOperation } from './invitation-codec.ts';

type Dependencies = InvitationDependencies & {
  readonly deliveries: DeliveryStore;
} & ListUsersDependencies &
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
      const toBodies = async (users: readonly User[]) => {
        const ids = users.map(({ userId }) => userId);
        const deliveries = await deps.deliveries.getAll(request.context.tenant.tenantId, ids);
        return users.map(
          (user) => toResponse(user as InvitedUser, deliveries.get(user.userId), request).body,
        );
      };
      const { list } = invitationCodecs[request.dialect];
      return listUserPage({ codec: list, toBodies }, request, deps);
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
