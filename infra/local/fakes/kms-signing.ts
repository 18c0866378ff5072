import { createECDH, createPublicKey } from 'node:crypto';

/** The number of points of P-256 (SEC 2 §2.4.2). */
const order = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n;

/** A key on P-256, as KMS holds one. */
interface LocalSigningKey {
  /** DER, as in SPKI. */
  readonly publicKey: Buffer;
  /** ECDSA of a digest of 32 bytes, in DER. `node:crypto` signs no digests, only what it hashes itself. */
  sign(digest: Buffer): Buffer;
}

/** The key whose secret is these 32 bytes, of which all but one in four thousand millions will do. */
export function localSigningKey(secret: Buffer): LocalSigningKey {
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
      const r = numberIn(once.generateKeys().subarray(1, 33)) % order;
      const s =
        (inverse(numberIn(once.getPrivateKey())) * (numberIn(digest) + r * numberIn(secret))) %
        order;
      const content = Buffer.concat([integer(r), integer(s)]);
      return Buffer.concat([Buffer.from([0x30, content.length]), content]);
    },
  };
}

const numberIn = (bytes: Buffer): bigint => BigInt(`0x${bytes.toString('hex')}`);

/** By Fermat: the order is a prime. */
function inverse(number: bigint): bigint {
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

/** A positive integer in DER: with no zeros in front, but for the one that keeps it from being negative. */
function integer(number: bigint): Buffer {
  const digits = number.toString(16);
  const bytes = Buffer.from(digits.padStart(digits.length + (digits.length % 2), '0'), 'hex');
  const content = (bytes[0] ?? 0) >= 0x80 ? Buffer.concat([Buffer.of(0), bytes]) : bytes;
  return Buffer.concat([Buffer.of(0x02, content.length), content]);
}
