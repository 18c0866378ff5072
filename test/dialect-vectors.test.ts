import { describe, it } from 'vitest';
import { aStage } from './remote.ts';
import { assertAnswered, lacking, vectorsOf } from './vectors.ts';

const stage = await aStage();

describe.each(['native', 'cradl', 'jitsudo', 'credible'])('%s on the wire', (dialect) => {
  it.for(vectorsOf(dialect))('$title', async (vector, { skip }) => {
    const reason = lacking(vector, stage);
    skip(reason !== undefined, reason);
    await assertAnswered(vector, stage);
  });
});
