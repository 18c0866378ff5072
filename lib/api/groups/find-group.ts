import type { RequestContext } from '../../domain/access/request-context.ts';
import type { GroupStore } from '../../domain/groups/group-store.ts';
import type { Uuid } from '../../domain/kernel/ids.ts';
import type { GroupCodec } from './group-codec.ts';

/** Group in a path of one dialect. */
export type GroupPathCodec = Pick<GroupCodec, 'parameter' | 'parseGroupRef'>;

interface GroupRequest {
  readonly parameters: Readonly<Record<string, string | undefined>>;
  readonly context: RequestContext;
}

/**
 * Finds the ID of the group in the path. Undefined for an unknown group, so the response reveals
 * nothing before the decision.
 */
export async function findGroupId(
  { parameter, parseGroupRef }: GroupPathCodec,
  { parameters, context }: GroupRequest,
  { groups }: { readonly groups: Pick<GroupStore, 'findId'> },
): Promise<Uuid | undefined> {
  const ref = parseGroupRef(parameters[parameter.name] ?? '');
  if (ref === undefined) return undefined;
  return 'groupId' in ref ? ref.groupId : groups.findId(context.tenant.tenantId, ref);
}
