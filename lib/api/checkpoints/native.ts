import * as z from 'zod';
import type { Anchor } from '../../domain/checkpoints/checkpoint-store.ts';
import { responseSchema } from '../codec.ts';

export const checkpointProof = responseSchema(() =>
  z
    .strictObject({
      sequence: z
        .int()
        .min(1)
        .meta({ description: 'Number of the last event that the checkpoint contains.' }),
      hash: z.string().meta({ description: 'Hash (SHA-256, hex) of the segment with this event.' }),
      note: z.string().meta({
        description:
          'Signed checkpoint (c2sp.org/tlog-checkpoint): origin with number and time, number of leaves, and root hash. The signature is ECDSA on P-256.',
      }),
      publicKey: z
        .string()
        .meta({ description: 'Verifier key of the note (c2sp.org/signed-note).' }),
      leaf: z.string().meta({
        description:
          'Data of the leaf of this tenant: hash of the tenant, number and hash above, and the end of the retention in seconds since 1970.',
      }),
      leafIndex: z.int().min(0).meta({ description: 'Position of the leaf in the tree.' }),
      path: z.array(z.string()).meta({
        description: 'Hashes (base64) from the leaf to the root (RFC 6962 §2.1.1).',
      }),
    })
    .meta({ id: 'CheckpointProof' }),
);

export const toCheckpointProof = ({ sequence, hash, proof }: Anchor) => ({
  sequence,
  hash,
  ...proof,
});
