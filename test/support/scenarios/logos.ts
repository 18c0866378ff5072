/** Images for logos: complete PNGs, and headers of other formats. */
import { crc32, deflateSync } from 'node:zlib';

const toUint32 = (value: number): Buffer => {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
};

function toPngChunk(type: string, data: Buffer): Buffer {
  const content = Buffer.concat([Buffer.from(type, 'latin1'), data]);
  return Buffer.concat([toUint32(data.length), content, toUint32(crc32(content))]);
}

/** PNG of one color, `#rrggbb`. `padding` is the size of a further chunk. */
export function createPng(width: number, height: number, color = '#0b6e4f', padding = 0): Buffer {
  const pixel = Buffer.from(color.slice(1), 'hex');
  const row = Buffer.concat([Buffer.of(0), ...Array.from({ length: width }, () => pixel)]);
  const header = Buffer.concat([toUint32(width), toUint32(height), Buffer.of(8, 2, 0, 0, 0)]);
  return Buffer.concat([
    Buffer.from('89504e470d0a1a0a', 'hex'),
    toPngChunk('IHDR', header),
    ...(padding > 0 ? [toPngChunk('tEXt', Buffer.alloc(padding, 'x'))] : []),
    toPngChunk('IDAT', deflateSync(Buffer.concat(Array.from({ length: height }, () => row)))),
    toPngChunk('IEND', Buffer.alloc(0)),
  ]);
}

/** JPEG of 300 × 200 pixels, with an application segment before the frame header. */
export const jpegHeader = Buffer.from(
  'ffd8ffe000104a46494600010100000100010000ffc000110800c8012c03012200021101031101',
  'hex',
);

/** WebP of 300 × 200 pixels in each of its three forms. */
export const webpHeaders = {
  lossy: toWebp('VP8 ', 'b018019d012a2c01c80000000000'),
  lossless: toWebp('VP8L', '2f2bc13100' + '00'.repeat(10)),
  extended: toWebp('VP8X', '000000002b0100c7000000000000'),
};

function toWebp(kind: string, hex: string): Buffer {
  const size = Buffer.alloc(4);
  const data = Buffer.from(hex, 'hex');
  size.writeUInt32LE(data.length);
  return Buffer.concat([Buffer.from('RIFF'), size, Buffer.from(`WEBP${kind}`), size, data]);
}

export const toDataUri = (type: string, image: Buffer): string =>
  `data:image/${type};base64,${image.toString('base64')}`;
