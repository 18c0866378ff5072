import type { MemberChange } from '../../domain/groups/change-members.ts';
import type { Membership, MembershipStatus, MemberRef } from '../../domain/groups/group.ts';
import type { Member } from '../../domain/groups/list-members.ts';
import type { IdPrefix } from '../../domain/kernel/ids.ts';
import type { LazySchema, PathParameter } from '../codec.ts';
import type { ListCodec } from '../lists.ts';

export type GroupMemberOperation =
  | 'listGroupMembers'
  | 'addGroupMembers'
  | 'updateGroupMember'
  | 'removeGroupMember'
  | 'removeGroupMembers';

/** Members of groups in one dialect. */
export interface GroupMemberCodec {
  readonly parameter: PathParameter;
  /** Parses the path parameter. Undefined for text that names no member. */
  parseMember(parameter: string): MemberRef | undefined;
  /** Members to add. */
  readonly addInput: LazySchema<readonly MemberChange[]>;
  /** Members to remove. */
  readonly removeInput: LazySchema<readonly MemberRef[]>;
  /** New status of a member. */
  readonly updateInput: LazySchema<MembershipStatus>;
  /** Field of the members in a request. */
  readonly field: string;
  readonly list: ListCodec & {
    /** Parses the filter by kind. */
    toKind(query: Readonly<Record<string, unknown>>): MemberRef['kind'] | undefined;
  };
  readonly response: LazySchema;
  toResponse(member: Member, idPrefix: IdPrefix): object;
  /** Response to added members. */
  readonly addResponse: LazySchema;
  toAddResponse(memberships: readonly Membership[], idPrefix: IdPrefix): object;
}
