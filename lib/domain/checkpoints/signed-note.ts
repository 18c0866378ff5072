import { createHash, createPublicKey, type KeyObject, verify } from 'node:crypto';

/** Identifier of ECDSA signatures in the C2SP signed note format (c2sp.org/signed-note). */
const ecdsaType = Buffer.from([2]);
const keyIdBytes = 4;

/** Public key with its name. It is the log's own name, so notes of another log do not verify. */
export interface NoteKey {
  /** Contains neither spaces nor `+`. */
  readonly name: string;
  readonly publicKey: KeyObject;
}

/** Creates ECDSA signatures in DER over the SHA-256 of a text. */
export interface NoteSigner extends NoteKey {
  sign(text: string): Promise<Uint8Array>;
}

const exportKey = ({ publicKey }: NoteKey): Buffer =>
  publicKey.export({ format: 'der', type: 'spki' });

const computeKeyId = (key: NoteKey): Buffer =>
  createHash('sha256').update(exportKey(key)).digest().subarray(0, keyIdBytes);

/** Signs a text that ends with a newline. */
export async function signNote(text: string, signer: NoteSigner): Promise<string> {
  const signature = Buffer.concat([computeKeyId(signer), await signer.sign(text)]);
  return `${text}\n— ${signer.name} ${signature.toString('base64')}\n`;
}

/** Reads the text of a note. Undefined without a valid signature of the key. */
export function openNote(note: string, key: NoteKey): string | undefined {
  const separator = note.lastIndexOf('\n\n');
  const text = note.slice(0, separator + 1);
  if (separator < 0) return undefined;
  const signatures = note
    .slice(separator + 2)
    .split('\n')
    .flatMap((line) => {
      const [, name, base64 = ''] = /^— (\S+) (\S+)$/.exec(line) ?? [];
      const bytes = Buffer.from(base64, 'base64');
      const isOfKey = name === key.name && bytes.subarray(0, keyIdBytes).equals(computeKeyId(key));
      return isOfKey ? [bytes.subarray(keyIdBytes)] : [];
    });
  const isValid = (signature: Uint8Array): boolean =>
    verify('sha256', Buffer.from(text), key.publicKey, signature);
  return signatures.length > 0 && signatures.every(isValid) ? text : undefined;
}

/** Formats a key as a verifier key of the C2SP signed note format. */
export const formatNoteKey = (key: NoteKey): string =>
  [
    key.name,
    computeKeyId(key).toString('hex'),
    Buffer.concat([ecdsaType, exportKey(key)]).toString('base64'),
  ].join('+');

/** Parses a verifier key. Undefined for another format or type. */
export function parseNoteKey(text: string): NoteKey | undefined {
  const [, name = '', keyId, base64 = ''] = /^([^\s+]+)\+([0-9a-f]{8})\+(\S+)$/.exec(text) ?? [];
  const bytes = Buffer.from(base64, 'base64');
  if (!bytes.subarray(0, 1).equals(ecdsaType)) return undefined;
  try {
    const publicKey = createPublicKey({ key: bytes.subarray(1), format: 'der', type: 'spki' });
    const key = { name, publicKey };
    return computeKeyId(key).toString('hex') === keyId ? key : undefined;
  } catch {
    return undefined;
  }
}
