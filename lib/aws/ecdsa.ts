/** Size of r and of s on P-256. */
const integerBytes = 32;

/**
 * Converts a P-256 signature from DER (RFC 3279 §2.2.3), as KMS returns it, to the JOSE format
 * (RFC 7518 §3.4). DER omits leading zeros and adds one to integers that would be negative.
 */
export function toJoseSignature(der: Uint8Array): Buffer {
  const bytes = Buffer.from(der);
  // The content has 70 bytes at most, so each length is one byte.
  if (bytes[0] !== 0x30 || bytes[1] !== bytes.length - 2) throw invalidSignature();
  const first = readInteger(bytes, 2);
  const second = readInteger(bytes, first.end);
  if (second.end !== bytes.length) throw invalidSignature();
  return Buffer.concat([first.number, second.number]);
}

function readInteger(bytes: Buffer, start: number): { number: Buffer; end: number } {
  const length = bytes[start + 1] ?? 0;
  const end = start + 2 + length;
  if (bytes[start] !== 0x02 || length === 0 || end > bytes.length) throw invalidSignature();
  const content = bytes.subarray(start + 2, end);
  const number = content[0] === 0 ? content.subarray(1) : content;
  if (number.length > integerBytes) throw invalidSignature();
  return { number: Buffer.concat([Buffer.alloc(integerBytes - number.length), number]), end };
}

const invalidSignature = (): Error => new Error('Signature is not P-256 ECDSA in DER');
