import { createHash } from 'node:crypto';

export const logoTypes = ['image/png', 'image/jpeg', 'image/webp'] as const;
export type LogoType = (typeof logoTypes)[number];

const maxLogoBytes = 64 * 1024;
/** Maximum width and height in pixels. */
const maxLogoSide = 1024;

/** Image of a logo. */
export interface Logo extends Size {
  /** Base64. */
  readonly image: string;
  readonly type: LogoType;
  /** Hexadecimal start of the SHA-256 of the image. */
  readonly version: string;
}

interface Size {
  readonly width: number;
  readonly height: number;
}

/**
 * Parses a base64 data URI of an image with matching content. Returns the message of a violated
 * rule. Excludes SVG, which can contain scripts.
 */
export function parseLogo(uri: string): Logo | string {
  const [, type = '', data = ''] =
    /^data:(image\/[a-z]+);base64,([A-Za-z0-9+/]+={0,2})$/.exec(uri) ?? [];
  const bytes = Buffer.from(data, 'base64');
  const isCanonical = bytes.toString('base64') === data;
  const size = isCanonical && isLogoType(type) ? readSize[type](bytes) : undefined;
  if (!size || !isLogoType(type)) return 'must be a data URI (base64) of a PNG, JPEG or WebP image';
  if (bytes.length > maxLogoBytes) return `must have at most ${maxLogoBytes} bytes`;
  const { width, height } = size;
  if (Math.min(width, height) < 1 || Math.max(width, height) > maxLogoSide)
    return `must have a width and height of 1 to ${maxLogoSide} pixels`;
  const version = createHash('sha256').update(bytes).digest('hex').slice(0, 32);
  return { image: data, type, version, width, height };
}

const isLogoType = (type: string): type is LogoType =>
  (logoTypes as readonly string[]).includes(type);

/** Reads the size from the header of an image. Undefined for other content. */
const readSize: Readonly<Record<LogoType, (image: Buffer) => Size | undefined>> = {
  'image/png': readPngSize,
  'image/jpeg': readJpegSize,
  'image/webp': readWebpSize,
};

const pngStart = Buffer.from('89504e470d0a1a0a0000000d49484452', 'hex');

/** The first chunk is IHDR with 13 bytes (PNG §11.2.1). */
function readPngSize(image: Buffer): Size | undefined {
  if (image.length < 33 || !image.subarray(0, 16).equals(pngStart)) return undefined;
  return { width: image.readUInt32BE(16), height: image.readUInt32BE(20) };
}

/** Skips segments until the frame header, SOF0 to SOF15 (ITU-T T.81 §B.2.2). */
function readJpegSize(image: Buffer): Size | undefined {
  if (image.length < 4 || image.readUInt16BE(0) !== 0xffd8) return undefined;
  for (let offset = 2; offset + 9 <= image.length; ) {
    const [prefix, marker = 0] = image.subarray(offset, offset + 2);
    // A segment before the frame header has a length, unlike the image data after it.
    if (prefix !== 0xff || marker < 0xc0 || (marker >= 0xd0 && marker <= 0xda)) return undefined;
    if (marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker))
      return { height: image.readUInt16BE(offset + 5), width: image.readUInt16BE(offset + 7) };
    offset += 2 + Math.max(2, image.readUInt16BE(offset + 2));
  }
  return undefined;
}

/** Reads the first chunk: lossy, lossless or extended (RFC 9649 §2). */
function readWebpSize(image: Buffer): Size | undefined {
  const text = image.toString('latin1', 0, 16);
  if (image.length < 30 || !/^RIFF[^]{4}WEBPVP8[ LX]$/.test(text)) return undefined;
  const kind = text.at(-1);
  if (kind === 'X')
    return { width: image.readUIntLE(24, 3) + 1, height: image.readUIntLE(27, 3) + 1 };
  if (kind === 'L') {
    if (image[20] !== 0x2f) return undefined;
    const bits = image.readUInt32LE(21);
    return { width: (bits & 0x3fff) + 1, height: ((bits >>> 14) & 0x3fff) + 1 };
  }
  if (image.readUIntBE(23, 3) !== 0x9d012a) return undefined;
  return { width: image.readUInt16LE(26) & 0x3fff, height: image.readUInt16LE(28) & 0x3fff };
}
