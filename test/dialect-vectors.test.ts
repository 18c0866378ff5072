import { describe, it } from 'vitest';
import { aStage } from './remote.ts';
import { assertAnswered, lacking, vectorsOf } from './vectors.ts';

const stage = await aStage();

describe.each([
  'native',
  'cradl',
  'jitsudo',
  'credible',
  'invitations/native',
  'invitations/jitsudo',
  'roles/native',
  'roles/cradl',
  'app-clients/cradl',
  'app-clients/jitsudo',
])('%s on the wire', (dialect) => {
  // Not it.each, which cuts titles short.
  for (const vector of vectorsOf(dialect)) {
    it(vector.title, async ({ skip }) => {
      const reason = lacking(vector, stage);
      skip(reason !== undefined, reason);
      await assertAnswered(vector, stage);
    });
  }
});
