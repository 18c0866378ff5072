import { canonicalizeEmail } from '../kernel/canonical.ts';
import { toHex, toUuid, uuidPattern } from '../kernel/ids.ts';

/** What a link is for. It is part of the MAC, so that a link of one kind never stands in for one of another. */
export type LinkKind = 'invitation' | 'password_reset' | 'credential_confirmation';

/** Makes the MACs of links. Fails with `unavailable` when the key cannot be used. */
export interface LinkSigner {
  /** HMAC-SHA-256 over the message, under the key with this id. */
  mac(keyId: string, message: Buffer): Promise<Buffer>;
}

/** Tells whether a MAC is genuine, in constant time, and can make none. Fails with `unavailable`. */
export interface LinkVerifier {
  verify(keyId: string, message: Buffer, mac: Buffer): Promise<boolean>;
}

/** What a link is about: all of it is in the MAC, so that nothing of it can change and leave the link good. */
export interface LinkSubject {
  readonly tenantId: string;
  readonly userId: string;
  /** The id of the invitation, or of the link where it is for a new password. */
  readonly id: string;
  /** As it was typed; the canonical form counts. */
  readonly email: string;
  /** Of the invitation; of the user where the link is for a new password. */
  readonly version: number;
}

/** What the token of a link says in plain: where to look. None of it is to be believed before the MAC is. */
export interface LinkToken extends Pick<LinkSubject, 'tenantId' | 'userId' | 'version'> {
  readonly mac: Buffer;
}

const formatVersion = 1;
const macBytes = 32;

/** Each part with its length in front, so that no two lists of parts make one message. */
export function buildLinkMessage(
  kind: LinkKind,
  { tenantId, userId, id, email, version }: LinkSubject,
): Buffer {
  const parts = [
    'roster link',
    kind,
    tenantId,
    userId,
    id,
    canonicalizeEmail(email),
    String(version),
  ].map((part) => Buffer.from(part));
  return Buffer.concat(parts.flatMap((part) => [toUint32(part.length), part]));
}

/** The token of a link: the same for as long as what it is about stays the same. 92 characters of base64url. */
export async function createLinkToken(
  kind: LinkKind,
  subject: LinkSubject,
  keyId: string,
  signer: LinkSigner,
): Promise<string> {
  const mac = await signer.mac(keyId, buildLinkMessage(kind, subject));
  return Buffer.concat([
    Buffer.of(formatVersion),
    toUuidBytes(subject.tenantId),
    toUuidBytes(subject.userId),
    toUint32(subject.version),
    mac,
  ]).toString('base64url');
}

/** The parts of a token; undefined for what cannot be one. */
export function parseLinkToken(token: string): LinkToken | undefined {
  const bytes = Buffer.from(token, 'base64url');
  // Base64 has several spellings for the same bytes: one counts.
  if (
    bytes.length !== 1 + 16 + 16 + 4 + macBytes ||
    bytes[0] !== formatVersion ||
    bytes.toString('base64url') !== token
  )
    return undefined;
  return {
    tenantId: toUuid(bytes.toString('hex', 1, 17)),
    userId: toUuid(bytes.toString('hex', 17, 33)),
    version: bytes.readUInt32BE(33),
    mac: bytes.subarray(37),
  };
}

const toUint32 = (value: number): Buffer => {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
};

function toUuidBytes(uuid: string): Buffer {
  if (!uuidPattern.test(uuid)) throw new Error('an id that is no UUID cannot be part of a link');
  return Buffer.from(toHex(uuid), 'hex');
}
