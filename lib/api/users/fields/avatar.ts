const signatures: Readonly<Record<string, (bytes: Buffer) => boolean>> = {
  png: (bytes) =>
    bytes.subarray(0, 8).equals(Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a])),
  jpeg: (bytes) => bytes.subarray(0, 3).equals(Buffer.from([0xff, 0xd8, 0xff])),
  gif: (bytes) => ['GIF87a', 'GIF89a'].includes(bytes.toString('latin1', 0, 6)),
  webp: (bytes) =>
    bytes.toString('latin1', 0, 4) === 'RIFF' && bytes.toString('latin1', 8, 12) === 'WEBP',
};

/** True for a raster image, or for a web address without credentials. */
export function isPicture(text: string): boolean {
  if (isRasterImage(text)) return true;
  if (text.includes('\\') || !URL.canParse(text)) return false;
  const { protocol, username, password } = new URL(text);
  return /^https?:$/.test(protocol) && username === '' && password === '';
}

/**
 * True for a base64 data URI of a raster image with matching content. Rejects SVG, which can
 * contain scripts.
 */
export function isRasterImage(uri: string): boolean {
  const [, type = '', data = ''] =
    /^data:image\/(png|jpeg|gif|webp);base64,([A-Za-z0-9+/]+={0,2})$/.exec(uri) ?? [];
  const bytes = Buffer.from(data, 'base64');
  return bytes.toString('base64') === data && signatures[type]?.(bytes) === true;
}
