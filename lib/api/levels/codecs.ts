import type { DialectsServing } from '../routes.ts';
import { credibleLevel } from './credible.ts';
import type { LevelCodec, LevelOperation } from './level-codec.ts';

/** Codecs of every dialect that routes.ts lists for a level operation. */
export const levelCodecs = {
  credible: credibleLevel,
} satisfies Record<DialectsServing<LevelOperation>, LevelCodec>;
