import { Failure } from '../../domain/kernel/failure.ts';
import { eventErrors } from '../doc-parts.ts';
import type { ResourceDoc } from '../operation-doc.ts';
import { checkpointProof } from './native.ts';

const hash = '9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08';

/** OpenAPI texts of checkpoints. */
export const checkpointDoc: ResourceDoc<'getCheckpointProof'> = {
  name: 'Checkpoints',
  description: 'Signed heads of all event feeds, which prove that a feed was not changed.',
  operations: {
    getCheckpointProof: {
      summary: 'Get a checkpoint proof',
      description:
        'Returns the latest checkpoint, and the proof that it contains the feed of the tenant up to `sequence`. Checkpoints are taken daily. Store them outside of the service: a later change of an earlier event leads to another hash. The proof reveals nothing about other tenants. Requires the permission `audit:read`.',
      errors: {
        ...eventErrors,
        not_found: {
          text: 'no checkpoint contains the tenant yet',
          example: new Failure('not_found', 'No checkpoint contains this tenant yet'),
        },
      },
      content: () => ({
        response: {
          schema: checkpointProof(),
          example: {
            sequence: 53,
            hash,
            note: 'roster/Roster/12/2026-12-01T02:00:00.000Z\n3\n1jIZzUVqZmFg0nYyeSxqlrmdUPjgnD7vGbyB2Ul9Gyg=\n\n— roster/Roster YJN85zBEAiBkLzdjY8A9HReU7rmtjwZ+JpSuYtEr9SmvSwUIW7FBjgIgKo+vhkW3tqc+gc8fw9gza3xLoncA8a+MTaJYCaLGA9c=\n',
            publicKey:
              'roster/Roster+60937ce7+AjBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABPGeZuGThLhujUjfUwRKALKs34xA81QgcyF1pYqHVA8pvtbm6APJgY4K7M+7wMQdMepzr8FxnEZNWYGPcR7t/y0=',
            leaf: `4c1d1c5a1ad1ff0d4bd2d0ab6b7d6a4f7a4e8a5b0cf1ae6a0d6ac7cb53e9d4e1 53 ${hash} 1830124800`,
            leafIndex: 2,
            path: ['bjQLnP+zepicpUTmu3gKLHiQHT+zNzh2hRGjBhevoB0='],
          },
        },
        responseDescription: 'The checkpoint and the proof.',
      }),
    },
  },
};
