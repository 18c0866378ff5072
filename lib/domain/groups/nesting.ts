import { Failure } from '../kernel/failure.ts';
import type { Uuid } from '../kernel/ids.ts';
import { maxNesting, maxParents } from './group.ts';
import { collectWithAncestors, type GroupsById } from './group-roles.ts';

/**
 * Throws `invalid_nesting` if the group cannot become a member of the parents: for a cycle, a chain
 * of more than five groups, or more than ten parents. Returns the groups with the new parents.
 */
export function nest(groupId: Uuid, newParents: readonly Uuid[], groups: GroupsById): GroupsById {
  const current = groups.get(groupId) ?? { roles: [], parents: [] };
  const parents = [...new Set([...current.parents, ...newParents])];
  if (parents.length > maxParents)
    throw invalidNesting(`A group can be a member of at most ${maxParents} groups`);
  if (collectWithAncestors(newParents, groups).has(groupId))
    throw invalidNesting('A group cannot be a member of itself, directly or through other groups');
  const nested = new Map(groups).set(groupId, { ...current, parents });
  const chain = countLevels(groupId, toChildren(nested)) + countAncestors(groupId, nested);
  if (chain > maxNesting) throw invalidNesting(`Groups can be nested at most ${maxNesting} deep`);
  return nested;
}

/** Counts the groups in the longest chain above a group. */
const countAncestors = (groupId: Uuid, groups: GroupsById): number =>
  countLevels(groupId, (id) => groups.get(id)?.parents ?? []) - 1;

/** Counts the groups in the longest chain that starts at a group. The groups have no cycle. */
function countLevels(groupId: Uuid, getNext: (groupId: Uuid) => readonly Uuid[]): number {
  const levels = new Map<Uuid, number>();
  const count = (id: Uuid): number => {
    const counted = levels.get(id);
    if (counted !== undefined) return counted;
    // A stored cycle must not end the process.
    levels.set(id, 1);
    const level = 1 + Math.max(0, ...getNext(id).map(count));
    levels.set(id, level);
    return level;
  };
  return count(groupId);
}

function toChildren(groups: GroupsById): (groupId: Uuid) => readonly Uuid[] {
  const children = new Map<Uuid, Uuid[]>();
  for (const [groupId, { parents }] of groups)
    for (const parent of parents) {
      const siblings = children.get(parent) ?? [];
      siblings.push(groupId);
      children.set(parent, siblings);
    }
  return (groupId) => children.get(groupId) ?? [];
}

const invalidNesting = (message: string): Failure => new Failure('invalid_nesting', message);
