/** Bytes of each of the two numbers of a signature on P-256. */
const width = 32;

/**
 * An ECDSA signature on P-256 as JOSE has it (RFC 7518 §3.4), which others call IEEE P1363, r and s in 32 bytes each, from what
 * KMS gives out (RFC 3279 §2.2.3): a DER sequence of two integers, which are shorter where they begin with zeros, and have a
 * zero in front where they would look negative. Throws for anything else.
 */
export function toJoseSignature(der: Uint8Array): Buffer {
  const bytes = Buffer.from(der);
  // Both integers together are 70 bytes at most, so that every length is one byte.
  if (bytes[0] !== 0x30 || bytes[1] !== bytes.length - 2) throw notOne();
  const first = integerAt(bytes, 2);
  const second = integerAt(bytes, first.end);
  if (second.end !== bytes.length) throw notOne();
  return Buffer.concat([first.number, second.number]);
}

function integerAt(bytes: Buffer, start: number): { number: Buffer; end: number } {
  const length = bytes[start + 1] ?? 0;
  const end = start + 2 + length;
  if (bytes[start] !== 0x02 || length === 0 || end > bytes.length) throw notOne();
  const content = bytes.subarray(start + 2, end);
  const number = content[0] === 0 ? content.subarray(1) : content;
  if (number.length > width) throw notOne();
  return { number: Buffer.concat([Buffer.alloc(width - number.length), number]), end };
}

const notOne = (): Error => new Error('this is no ECDSA signature on P-256 in DER');
