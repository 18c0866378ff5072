import type { DialectsServing } from '../routes.ts';
import { credibleGroup } from './credible.ts';
import { credibleGroupMember, credibleMemberList } from './credible-members.ts';
import type { GroupCodec, GroupOperation } from './group-codec.ts';
import { jitsudoGroup } from './jitsudo.ts';
import { jitsudoGroupMember } from './jitsudo-members.ts';
import type {
  CompleteMemberListCodec,
  GroupMemberCodec,
  GroupMemberOperation,
  ListedGroupMemberCodec,
  UpdatableGroupMemberCodec,
} from './member-codec.ts';
import { nativeGroup } from './native.ts';
import { nativeGroupMember } from './native-members.ts';

/** Codecs of every dialect that routes.ts lists for a group operation. */
export const groupCodecs = {
  native: nativeGroup,
  jitsudo: jitsudoGroup,
  credible: credibleGroup,
} satisfies Record<DialectsServing<GroupOperation>, GroupCodec>;

/** Codecs of every dialect that routes.ts lists for an operation on members. */
export const groupMemberCodecs = {
  native: nativeGroupMember,
  jitsudo: jitsudoGroupMember,
  credible: credibleGroupMember,
} satisfies Record<DialectsServing<GroupMemberOperation>, GroupMemberCodec> &
  Record<DialectsServing<'listGroupMembers'>, ListedGroupMemberCodec> &
  Record<DialectsServing<'updateGroupMember' | 'removeGroupMembers'>, UpdatableGroupMemberCodec>;

/** Codecs of every dialect that routes.ts lists for a list of all members. */
export const completeMemberListCodecs = {
  credible: credibleMemberList,
} satisfies Record<DialectsServing<'listAllGroupMembers'>, CompleteMemberListCodec>;
