import { describe, it } from 'vitest';
import { createStage } from '../../support/dialects/stage.ts';
import { assertVector, findSkipReason, readVectors } from '../../support/dialects/vectors.ts';

const stage = await createStage();

describe.each(['native', 'cradl', 'jitsudo', 'credible'])(
  'test vectors of updates in %s',
  (dialect) => {
    for (const vector of readVectors(`${dialect}/update-user`)) {
      it(vector.title, async ({ skip }) => {
        const reason = findSkipReason(vector, stage);
        skip(reason !== undefined, reason);
        await assertVector(vector, stage);
      });
    }
  },
);
