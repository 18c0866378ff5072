import * as z from 'zod';
import type { MemberChange } from '../../domain/groups/change-members.ts';
import {
  maxNestedGroupChanges,
  maxTransactionChanges,
  type MemberName,
  type Membership,
  type MembershipStatus,
  membershipStatuses,
  type MemberRef,
} from '../../domain/groups/group.ts';
import type { Member } from '../../domain/groups/list-members.ts';
import type { Issue } from '../../domain/kernel/failure.ts';
import type { IdPrefix } from '../../domain/kernel/ids.ts';
import type { LazySchema, PathParameter, Reply } from '../codec.ts';
import type { ListCodec } from '../lists.ts';

export type GroupMemberOperation =
  | 'listGroupMembers'
  | 'addGroupMembers'
  | 'updateGroupMember'
  | 'removeGroupMember'
  | 'removeGroupMembers';

/** Field with the status of a member. */
export const membershipStatus = () =>
  z.enum(membershipStatuses).meta({
    description: 'An `admin` can also change the members of the group.',
  });

/** Field with the members to add or remove. By default, the limits are those of one transaction. */
export const memberList = <Item extends z.ZodType>(
  item: Item,
  getKind: (member: z.output<Item>) => MemberRef['kind'] | undefined,
  max = maxTransactionChanges,
) =>
  z
    .array(item)
    .min(1)
    .max(max, { abort: true })
    .refine(
      (members) =>
        members.filter((member) => getKind(member) === 'group').length <= maxNestedGroupChanges,
      `can name at most ${maxNestedGroupChanges} groups`,
    );

/** Members of groups in one dialect. */
export interface GroupMemberCodec {
  readonly parameter: PathParameter;
  /** Parses the path parameter. Undefined for text that names no member. */
  parseMember(parameter: string): MemberRef | MemberName | undefined;
  /** Members to add. */
  readonly addInput: LazySchema<readonly MemberChange[]>;
  /** True in a dialect without status. An added member then keeps the status it has. */
  readonly keepsStatus?: boolean;
  /** Issue of a member to add that does not exist. `index` is its position in the input. */
  toMissingIssue(index: number): Issue;
  readonly response: LazySchema;
  toResponse(member: Member, idPrefix: IdPrefix): object;
  /** Response to added members. */
  readonly addResponse: LazySchema;
  /** Converts added memberships. Absent in a dialect that adds and returns one member. */
  toAddResponse?(memberships: readonly Membership[], idPrefix: IdPrefix): object;
}

/** Members in a dialect that lists them page by page. */
export interface ListedGroupMemberCodec extends GroupMemberCodec {
  readonly list: ListCodec & {
    /** Parses the filter by kind. */
    toKind(query: Readonly<Record<string, unknown>>): MemberRef['kind'] | undefined;
  };
}

/** Members in a dialect that lists all of them at once. */
export interface CompleteMemberListCodec {
  /** Kinds of the members in the list. */
  readonly kinds: readonly MemberRef['kind'][];
  readonly response: LazySchema;
  toResponse(members: readonly Member[]): object;
}

/** Members in a dialect that can change their status and remove several at once. */
export interface UpdatableGroupMemberCodec extends GroupMemberCodec {
  /** Members to remove. */
  readonly removeInput: LazySchema<readonly (MemberRef | MemberName)[]>;
  /** New status of a member. */
  readonly updateInput: LazySchema<MembershipStatus>;
  toAddResponse(memberships: readonly Membership[], idPrefix: IdPrefix): object;
  /** Response to an updated member. Default: that to added members. */
  toUpdateResponse?(): object;
  /** Response to removed members. Absent for a response without a body. */
  readonly removeReply?: Reply;
}
