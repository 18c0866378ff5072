import { createECDH, createPublicKey } from 'node:crypto';

/** Order of P-256 (SEC 2 §2.4.2). */
const order = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n;

/** P-256 key pair in KMS. */
interface LocalSigningKey {
  /** SPKI in DER. */
  readonly publicKey: Buffer;
  /** ECDSA signature of a 32-byte digest, in DER. `node:crypto` cannot sign digests. */
  sign(digest: Buffer): Buffer;
}

/** Creates the key pair of a 32-byte private key. About one value in 2³² is out of range. */
export function createLocalSigningKey(secret: Buffer): LocalSigningKey {
  const pair = createECDH('prime256v1');
  pair.setPrivateKey(secret);
  const point = pair.getPublicKey();
  const coordinates = {
    x: point.subarray(1, 33).toString('base64url'),
    y: point.subarray(33).toString('base64url'),
  };
  const publicKey = createPublicKey({
    key: { kty: 'EC', crv: 'P-256', ...coordinates },
    format: 'jwk',
  });
  return {
    publicKey: publicKey.export({ format: 'der', type: 'spki' }),
    sign: (digest) => {
      const once = createECDH('prime256v1');
      const r = toBigInt(once.generateKeys().subarray(1, 33)) % order;
      const s =
        (invert(toBigInt(once.getPrivateKey())) * (toBigInt(digest) + r * toBigInt(secret))) %
        order;
      const content = Buffer.concat([encodeInteger(r), encodeInteger(s)]);
      return Buffer.concat([Buffer.from([0x30, content.length]), content]);
    },
  };
}

const toBigInt = (bytes: Buffer): bigint => BigInt(`0x${bytes.toString('hex')}`);

/** Fermat's little theorem: the order is prime. */
function invert(number: bigint): bigint {
  let result = 1n;
  for (
    let [base, exponent] = [number, order - 2n];
    exponent > 0n;
    base = (base * base) % order, exponent >>= 1n
  ) {
    if (exponent & 1n) result = (result * base) % order;
  }
  return result;
}

/**
 * Encodes a positive integer in DER, without leading zeros except the one that keeps it positive.
 */
function encodeInteger(number: bigint): Buffer {
  const digits = number.toString(16);
  const bytes = Buffer.from(digits.padStart(digits.length + (digits.length % 2), '0'), 'hex');
  const content = (bytes[0] ?? 0) >= 0x80 ? Buffer.concat([Buffer.of(0), bytes]) : bytes;
  return Buffer.concat([Buffer.of(0x02, content.length), content]);
}
