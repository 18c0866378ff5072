import type { DialectsServing } from '../routes.ts';
import { credibleGroupToken } from './credible.ts';
import type { GroupTokenCodec, GroupTokenOperation } from './group-token-codec.ts';

/** Codecs of every dialect that routes.ts lists for an operation on group tokens. */
export const groupTokenCodecs = {
  credible: credibleGroupToken,
} satisfies Record<DialectsServing<GroupTokenOperation>, GroupTokenCodec>;
