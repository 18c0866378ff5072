import { createSequencerDeps } from '../../lib/deps/events/sequencer-deps.ts';
import { createSequencer } from '../../lib/events/sequencer.ts';

/** Numbers committed changes in the feeds of their tenants. */
export const handler = createSequencer(createSequencerDeps(process.env));
