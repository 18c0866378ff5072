import { describe, it } from 'vitest';
import { aStage } from '../../support/dialects/stage.ts';
import { assertAnswered, lacking, vectorsOf } from '../../support/dialects/vectors.ts';

const stage = await aStage();

describe.each(['native', 'cradl', 'jitsudo', 'credible'])(
  'test vectors of updates in %s',
  (dialect) => {
    for (const vector of vectorsOf(`${dialect}/update-user`)) {
      it(vector.title, async ({ skip }) => {
        const reason = lacking(vector, stage);
        skip(reason !== undefined, reason);
        await assertAnswered(vector, stage);
      });
    }
  },
);
