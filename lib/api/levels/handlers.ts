import type { RequestContext } from '../../domain/access/request-context.ts';
import { changeLevel, type LevelDependencies } from '../../domain/levels/change-level.ts';
import { getLevel, listLevels } from '../../domain/levels/read-levels.ts';
import { noContent } from '../codec.ts';
import type { AuthenticatedRequest, Operations } from '../http/request.ts';
import { parse } from '../parse.ts';
import { levelCodecs } from './codecs.ts';
import type { LevelOperation } from './level-codec.ts';

type LevelRequest = AuthenticatedRequest<LevelOperation>;

/** Text that names no holder cannot have a level. */
const unknownHolder = { kind: 'group', name: '' } as const;

const getPathHolder = ({ dialect, parameters }: LevelRequest) => {
  const { parseHolder, parameter } = levelCodecs[dialect];
  return parseHolder(parameters[parameter.name] ?? '') ?? unknownHolder;
};

export const levelHandlers = (deps: LevelDependencies) =>
  ({
    createLevel: async (request) => {
      const { createInput, toResponse } = levelCodecs[request.dialect];
      const input = parse(createInput(), request.body);
      const holder = await changeLevel({ ...input, isNew: true }, request.context, deps);
      return { body: toResponse(holder) };
    },

    listLevels: async ({ dialect, context }) => {
      const items = (await listLevels(context, deps)).map(levelCodecs[dialect].toResponse);
      return { body: items };
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
      const change = { holder: getPathHolder(request), level: undefined };
      await changeLevel(change, request.context, deps);
      return noContent;
    },
  }) satisfies Operations<RequestContext>;
