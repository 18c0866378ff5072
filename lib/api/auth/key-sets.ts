import * as http from 'node:http';
import * as https from 'node:https';
import { isJwks } from 'aws-jwt-verify/jwk';

/** The keys of an issuer cannot be fetched. */
export class KeysUnavailable extends Error {
  override readonly name = 'KeysUnavailable';
}

/** Scheme of key set URIs without an address, for inline keys. */
export const inlineKeysScheme = 'by-value:';

/** Key set URI of Roster's own keys. */
export const ownKeysUri = `${inlineKeysScheme}own`;

const fetchTimeoutMs = 1500;
const maxKeySetBytes = 512 * 1024;
const retryDelayMs = 3000;

/**
 * Creates the function that fetches key sets. It throws `KeysUnavailable`, and fetches nothing for
 * 3 s after a failure, so forged key IDs cannot overload a failing issuer.
 */
export function createKeySetFetcher(
  getOwnKeys: () => Promise<readonly object[]>,
  nowMs: () => number,
): (uri: string) => Promise<ArrayBuffer> {
  const failedAtMs = new Map<string, number>();
  return async (uri) => {
    if (uri.startsWith(inlineKeysScheme) && uri !== ownKeysUri)
      throw new Error('the issuer has no such key');
    if (nowMs() - (failedAtMs.get(uri) ?? -Infinity) < retryDelayMs)
      throw new KeysUnavailable('the last attempt has just failed');
    try {
      const bytes =
        uri === ownKeysUri
          ? Buffer.from(JSON.stringify({ keys: await getOwnKeys() }))
          : await get(uri);
      const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
      if (!isJwks(JSON.parse(text))) throw new Error('not a key set');
      return new Uint8Array(bytes).buffer;
    } catch (error) {
      failedAtMs.set(uri, nowMs());
      throw new KeysUnavailable('the key set cannot be fetched', { cause: error });
    }
  };
}

/** Uses `node:http`, because `fetch` loads another HTTP client and slows down a cold start. */
const get = (uri: string): Promise<Buffer> =>
  new Promise((resolve, reject) => {
    const request = (uri.startsWith('https:') ? https : http).get(
      uri,
      { signal: AbortSignal.timeout(fetchTimeoutMs) },
      (response) => {
        const chunks: Buffer[] = [];
        let length = 0;
        response.on('error', reject);
        response.on('data', (chunk: Buffer) => {
          chunks.push(chunk);
          length += chunk.length;
          if (length > maxKeySetBytes) request.destroy(new Error('the key set is too large'));
        });
        response.on('end', () =>
          response.statusCode === 200
            ? resolve(Buffer.concat(chunks))
            : reject(new Error(`status ${response.statusCode}`)),
        );
      },
    );
    request.on('error', reject);
  });
