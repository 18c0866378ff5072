import type { RequestContext } from '../../domain/access/request-context.ts';
import type { AccessRequestStore } from '../../domain/levels/access-request.ts';
import { changeLevel, type LevelDependencies } from '../../domain/levels/change-level.ts';
import {
  type AccessRequestInput,
  declineAccessRequest,
  listAccessRequests,
  requestLevel,
} from '../../domain/levels/manage-access-requests.ts';
import { getLevel, listLevels } from '../../domain/levels/read-levels.ts';
import { invalidInput } from '../../domain/kernel/failure.ts';
import type { UserLists } from '../../domain/users/user-store.ts';
import { noContent, type Reply } from '../codec.ts';
import { parseListQuery } from '../http/list-page.ts';
import type { AuthenticatedRequest, Operations } from '../http/request.ts';
import { parse } from '../parse.ts';
import { levelCodecs } from './codecs.ts';
import { accessRequestQuery } from './credible.ts';
import type { LevelOperation } from './level-codec.ts';

type LevelRequest = AuthenticatedRequest<LevelOperation>;

/** Matches no user and no group. */
const unknownHolder = { kind: 'group', name: '' } as const;

const getPathHolder = ({ dialect, parameters }: LevelRequest) => {
  const { parseHolder, parameter } = levelCodecs[dialect];
  return parseHolder(parameters[parameter.name] ?? '') ?? unknownHolder;
};

/** True if the query selects requests for a level. */
const selectsRequests = (request: Pick<LevelRequest, 'event'>): boolean =>
  parseListQuery({ query: accessRequestQuery }, request)['requestPermission'] === 'true';

const messageNotAllowed = () =>
  invalidInput({ path: 'message', message: 'is allowed only with requestPermission=true' });

interface Dependencies extends LevelDependencies {
  readonly accessRequests: AccessRequestStore;
  readonly userLists: UserLists;
}

export function levelHandlers(deps: Dependencies) {
  const createRequest = async (
    input: AccessRequestInput,
    { dialect, context }: LevelRequest,
  ): Promise<Reply> => {
    const accessRequest = await requestLevel(input, context, deps);
    return { body: levelCodecs[dialect].toRequestResponse(accessRequest) };
  };

  return {
    createLevel: async (request) => {
      const { createInput, toResponse } = levelCodecs[request.dialect];
      const isRequest = selectsRequests(request);
      const { message, ...input } = parse(createInput(), request.body);
      if (isRequest) return createRequest({ ...input, message: message ?? undefined }, request);
      if (message != null) throw messageNotAllowed();
      const holder = await changeLevel({ ...input, isNew: true }, request.context, deps);
      return { body: toResponse(holder) };
    },

    listLevels: async (request) => {
      const { toResponse, toRequestResponse } = levelCodecs[request.dialect];
      if (selectsRequests(request)) {
        const requests = await listAccessRequests(request.context, deps);
        return { body: requests.map(toRequestResponse) };
      }
      return { body: (await listLevels(request.context, deps)).map(toResponse) };
    },

    getLevel: async (request) => {
      const holder = await getLevel(getPathHolder(request), request.context, deps);
      return { body: levelCodecs[request.dialect].toResponse(holder) };
    },

    updateLevel: async (request) => {
      const { updateInput, toResponse } = levelCodecs[request.dialect];
      const level = parse(updateInput(), request.body);
      const change = { holder: getPathHolder(request), level };
      return { body: toResponse(await changeLevel(change, request.context, deps)) };
    },

    deleteLevel: async (request) => {
      const holder = getPathHolder(request);
      await (selectsRequests(request)
        ? declineAccessRequest(holder, request.context, deps)
        : changeLevel({ holder, level: undefined }, request.context, deps));
      return noContent;
    },
  } satisfies Operations<RequestContext>;
}
