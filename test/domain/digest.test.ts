import { expect, it } from 'vitest';
import { digestValues } from '../../lib/domain/feed/digest.ts';

it('computes the digest over the salt and the canonical JSON of the values', () => {
  const salt = 'AAECAwQFBgcICQoLDA0ODw';
  expect(digestValues(salt, { before: { name: 'Ada' } })).toBe(
    '9694ddfb1724f55f656b7f55cb73ad2399340bf8e2e215cd3de5901ce34b775a',
  );
  // Computed with Python's hashlib over the text in RFC 8785.
  const values = {
    before: {
      metadata: { z: 'é', '9': 1.5, '10': [{ b: null, a: 1e21 }] },
      email: 'ada@example.com',
    },
    omitted: { description: { sha256: '00', bytes: 9 } },
    after: { emailVerifiedBy: 'holder' },
  };
  expect(digestValues(salt, values)).toBe(
    '73b074c9ecab4d1fb26060ab9da87c58b8c28f40cd8a04e9cff488f33f40f251',
  );
});
