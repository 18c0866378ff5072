import { canonicalizeEmail } from '../kernel/canonical.ts';
import { toHex, toUuid, uuidPattern } from '../kernel/ids.ts';

/** Purpose of a link. Part of the MAC, so a link works for one purpose only. */
export type LinkKind =
  | 'invitation'
  | 'password_reset'
  | 'credential_confirmation'
  | 'email_verification';

export interface LinkSigner {
  /** Computes HMAC-SHA-256. Throws `unavailable` if the key cannot be used. */
  mac(keyId: string, message: Buffer): Promise<Buffer>;
}

/** Verifies MACs without the permission to create them. */
export interface LinkVerifier {
  /** Compares in constant time. Throws `unavailable` if the key cannot be used. */
  verify(keyId: string, message: Buffer, mac: Buffer): Promise<boolean>;
}

/** Subject of a link. The MAC covers every field, so a change invalidates the link. */
export interface LinkSubject {
  readonly tenantId: string;
  readonly userId: string;
  /** ID of the invitation, the reset link or the confirmation, or time of the verification. */
  readonly id: string;
  /** The MAC covers the canonical form. */
  readonly email: string;
  /** Version of the invitation, or generation of the user's other links. */
  readonly version: number;
}

/** Parsed token. Its fields are untrusted until the MAC is verified. */
export interface LinkToken extends Pick<LinkSubject, 'tenantId' | 'userId' | 'version'> {
  readonly mac: Buffer;
}

const formatVersion = 1;
const macBytes = 32;

/** Builds the message of the MAC. Length prefixes make it unambiguous. */
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

/** Creates the token of a link: 92 characters of base64url, always the same for a subject. */
export async function createLinkToken(
  kind: LinkKind,
  { keyId, ...subject }: LinkSubject & { readonly keyId: string },
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

/** Parses a token. Undefined for malformed text. */
export function parseLinkToken(token: string): LinkToken | undefined {
  const bytes = Buffer.from(token, 'base64url');
  // Bytes have several base64 forms. Only the canonical one is valid.
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
  if (!uuidPattern.test(uuid)) throw new Error('An ID in a link must be a UUID');
  return Buffer.from(toHex(uuid), 'hex');
}
