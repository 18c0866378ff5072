import { createCheckpointDeps } from '../../lib/deps/events/checkpoint-deps.ts';
import { createCheckpoints } from '../../lib/events/checkpoints.ts';

/** Signs the heads of all event feeds. */
export const handler = createCheckpoints(createCheckpointDeps(process.env));
