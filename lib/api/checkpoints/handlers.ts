import type { RequestContext } from '../../domain/access/request-context.ts';
import {
  getCheckpointProof,
  type ProofDependencies,
} from '../../domain/checkpoints/get-checkpoint-proof.ts';
import type { Operations } from '../http/request.ts';
import { toCheckpointProof } from './native.ts';

export const checkpointHandlers = (deps: ProofDependencies) =>
  ({
    getCheckpointProof: async ({ context }) => ({
      body: toCheckpointProof(await getCheckpointProof(context, deps)),
    }),
  }) satisfies Operations<RequestContext>;
