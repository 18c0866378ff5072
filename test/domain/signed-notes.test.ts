/** Formats of checkpoints, with the vectors of other implementations. */
import { generateKeyPairSync, sign } from 'node:crypto';
import { expect, it } from 'vitest';
import {
  computeAuditPaths,
  followAuditPath,
  hashLeaf,
} from '../../lib/domain/checkpoints/merkle-tree.ts';
import {
  formatNoteKey,
  openNote,
  parseNoteKey,
  signNote,
} from '../../lib/domain/checkpoints/signed-note.ts';

/** Leaves and roots of github.com/transparency-dev/merkle (testonly/constants.go). */
const leafInputs = ['', '00', '10', '2021', '3031', '40414243', '5051525354555657'].concat(
  '606162636465666768696a6b6c6d6e6f',
);
const roots = [
  'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
  '6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d',
  'fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125',
  'aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77',
  'd37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7',
  '4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4',
  '76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef',
  'ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c',
  '5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328',
];
const leaves = leafInputs.map((hex) => hashLeaf(Buffer.from(hex, 'hex').toString('latin1')));

it('computes the roots and paths of RFC 6962', () => {
  for (const [size, root] of roots.entries()) {
    const tree = computeAuditPaths(leaves.slice(0, size));
    expect(tree.root.toString('hex')).toBe(root);
    for (const [index, path] of tree.paths.entries()) {
      const proof = { leaf: leaves[index]!, index, size, path };
      expect(followAuditPath(proof)).toEqual(tree.root);
      for (const changed of [
        { leaf: hashLeaf('another') },
        { index: (index + 1) % 16 },
        { size: size * 2 + 1 },
        { path: [...path, tree.root] },
        { path: path.slice(1), size: size === 1 ? 2 : size },
      ])
        expect(followAuditPath({ ...proof, ...changed }), `${size} ${index}`).not.toEqual(
          tree.root,
        );
    }
  }
});

// Checkpoints and public key of rekor.sigstore.dev, which signs with ECDSA on P-256.
const rekor = parseNoteKey(
  'rekor.sigstore.dev+c0d23d6a+AjBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABNhtmPtrWm3U1eQXBogSMdGvXwBcK5AW5i0hrZLOC96l+smGNM7nwZ4QvFK/4sueRoVj//QP22Ni4Qt9DPfkWLc=',
)!;
const rekorText = `rekor.sigstore.dev - 2605736670972794746
86482791
FehZ1/6CqPAFDaEM1N4xOsFZO1rD6v8nmu8yMjUqzAg=
`;
const rekorSignature =
  '— rekor.sigstore.dev wNI9ajBEAiBTwFlsQciw2QNcGmPqCfPnArWAV9kgEygav9EeVsa+RgIgC0Q4vazfZksnzDkqpv687OTF99KnwtI8fb9a9pUHoOU=\n';

it('reads signed notes of another log, and rejects changed ones', () => {
  const note = `${rekorText}\n${rekorSignature}`;
  expect(openNote(note, rekor)).toBe(rekorText);
  // Signatures of other keys are ignored.
  expect(openNote(`${note}— witness.example AAAAAQID\n`, rekor)).toBe(rekorText);

  for (const changed of [
    note.replace('86482791', '86482792'),
    `${rekorText}\n`,
    rekorText,
    note.replace('rekor.sigstore.dev wNI9', 'rekor.example wNI9'),
    // A valid signature does not make up for an invalid one of the same key.
    `${note}${rekorSignature.replace('BTwFls', 'BTwFlt')}`,
  ])
    expect(openNote(changed, rekor)).toBeUndefined();
});

it('writes notes and verifier keys that it reads', async () => {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const key = { name: 'roster/Roster', publicKey };
  const signer = {
    ...key,
    sign: async (text: string) => sign('sha256', Buffer.from(text), privateKey),
  };
  const note = await signNote('first\n\nsecond\n', signer);

  const parsed = parseNoteKey(formatNoteKey(key))!;
  expect(openNote(note, parsed)).toBe('first\n\nsecond\n');
  expect(openNote(note, { ...parsed, name: 'roster/Other' })).toBeUndefined();
  expect(formatNoteKey(rekor)).toContain('rekor.sigstore.dev+c0d23d6a+AjBZ');
  // An Ed25519 key, and a key with the ID of another.
  const other = formatNoteKey(key).replace(/\+[0-9a-f]{8}\+/, '+c0d23d6a+');
  for (const text of [
    other,
    'example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k',
    'no key',
  ])
    expect(parseNoteKey(text)).toBeUndefined();
});
