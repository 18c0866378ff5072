import { describe, it } from 'vitest';
import { aStage } from './remote.ts';
import { assertAnswered, lacking, vectorsOf } from './vectors.ts';

const stage = await aStage();

describe.each(['native', 'cradl', 'jitsudo', 'credible'])('changes of %s on the wire', (dialect) => {
  for (const vector of vectorsOf(`changes/${dialect}`)) {
    it(vector.title, async ({ skip }) => {
      const reason = lacking(vector, stage);
      skip(reason !== undefined, reason);
      await assertAnswered(vector, stage);
    });
  }
});
