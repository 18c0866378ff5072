import type { DialectsServing } from '../routes.ts';
import type { GroupCodec, GroupOperation } from './group-codec.ts';
import { jitsudoGroup } from './jitsudo.ts';
import { jitsudoGroupMember } from './jitsudo-members.ts';
import type {
  GroupMemberCodec,
  GroupMemberOperation,
  UpdatableGroupMemberCodec,
} from './member-codec.ts';
import { nativeGroup } from './native.ts';
import { nativeGroupMember } from './native-members.ts';

/** Codecs of every dialect that routes.ts lists for a group operation. */
export const groupCodecs = {
  native: nativeGroup,
  jitsudo: jitsudoGroup,
} satisfies Record<DialectsServing<GroupOperation>, GroupCodec>;

/** Codecs of every dialect that routes.ts lists for an operation on members. */
export const groupMemberCodecs = {
  native: nativeGroupMember,
  jitsudo: jitsudoGroupMember,
} satisfies Record<DialectsServing<GroupMemberOperation>, GroupMemberCodec> &
  Record<DialectsServing<'updateGroupMember' | 'removeGroupMembers'>, UpdatableGroupMemberCodec>;
