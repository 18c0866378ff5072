import { describe, it } from 'vitest';
import { aStage } from '../../support/dialects/stage.ts';
import { assertAnswered, lacking, vectorsOf } from '../../support/dialects/vectors.ts';

const stage = await aStage();

describe.each([
  'native/create-user',
  'cradl/create-user',
  'jitsudo/create-user',
  'credible/create-user',
  'native/invitations',
  'jitsudo/invitations',
  'native/roles',
  'cradl/roles',
  'cradl/app-clients',
  'jitsudo/app-clients',
])('test vectors of %s', (file) => {
  // it.each would shorten the titles.
  for (const vector of vectorsOf(file)) {
    it(vector.title, async ({ skip }) => {
      const reason = lacking(vector, stage);
      skip(reason !== undefined, reason);
      await assertAnswered(vector, stage);
    });
  }
});
