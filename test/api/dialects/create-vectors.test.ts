import { describe, it } from 'vitest';
import { createStage } from '../../support/dialects/stage.ts';
import { assertVector, findSkipReason, readVectors } from '../../support/dialects/vectors.ts';

const stage = await createStage();

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
  for (const vector of readVectors(file)) {
    it(vector.title, async ({ skip }) => {
      const reason = findSkipReason(vector, stage);
      skip(reason !== undefined, reason);
      await assertVector(vector, stage);
    });
  }
});
