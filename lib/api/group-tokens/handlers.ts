import type { RequestContext } from '../../domain/access/request-context.ts';
import {
  createGroupToken,
  deleteGroupToken,
  type GroupTokenDependencies,
  listGroupTokens,
} from '../../domain/group-tokens/manage-group-tokens.ts';
import { noContent } from '../codec.ts';
import { findGroupId } from '../groups/find-group.ts';
import { readQuery } from '../http/query.ts';
import type { AuthenticatedRequest, Operations } from '../http/request.ts';
import { parse } from '../parse.ts';
import { groupTokenCodecs } from './codecs.ts';
import type { GroupTokenOperation } from './group-token-codec.ts';

export const groupTokenHandlers = (deps: GroupTokenDependencies) => {
  const findGroup = (request: AuthenticatedRequest<GroupTokenOperation>) =>
    findGroupId(groupTokenCodecs[request.dialect].group, request, deps);

  return {
    createGroupToken: async (request) => {
      const { createQuery, toCreateInput, toResponse } = groupTokenCodecs[request.dialect];
      const schema = createQuery();
      const query = readQuery(request.event, { names: Object.keys(schema.shape) });
      const input = toCreateInput(parse(schema, query, 'parameter'));
      const groupId = await findGroup(request);
      const { group, client, secret } = await createGroupToken(
        { groupId, ...input },
        request.context,
        deps,
      );
      return { body: toResponse(client, { group, now: deps.now() }, secret) };
    },

    listGroupTokens: async (request) => {
      const { toResponse } = groupTokenCodecs[request.dialect];
      const groupId = await findGroup(request);
      const { group, clients } = await listGroupTokens(groupId, request.context, deps);
      const now = deps.now();
      return { body: clients.map((client) => toResponse(client, { group, now })) };
    },

    deleteGroupToken: async (request) => {
      const { parameter } = groupTokenCodecs[request.dialect];
      const name = request.parameters[parameter.name] ?? '';
      const groupId = await findGroup(request);
      await deleteGroupToken({ groupId, name }, request.context, deps);
      return noContent;
    },
  } satisfies Operations<RequestContext>;
};
